/** A keyboard shortcut, in the words of the system: ⌘K on a Mac, Ctrl K elsewhere. */
import { cx } from "./class-names.ts";

const MAC: Record<string, string> = { mod: "⌘", alt: "⌥", shift: "⇧", enter: "↵", up: "↑", down: "↓", esc: "esc" };
const OTHER: Record<string, string> = {
  mod: "Ctrl",
  alt: "Alt",
  shift: "Shift",
  enter: "Enter",
  up: "↑",
  down: "↓",
  esc: "Esc",
};

/** True where the command key is the modifier. */
export function isMac(): boolean {
  return /mac|iphone|ipad/i.test(navigator.platform);
}

/** The keys of `mod+alt+K` as a person reads them. */
export function toKeyNames(keys: string): string[] {
  const names = isMac() ? MAC : OTHER;
  return keys.split("+").map((key) => names[key] ?? key);
}

export function Keys({ keys, isInverted }: { keys: string; isInverted?: boolean }) {
  return (
    <span className="inline-flex items-center gap-0.5" aria-hidden>
      {toKeyNames(keys).map((name) => (
        <kbd
          key={name}
          className={cx(
            "inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-sm px-1 text-micro",
            isInverted ? "text-current opacity-75" : "border border-line bg-sunken text-soft",
          )}
        >
          {name}
        </kbd>
      ))}
    </span>
  );
}
