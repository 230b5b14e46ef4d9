/** Brings the focus to "Deny" when a question came of what the person just did here. Never away from someone who types. */
import { type RefObject, useEffect } from "react";
import { mayTakeFocus } from "../questions.ts";

/** How long to listen for keys before, in milliseconds. */
const LISTEN_MS = 650;

/** @param isOwn the question came of a message that was sent in this window, and is in view */
export function useOwnFocus(button: RefObject<HTMLButtonElement | null>, isOwn: boolean): void {
  useEffect(() => {
    if (!isOwn || !matchMedia("(pointer: fine)").matches) return undefined;
    let lastKeyAt: number | undefined;
    const onKey = (event: KeyboardEvent) => {
      lastKeyAt = event.timeStamp;
    };
    document.addEventListener("keydown", onKey, true);
    const timer = setTimeout(() => {
      const active = document.activeElement;
      const isComposer = active instanceof HTMLTextAreaElement && active.id === "composer-field";
      const isTaken = mayTakeFocus({
        isOwn,
        isWindowFocused: document.hasFocus(),
        focused: isComposer ? "composer" : active === null || active === document.body ? "nothing" : "elsewhere",
        draft: isComposer ? active.value : "",
        sinceKeyMs: lastKeyAt === undefined ? undefined : performance.now() - lastKeyAt,
      });
      if (isTaken) button.current?.focus({ preventScroll: true });
    }, LISTEN_MS);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("keydown", onKey, true);
    };
  }, [button, isOwn]);
}
