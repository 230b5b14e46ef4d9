/** Everything the assistant did about one message: thoughts, tools, words, how it ended, and what can be done with it. */
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { toWaiting } from "../../gateway/approval-model.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Spinner } from "../../ui/Spinner.tsx";
import { MessageLabel, useIsTalk } from "../channels/talk/MessageLabel.tsx";
import { useWork } from "../settings/use-work.ts";
import { Prose } from "./Prose.tsx";
import type { Turn } from "./rows.ts";
import { Thinking } from "./Thinking.tsx";
import { ToolCards } from "./ToolCards.tsx";
import { TurnFooter } from "./TurnFooter.tsx";
import { TurnNote } from "./TurnNote.tsx";

export const AssistantTurn = memo(function AssistantTurn(props: { turn: Turn; sessionKey: string; isLast: boolean }) {
  const { turn, sessionKey, isLast } = props;
  const { t } = useTranslation();
  const app = useApp();
  const { run } = useWork();
  const { questionId } = turn;
  const isTalk = useIsTalk(sessionKey);
  const again = questionId && !isTalk ? () => run(app.chat.sendAgain(sessionKey, questionId)) : undefined;
  return (
    <article aria-label={t("chat.assistant")} className="group/turn pt-2 pb-1" aria-busy={turn.phase !== undefined}>
      <MessageLabel label={turn.last?.label} sessionKey={sessionKey} />
      {turn.steps.map((step, at) => {
        if (step.kind === "tools")
          return <ToolCards key={at} calls={step.calls} sessionKey={sessionKey} runId={turn.runId} />;
        if (step.kind === "thinking") return <Thinking key={at} text={step.text} isLive={step.isLive} />;
        return <Prose key={at} text={step.text} isLive={step.isLive} />;
      })}
      <Activity turn={turn} sessionKey={sessionKey} />
      <TurnNote turn={turn} onRetry={again} />
      {turn.phase ? null : <TurnFooter turn={turn} onAgain={again} isLast={isLast} />}
    </article>
  );
});

/** What is going on when no words arrive. */
function Activity({ turn, sessionKey }: { turn: Turn; sessionKey: string }) {
  const { t } = useTranslation();
  const isAsked = useAppState((state) => toWaiting(state.questions, sessionKey).length > 0);
  const words = {
    waiting: t("chat.waiting"),
    thinking: t("chat.thinking"),
    approval: t("chat.waitingApproval"),
    retry: t("chat.retrying"),
  };
  if (turn.phase === undefined || !(turn.phase in words)) return null;
  if (turn.phase === "approval" && isAsked) return null;
  if (turn.phase === "thinking" && turn.steps.at(-1)?.kind === "thinking") return null;
  return (
    <p className="flex h-7 items-center gap-2 text-base text-faint">
      <span className="text-accent">
        <Spinner size={13} />
      </span>
      {words[turn.phase as keyof typeof words]}
    </p>
  );
}
