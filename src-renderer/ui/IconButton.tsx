/** A button that is only a picture: named for screen readers, and told in a tooltip. */
import { Tooltip } from "@base-ui/react/tooltip";
import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { cx } from "./class-names.ts";
import { Keys } from "./Keys.tsx";

export interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "children"> {
  /** The name, also the tooltip. */
  label: string;
  icon: ReactNode;
  /** The shortcut, as in `mod+K`. */
  keys?: string;
  size?: "small" | "normal";
  isPressed?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function IconButton({ label, icon, keys, size = "normal", isPressed, className, ...rest }: IconButtonProps) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger
        render={<button type="button" {...rest} />}
        aria-label={label}
        {...(isPressed === undefined ? {} : { "aria-pressed": isPressed })}
        className={cx(
          "no-drag inline-flex shrink-0 items-center justify-center rounded-md text-soft select-none",
          "transition-colors duration-100 hover:bg-hover hover:text-ink active:bg-press disabled:opacity-40",
          "aria-pressed:bg-press aria-pressed:text-ink data-popup-open:bg-hover data-popup-open:text-ink",
          size === "small" ? "size-7 touch:size-11" : "size-8 touch:size-11",
          className,
        )}
      >
        {icon}
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Positioner sideOffset={6} className="z-50">
          <Tooltip.Popup className="flex items-center gap-2 rounded-md bg-ink px-2 py-1 text-small text-canvas shadow-pop transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0">
            {label}
            {keys ? <Keys keys={keys} isInverted /> : null}
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
