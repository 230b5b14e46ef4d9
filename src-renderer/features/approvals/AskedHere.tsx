/** Questions of a conversation that no call in sight waits for: asked by a program, or by a turn that is not drawn. */
import { toWaiting } from "../../gateway/approval-model.ts";
import type { Chat } from "../../gateway/chat-model.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { QuestionQueue, WaitingLines } from "./card/QuestionQueue.tsx";

export function AskedHere({ sessionKey, chat }: { sessionKey: string; chat: Chat }) {
  const app = useApp();
  const questions = useAppState((state) => state.questions);
  const drawn = new Set(chat.run ? Object.values(chat.asked ?? {}) : []);
  const waiting = toWaiting(questions, sessionKey);
  const loose = waiting.filter(({ approval }) => !drawn.has(approval.id));
  if (loose.length === 0) return null;
  return (
    <div className="max-h-[70vh] shrink-0 overflow-y-auto px-4 pb-2 max-sm:px-2">
      <div className="mx-auto max-w-[46rem]">
        {loose.length < waiting.length ? (
          // One question at a time: the one in the conversation comes first.
          <WaitingLines questions={loose} onReview={() => app.openApprovals("pending")} />
        ) : (
          <QuestionQueue questions={loose} />
        )}
      </div>
    </div>
  );
}
