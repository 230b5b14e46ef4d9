/**
 * Tells an Enter that is meant from one that only ends a word in an input method. `isComposing` alone is not enough:
 * some systems report the closing Enter after `compositionend`, others as key code 229.
 */

/** An Enter this soon after the end of a composition belongs to it, in milliseconds. */
const AFTERMATH_MS = 120;

type KeyPress = Pick<KeyboardEvent, "key" | "isComposing" | "keyCode" | "timeStamp">;

export function createImeGuard() {
  let endedAt = Number.NEGATIVE_INFINITY;
  return {
    /** @param at `timeStamp` of the event */
    ended(at: number) {
      endedAt = at;
    },
    /** True if this key press may send. */
    maySend(event: KeyPress) {
      if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return false;
      return event.timeStamp - endedAt > AFTERMATH_MS;
    },
  };
}
