/** The mark of what opens: it turns down when the button of class `group` around it is expanded. */
import { ChevronRight } from "lucide-react";
import { cx } from "./class-names.ts";

export function Chevron({ size = 14, className = "shrink-0 text-faint" }: { size?: number; className?: string }) {
  const turn = "transition-transform duration-100 group-aria-expanded:rotate-90";
  return <ChevronRight size={size} aria-hidden className={cx(turn, className)} />;
}
