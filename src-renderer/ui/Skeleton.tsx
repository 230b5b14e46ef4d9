/** A grey stand-in for something that loads. Silent for screen readers. */
import { cx } from "./class-names.ts";

export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cx("animate-blink rounded-sm bg-hover", className)} />;
}
