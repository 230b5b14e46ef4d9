/** Questions of a conversation that no call in sight waits for: asked by a program, or by a turn that is not drawn. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { toWaiting } from "../../gateway/approval-model.ts";
import type { Chat } from "../../gateway/chat-model.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Button } from "../../ui/Button.tsx";
import { QuestionQueue, WaitingLine } from "./card/QuestionQueue.tsx";

export function AskedHere({ sessionKey, chat }: { sessionKey: string; chat: Chat }) {
  const { t } = useTranslation();
  const app = useApp();
  const questions = useAppState((state) => state.questions);
  const { asked, run } = chat;
  const { loose, isOther } = useMemo(() => {
    const drawn = new Set(run ? Object.values(asked ?? {}) : []);
    const waiting = toWaiting(questions, sessionKey);
    const rest = waiting.filter(({ approval }) => !drawn.has(approval.id));
    return { loose: rest, isOther: rest.length < waiting.length };
  }, [asked, questions, run, sessionKey]);
  if (loose.length === 0) return null;
  return (
    <div className="max-h-[70vh] shrink-0 overflow-y-auto px-4 pb-2 max-sm:px-2">
      <div className="mx-auto max-w-[46rem]">
        {isOther ? (
          // One question at a time: the one in the conversation comes first.
          <ul className="flex flex-col gap-1.5">
            {loose.map((question) => (
              <li key={question.approval.id}>
                <WaitingLine
                  question={question}
                  action={
                    <Button size="small" look="ghost" onClick={() => app.openApprovals("pending")}>
                      {t("approvals.review")}
                    </Button>
                  }
                />
              </li>
            ))}
          </ul>
        ) : (
          <QuestionQueue questions={loose} isOwn={false} />
        )}
      </div>
    </div>
  );
}
