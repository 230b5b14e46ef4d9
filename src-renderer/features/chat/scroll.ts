/**
 * The one owner of the scroll position. It follows the newest words only while the reader is at the bottom; a reader who
 * scrolls up is never pulled away. Nothing else may write `scrollTop` of the message list.
 */
import { useCallback, useLayoutEffect, useRef, useState } from "react";

/** Closer than this to the end counts as being there, in pixels. */
const NEAR_END = 48;
/** Closer than this to the beginning asks for older messages. */
const NEAR_START = 600;

type ScrollView = Pick<Element, "scrollTop" | "scrollHeight" | "clientHeight">;

/** True if the reader sees the end. Pure. */
export function isAtEnd(view: ScrollView): boolean {
  return view.scrollHeight - view.scrollTop - view.clientHeight < NEAR_END;
}

/**
 * Whether to follow after a scroll. Moving up without the content having shrunk can only be the reader. Pure.
 * @param before the view at the last scroll
 */
export function toFollowing(isFollowing: boolean, before: ScrollView, now: ScrollView): boolean {
  if (isAtEnd(now)) return true;
  const isUp = now.scrollTop < before.scrollTop - 2;
  const hasShrunk = now.scrollHeight < before.scrollHeight || now.clientHeight !== before.clientHeight;
  return isUp && !hasShrunk ? false : isFollowing;
}

/** @param onNearStart called while the reader is close to the beginning */
export function useScroll(onNearStart: () => void) {
  const ref = useRef<HTMLDivElement>(null);
  const isFollowing = useRef(true);
  const before = useRef<ScrollView>({ scrollTop: 0, scrollHeight: 0, clientHeight: 0 });
  /** The reader is away from the end. */
  const [isAway, setIsAway] = useState(false);

  const note = useCallback(() => {
    const view = ref.current;
    if (!view) return;
    const { scrollTop, scrollHeight, clientHeight } = view;
    before.current = { scrollTop, scrollHeight, clientHeight };
    setIsAway(!isFollowing.current && !isAtEnd(view));
  }, []);

  /** To be called when the content or the viewport changed its size. */
  const settle = useCallback(() => {
    const view = ref.current;
    if (!view) return;
    if (isFollowing.current) view.scrollTop = view.scrollHeight;
    note();
  }, [note]);

  const jumpToEnd = useCallback(() => {
    isFollowing.current = true;
    settle();
  }, [settle]);

  const onScroll = useCallback(() => {
    const view = ref.current;
    if (!view) return;
    isFollowing.current = toFollowing(isFollowing.current, before.current, view);
    note();
    if (view.scrollTop < NEAR_START && !isFollowing.current) onNearStart();
  }, [note, onNearStart]);

  const onWheel = useCallback((event: { deltaY: number }) => {
    const view = ref.current;
    // The wheel is heard before the scroll: the stream must not win the race.
    if (event.deltaY < 0 && view && view.scrollHeight > view.clientHeight) isFollowing.current = false;
  }, []);

  /** The reader is led elsewhere (a search result): stop following. */
  const release = useCallback(() => {
    isFollowing.current = false;
  }, []);

  // After every drawing, since any of them may have made the content longer.
  useLayoutEffect(settle);
  return { ref, isAway, onScroll, onWheel, settle, jumpToEnd, release };
}
