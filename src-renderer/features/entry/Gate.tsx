/** The frame of every screen before the conversation: the mark, a title, one column. */
import type { ReactNode } from "react";

/** The gatehouse: an arch with its passage open. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 28 28" fill="none" aria-hidden className="text-accent">
      <path
        d="M4 24V7.5h3.5V4.5h3V7.5h2V4.5h3V7.5h2V4.5h3V7.5H24V24h-5.5v-5.5a4.5 4.5 0 0 0-9 0V24H4Z"
        fill="currentColor"
      />
    </svg>
  );
}

export function Gate({ title, icon, children }: { title: string; icon?: ReactNode; children: ReactNode }) {
  return (
    <main className="drag flex h-full items-center justify-center overflow-y-auto bg-side p-4">
      <div className="no-drag w-full max-w-md rounded-xl border border-line bg-raised p-7 shadow-card">
        <div className="mb-5 flex items-center justify-between">
          <Mark />
          <span className="text-accent">{icon}</span>
        </div>
        <h1 className="mb-2 text-title font-semibold tracking-tight">{title}</h1>
        {children}
      </div>
    </main>
  );
}
