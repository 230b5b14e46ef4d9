/** A sentence in a tinted box, with room for what to do about it. */
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
  action?: ReactNode;
  className?: string;
  role?: "status" | "alert";
  children: ReactNode;
}

export function Notice({ tone = "neutral", icon, action, className, role, children }: NoticeProps) {
  return (
    <div role={role} className={cx("flex items-start gap-2.5 rounded-md px-3 py-2 text-base", TONES[tone], className)}>
      {icon ? <span className="flex h-5 items-center">{icon}</span> : null}
      <div className="min-w-0 flex-1 [overflow-wrap:anywhere]">{children}</div>
      {action}
    </div>
  );
}
