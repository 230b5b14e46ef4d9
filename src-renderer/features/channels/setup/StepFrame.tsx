/** The frame of each step: a body that scrolls, and buttons that stay in sight. */
import type { ReactNode } from "react";

export function StepBody({ children }: { children: ReactNode }) {
  return <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto px-5 pt-3 pb-2">{children}</div>;
}

export function StepFooter({ children }: { children: ReactNode }) {
  return (
    <div className="mt-2 flex shrink-0 flex-wrap justify-end gap-2 border-t border-line px-5 py-3.5">{children}</div>
  );
}
