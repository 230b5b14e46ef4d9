/** The messages, only those in sight drawn; older ones come as the reader scrolls up, without a jump. */
import { ArrowDown } from "lucide-react";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import { toWaiting } from "../../gateway/approval-model.ts";
import type { Chat } from "../../gateway/chat-model.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Spinner } from "../../ui/Spinner.tsx";
import { AssistantTurn } from "./AssistantTurn.tsx";
import { type Row, toRows } from "./rows.ts";
import { useScroll } from "./scroll.ts";
import { OutgoingMessage, UserMessage } from "./UserMessage.tsx";

export function MessageList({ sessionKey, chat }: { sessionKey: string; chat: Chat }) {
  const { t } = useTranslation();
  const app = useApp();
  const rows = useMemo(() => toRows(chat), [chat]);
  const loadOlder = useCallback(() => void app.chat.loadOlder(sessionKey), [app, sessionKey]);
  const scroll = useScroll(loadOlder);
  const list = useRef<VirtualizerHandle>(null);
  const isAsked = useAppState((state) => toWaiting(state.questions, sessionKey).length > 0);
  const isShifting = useShift(chat.olderPages);
  const newest = chat.outgoing.at(-1)?.key;
  const { jumpToEnd } = scroll;
  // Sending always brings the reader to the end; what others send does not.
  useLayoutEffect(() => {
    if (newest) jumpToEnd();
  }, [newest, jumpToEnd]);
  useFocusMessage(sessionKey, rows, list, scroll.release, chat.hasMore ? loadOlder : undefined);
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroll.ref}
        onScroll={scroll.onScroll}
        onWheel={scroll.onWheel}
        role="region"
        tabIndex={0}
        aria-label={t("chat.messages")}
        className="h-full overflow-x-hidden overflow-y-auto outline-offset-[-2px] [overflow-anchor:none]"
      >
        <div className="flex h-10 items-center justify-center text-small text-faint">
          {chat.isLoadingOlder ? (
            <span role="status" className="flex items-center gap-2">
              <Spinner size={12} />
              {t("chat.loadOlder")}
            </span>
          ) : null}
        </div>
        <Virtualizer
          ref={list}
          scrollRef={scroll.ref}
          startMargin={40}
          data={rows}
          shift={isShifting}
          bufferSize={500}
          onResize={scroll.settle}
        >
          {(row, at) => (
            <div key={row.key} className="mx-auto w-full max-w-[46rem] px-6 max-sm:px-4" data-row={row.key}>
              <RowView row={row} sessionKey={sessionKey} isLast={at === rows.length - 1} />
            </div>
          )}
        </Virtualizer>
        <div className="h-4" />
      </div>
      {scroll.isAway ? (
        <button
          type="button"
          onClick={jumpToEnd}
          className="absolute bottom-3 left-1/2 inline-flex h-8 -translate-x-1/2 animate-rise items-center gap-1.5 rounded-full border border-line bg-raised px-3.5 text-base font-medium shadow-pop hover:bg-side touch:h-11"
        >
          <ArrowDown size={14} aria-hidden />
          {isAsked ? t("approvals.jump") : t("chat.jump")}
        </button>
      ) : null}
    </div>
  );
}

function RowView({ row, sessionKey, isLast }: { row: Row; sessionKey: string; isLast: boolean }) {
  if (row.kind === "user") return <UserMessage message={row.message} isQueued={row.isQueued} sessionKey={sessionKey} />;
  if (row.kind === "outgoing") return <OutgoingMessage item={row.item} />;
  return <AssistantTurn turn={row.turn} sessionKey={sessionKey} isLast={isLast} />;
}

/** True for the one drawing in which an older page came in front: the list then keeps its place from the end. */
function useShift(olderPages: number): boolean {
  const drawn = useRef(olderPages);
  const isShifting = drawn.current !== olderPages;
  useLayoutEffect(() => {
    drawn.current = olderPages;
  }, [olderPages]);
  return isShifting;
}

/** Brings the message of a search result into view, loading older pages until it is there. */
function useFocusMessage(
  sessionKey: string,
  rows: readonly Row[],
  list: { current: VirtualizerHandle | null },
  release: () => void,
  loadOlder: (() => void) | undefined,
): void {
  const app = useApp();
  const focus = useAppState((state) => state.focusMessage);
  useEffect(() => {
    if (focus?.sessionKey !== sessionKey || rows.length === 0) return;
    release();
    const at = rows.findIndex((row) => row.ids.includes(focus.messageId));
    if (at === -1 && loadOlder) {
      loadOlder();
      return;
    }
    if (at !== -1) list.current?.scrollToIndex(at, { align: "center" });
    app.store.setState({ focusMessage: undefined });
  }, [app, focus, list, loadOlder, release, rows, sessionKey]);
}
