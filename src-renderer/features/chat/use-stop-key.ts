/** Esc stops the answer. It must never count as an answer to a question that waits. */
import { useEffect } from "react";
import { toWaiting } from "../../gateway/approval-model.ts";
import { chatOf } from "../../gateway/store.ts";
import { useApp } from "../../gateway/use-app.ts";

/** Not when something lies over the conversation or is being written with an input method. */
export function useStopKey(sessionKey: string): void {
  const app = useApp();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || event.keyCode === 229) return;
      const state = app.store.getState();
      // While something waits for an answer, Esc means nothing: it must not be taken for a no.
      if (toWaiting(state.questions, sessionKey).length > 0) return;
      const isCovered = state.dialog !== "none" || document.querySelector("[role=dialog],[role=menu],[role=listbox]");
      if (isCovered || !chatOf(state, sessionKey).run) return;
      void app.chat.stop(sessionKey).catch(() => undefined);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [app, sessionKey]);
}
