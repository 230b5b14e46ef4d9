/** A sentence in a tinted box, with room for what to do about it; or in a band across the window. */
import { CircleAlert, CircleCheck } from "lucide-react";
import type { ReactNode } from "react";
import type { Tone } from "./Badge.tsx";
import { cx } from "./class-names.ts";

const TONES: Record<Tone, string> = {
  neutral: "bg-sunken text-soft",
  accent: "bg-tint text-ink",
  ok: "bg-ok-tint text-ok",
  warn: "bg-warn-tint text-warn",
  danger: "bg-danger-tint text-danger",
};

export interface NoticeProps {
  tone?: Tone;
  icon?: ReactNode;
  /** With the mark of what is wrong, or of what is well. */
  isMarked?: boolean;
  action?: ReactNode;
  className?: string;
  role?: "status" | "alert";
  /** Without it there is nothing to say, and nothing is shown. */
  children: ReactNode;
}

export function Notice({ tone = "neutral", icon, isMarked, action, className, role, children }: NoticeProps) {
  if (!children) return null;
  const Mark = tone === "ok" ? CircleCheck : CircleAlert;
  const mark = isMarked ? <Mark size={15} aria-hidden /> : icon;
  return (
    <div role={role} className={cx("flex items-start gap-2.5 rounded-md px-3 py-2 text-base", TONES[tone], className)}>
      {mark ? <span className="flex h-5 items-center">{mark}</span> : null}
      <div className="min-w-0 flex-1 [overflow-wrap:anywhere]">{children}</div>
      {action}
    </div>
  );
}

/** Something that holds for all of what stands below, and the way out of it. */
export function Banner(props: { icon: ReactNode; title: string; action: ReactNode; children: ReactNode }) {
  return (
    <div
      role="status"
      className="flex min-h-10 shrink-0 flex-wrap items-center gap-x-2.5 gap-y-1 border-b border-line bg-warn-tint px-5 py-1.5 text-base max-sm:px-4"
    >
      <span className="shrink-0 text-warn">{props.icon}</span>
      <p className="min-w-0 flex-1 basis-56">
        <span className="font-semibold">{props.title}</span> {props.children}
      </p>
      {props.action}
    </div>
  );
}
