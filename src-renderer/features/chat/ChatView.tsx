/** The conversation: header, messages or an empty beginning, composer; takes dropped files. */
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { chatOf } from "../../gateway/store.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { ChatHeader } from "./ChatHeader.tsx";
import { Composer } from "./composer/Composer.tsx";
import { useEnclosures } from "./composer/use-enclosures.ts";
import { EmptyChat } from "./EmptyChat.tsx";
import { createCodePainter } from "./markdown/highlight.ts";
import { PainterContext } from "./markdown/painter-context.ts";
import { MessageList } from "./MessageList.tsx";
import { useActiveModel } from "./use-active-model.ts";

export function ChatView() {
  const key = useAppState((state) => state.activeKey);
  const painter = useMemo(createCodePainter, []);
  useStopKey(key);
  return (
    <PainterContext value={painter}>
      <Conversation key={key} sessionKey={key} />
    </PainterContext>
  );
}

function Conversation({ sessionKey }: { sessionKey: string }) {
  const { t } = useTranslation();
  const app = useApp();
  const chat = useAppState((state) => chatOf(state, sessionKey));
  const { isDemo } = useActiveModel(sessionKey);
  const enclosures = useEnclosures(useAppState((state) => state.maxPayload));
  const [isOver, setIsOver] = useState(false);
  const isEmpty = chat.messages.length === 0 && chat.outgoing.length === 0 && !chat.run;
  return (
    <main
      id="conversation"
      tabIndex={-1}
      aria-label={t("chat.label")}
      className="relative flex min-h-0 flex-1 flex-col outline-none"
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={(event) =>
        event.currentTarget.contains(event.relatedTarget as Node | null) ? undefined : setIsOver(false)
      }
      onDrop={(event) => {
        event.preventDefault();
        setIsOver(false);
        void enclosures.add([...event.dataTransfer.files]);
      }}
    >
      <ChatHeader sessionKey={sessionKey} chat={chat} />
      {chat.status === "loading" && isEmpty ? (
        <Loading />
      ) : chat.status === "error" && isEmpty ? (
        <div className="mx-auto w-full max-w-[46rem] flex-1 px-6 pt-6">
          <Notice
            tone="danger"
            role="alert"
            action={
              <Button size="small" onClick={() => void app.chat.open(sessionKey)}>
                {t("common.retry")}
              </Button>
            }
          >
            <p className="font-medium">{t("chat.historyFailed")}</p>
            <p className="text-small">{chat.error}</p>
          </Notice>
        </div>
      ) : isEmpty ? (
        <EmptyChat sessionKey={sessionKey} isDemo={isDemo} />
      ) : (
        <MessageList sessionKey={sessionKey} chat={chat} />
      )}
      <Composer sessionKey={sessionKey} chat={chat} enclosures={enclosures} />
      {isOver ? (
        <div className="pointer-events-none absolute inset-2 z-10 flex items-center justify-center rounded-lg border-2 border-dashed border-accent bg-canvas/80 text-title font-medium text-accent">
          {t("composer.drop")}
        </div>
      ) : null}
    </main>
  );
}

function Loading() {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t("common.loading")} className="mx-auto w-full max-w-[46rem] flex-1 px-6 pt-8">
      <Skeleton className="ml-auto h-10 w-56 rounded-xl" />
      <Skeleton className="mt-8 h-4 w-full" />
      <Skeleton className="mt-3 h-4 w-11/12" />
      <Skeleton className="mt-3 h-4 w-2/3" />
      <Skeleton className="mt-10 ml-auto h-10 w-72 rounded-xl" />
      <Skeleton className="mt-8 h-4 w-10/12" />
      <Skeleton className="mt-3 h-4 w-1/2" />
    </div>
  );
}

/** Esc stops the answer, unless something lies over the conversation or is being written with an input method. */
function useStopKey(sessionKey: string): void {
  const app = useApp();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || event.keyCode === 229) return;
      const state = app.store.getState();
      const isCovered = state.dialog !== "none" || document.querySelector("[role=dialog],[role=menu],[role=listbox]");
      if (isCovered || !chatOf(state, sessionKey).run) return;
      void app.chat.stop(sessionKey).catch(() => undefined);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [app, sessionKey]);
}
