/** What a list shows when there is nothing in it: why, and what to do. */
import type { ReactNode } from "react";

export function EmptyState({ icon, title, children }: { icon?: ReactNode; title: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-10 text-center">
      {icon ? <span className="text-faint">{icon}</span> : null}
      <p className="text-base font-medium text-ink">{title}</p>
      {children ? <div className="max-w-xs text-base text-soft">{children}</div> : null}
    </div>
  );
}
