/** The frame of each step: a body that scrolls, and buttons that stay in sight. */
import { type ReactNode, useEffect, useRef } from "react";
import type { ChannelOffer } from "#main/protocol/methods/channels.ts";

export interface StepProps {
  offer: ChannelOffer;
  onNext(): void;
  onBack(): void;
}

const STEP_ID = "setup-step";

/** Where reading begins when the dialog opens: its first field where there is a keyboard, never a button that accepts. */
export function toFirstFocus(): HTMLElement | null {
  const step = document.getElementById(STEP_ID);
  const field: HTMLElement | null | undefined = matchMedia("(pointer: fine)").matches
    ? step?.querySelector("input")
    : undefined;
  return field ?? step;
}

export function StepBody({ children }: { children: ReactNode }) {
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The button that led here is gone: whoever reads on begins at the new step.
    if (document.activeElement === document.body) body.current?.focus();
  }, []);
  return (
    <div
      ref={body}
      id={STEP_ID}
      tabIndex={-1}
      className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto px-5 pt-3 pb-2 outline-none"
    >
      {children}
    </div>
  );
}

export function StepFooter({ children }: { children: ReactNode }) {
  return (
    <div className="mt-2 flex shrink-0 flex-wrap justify-end gap-2 border-t border-line px-5 py-3.5">{children}</div>
  );
}
