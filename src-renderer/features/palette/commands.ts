/** The shortcuts, in one table for the keyboard, the sheet and the palette. Pure. */
import type { en } from "../../i18n/locales/en.ts";

interface Shortcut {
  name: keyof (typeof en)["shortcuts"];
  /** `mod` is Command on a Mac and Control elsewhere. */
  keys: string;
}

export const SHORTCUTS = [
  { name: "newChat", keys: "mod+N" },
  { name: "search", keys: "mod+F" },
  { name: "palette", keys: "mod+K" },
  { name: "settings", keys: "mod+," },
  { name: "approvals", keys: "mod+J" },
  { name: "channels", keys: "mod+I" },
  { name: "list", keys: "mod+/" },
  { name: "previous", keys: "alt+up" },
  { name: "next", keys: "alt+down" },
] as const satisfies readonly Shortcut[];

export type ShortcutName = (typeof SHORTCUTS)[number]["name"];

/** Those that the text field has of its own. */
export const FIELD_SHORTCUTS: readonly Shortcut[] = [
  { name: "send", keys: "enter" },
  { name: "newLine", keys: "shift+enter" },
  { name: "stop", keys: "esc" },
];

type KeyPress = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

/** The shortcut that a key press stands for. */
export function toShortcut(press: KeyPress, isMac: boolean): ShortcutName | undefined {
  const isMod = isMac ? press.metaKey && !press.ctrlKey : press.ctrlKey && !press.metaKey;
  const key = press.key.toLowerCase();
  const found = SHORTCUTS.find(({ keys }) => {
    const parts = keys.toLowerCase().split("+");
    const wanted = parts.at(-1);
    const wantsAlt = parts.includes("alt");
    if (wantsAlt !== press.altKey || parts.includes("mod") !== isMod) return false;
    return wanted === key || (wanted === "up" && key === "arrowup") || (wanted === "down" && key === "arrowdown");
  });
  // Shift is only let through where a layout needs it to type the key (a slash on a German keyboard).
  return press.shiftKey && found?.name !== "list" ? undefined : found?.name;
}

/** The conversation above or below the open one, in the order of the list. */
export function toNeighbour(keys: readonly string[], active: string, step: 1 | -1): string | undefined {
  const at = keys.indexOf(active);
  if (at === -1) return step === 1 ? keys[0] : undefined;
  return keys[at + step];
}
