/**
 * Whether "allow" may be pressed: the buttons have been in view for long enough, and the end of everything shown was in
 * view too. A question that was scrolled away begins its time anew.
 */
import { useCallback, useEffect, useRef, useState } from "react";
import { useApp, useAppState } from "../../../gateway/use-app.ts";
import { ARM_MS, isArmed } from "../questions.ts";

export type Arming = ReturnType<typeof useArming>;

function watch(element: Element, onChange: (isInView: boolean) => void): () => void {
  const observer = new IntersectionObserver((entries) => onChange(entries.at(-1)?.isIntersecting === true));
  observer.observe(element);
  return () => observer.disconnect();
}

/** @param parts names of the parts that have to be read; none: there is nothing to scroll */
export function useArming(id: string, parts: readonly string[]) {
  const app = useApp();
  const isMarked = useAppState((state) => state.readToEnd.has(id));
  const isRead = isMarked || parts.length === 0;
  const [shownAt, setShownAt] = useState<number>();
  const [now, setNow] = useState(() => performance.now());
  /** To be set at the row of buttons. */
  const buttonsRef = useRef<HTMLDivElement>(null);
  const seen = useRef(new Set<string>());
  const needed = parts.join(" ");

  /** To be set at the end of each part that has to be read, by the part's name. */
  const endRef = useCallback(
    (part: string) => (element: HTMLElement | null) => {
      if (!element) return undefined;
      return watch(element, (isInView) => {
        if (!isInView) return;
        seen.current.add(part);
        if (needed.split(" ").every((name) => seen.current.has(name))) app.approvals.markRead(id);
      });
    },
    [app, id, needed],
  );
  useEffect(() => {
    const element = buttonsRef.current;
    if (!element) return undefined;
    let isInView = false;
    const restart = () => {
      setNow(performance.now());
      setShownAt(isInView && document.visibilityState === "visible" ? performance.now() : undefined);
    };
    const stop = watch(element, (next) => {
      isInView = next;
      restart();
    });
    document.addEventListener("visibilitychange", restart);
    return () => {
      stop();
      document.removeEventListener("visibilitychange", restart);
    };
  }, [id]);
  useEffect(() => {
    if (shownAt === undefined) return undefined;
    const timer = setTimeout(() => setNow(performance.now()), ARM_MS + 20);
    return () => clearTimeout(timer);
  }, [shownAt]);
  return { isArmed: isArmed({ shownAt, isRead, now }), isRead, buttonsRef, endRef };
}
