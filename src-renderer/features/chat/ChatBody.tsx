/** The middle of a conversation: its messages, or why there are none yet. */
import { useTranslation } from "react-i18next";
import type { Chat } from "../../gateway/chat-model.ts";
import { useApp } from "../../gateway/use-app.ts";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { EmptyChat } from "./EmptyChat.tsx";
import { MessageList } from "./MessageList.tsx";
import { useActiveModel } from "./use-active-model.ts";

export function ChatBody({ sessionKey, chat }: { sessionKey: string; chat: Chat }) {
  const { t } = useTranslation();
  const app = useApp();
  const { isDemo } = useActiveModel(sessionKey);
  const isEmpty = chat.messages.length === 0 && chat.outgoing.length === 0 && !chat.run;
  return chat.status === "loading" && isEmpty ? (
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
