/** The button, in four weights. Text buttons only; a picture alone is an `IconButton`. */
import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { cx } from "./class-names.ts";
import { Spinner } from "./Spinner.tsx";

export type ButtonLook = "primary" | "plain" | "ghost" | "danger";

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: ButtonLook;
  size?: "small" | "normal";
  icon?: ReactNode;
  /** Shows a spinner and takes no presses. */
  isBusy?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

const LOOKS: Record<ButtonLook, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-hover",
  plain: "border border-edge bg-raised text-ink hover:bg-hover active:bg-press",
  ghost: "text-soft hover:bg-hover hover:text-ink active:bg-press",
  danger: "border border-edge bg-raised text-danger hover:border-danger hover:bg-danger-tint",
};

export function Button({ look = "plain", size = "normal", icon, isBusy, className, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled === true || isBusy === true}
      className={cx(
        "inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap select-none",
        "transition-colors duration-100 disabled:opacity-50 touch:min-h-11",
        size === "small" ? "h-7 px-2.5 text-small" : "h-8 px-3 text-base",
        LOOKS[look],
        className,
      )}
    >
      {isBusy ? <Spinner /> : icon}
      {children}
    </button>
  );
}
