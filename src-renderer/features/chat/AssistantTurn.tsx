/** Everything the assistant did about one message: thoughts, tools, words, how it ended, and what can be done with it. */
import { RefreshCw } from "lucide-react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { wordsOf } from "../../gateway/chat-actions.ts";
import { useApp } from "../../gateway/use-app.ts";
import { toCompact, toWhen } from "../../i18n/format.ts";
import { Badge } from "../../ui/Badge.tsx";
import { cx } from "../../ui/class-names.ts";
import { IconButton } from "../../ui/IconButton.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { showError } from "../../ui/toast.tsx";
import { CopyButton } from "./markdown/CodeBlock.tsx";
import { Prose } from "./Prose.tsx";
import type { Turn } from "./rows.ts";
import { Thinking } from "./Thinking.tsx";
import { ToolCards } from "./ToolCards.tsx";
import { TurnNote } from "./TurnNote.tsx";

export const AssistantTurn = memo(function AssistantTurn(props: { turn: Turn; sessionKey: string; isLast: boolean }) {
  const { turn, sessionKey, isLast } = props;
  const { t } = useTranslation();
  const app = useApp();
  const { questionId } = turn;
  const again = questionId
    ? () =>
        void app.chat
          .sendAgain(sessionKey, questionId)
          .catch((error: unknown) => showError(t("common.failed", { message: wordsOf(error) })))
    : undefined;
  return (
    <article aria-label={t("chat.assistant")} className="group/turn pt-2 pb-1" aria-busy={turn.phase !== undefined}>
      {turn.label ? <Badge>{t("chat.injected", { label: turn.label })}</Badge> : null}
      {turn.steps.map((step, at) => {
        if (step.kind === "tools") return <ToolCards key={at} calls={step.calls} />;
        if (step.kind === "thinking") return <Thinking key={at} text={step.text} isLive={step.isLive} />;
        return <Prose key={at} text={step.text} isLive={step.isLive} />;
      })}
      <Activity turn={turn} />
      <TurnNote turn={turn} onRetry={again} />
      {turn.phase ? null : <Footer turn={turn} onAgain={again} isLast={isLast} />}
    </article>
  );
});

/** What is going on when no words arrive. */
function Activity({ turn }: { turn: Turn }) {
  const { t } = useTranslation();
  const words = {
    waiting: t("chat.waiting"),
    thinking: t("chat.thinking"),
    approval: t("chat.waitingApproval"),
    retry: t("chat.retrying"),
  };
  if (turn.phase === undefined || !(turn.phase in words)) return null;
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

function Footer({ turn, onAgain, isLast }: { turn: Turn; onAgain: (() => void) | undefined; isLast: boolean }) {
  const { t, i18n } = useTranslation();
  const { usage } = turn;
  const isBad = turn.failure !== undefined || turn.isIncomplete;
  return (
    <footer
      className={cx(
        "mt-1 -ml-1.5 flex min-h-7 items-center gap-0.5 text-small text-faint transition-opacity duration-100",
        !isLast && "opacity-0 group-focus-within/turn:opacity-100 group-hover/turn:opacity-100 touch:opacity-100",
      )}
    >
      {turn.text ? <CopyButton text={turn.text} label={t("chat.copyAnswer")} /> : null}
      {onAgain && !isBad ? (
        <IconButton
          size="small"
          label={t("chat.regenerate")}
          icon={<RefreshCw size={14} aria-hidden />}
          onClick={onAgain}
        />
      ) : null}
      <span className="ml-1.5 min-w-0 truncate tabular-nums max-sm:hidden">
        {[
          turn.model,
          turn.timestamp ? toWhen(turn.timestamp, Date.now(), i18n.language) : "",
          usage
            ? t("chat.tokensDetail", {
                input: toCompact(usage.input, i18n.language),
                output: toCompact(usage.output, i18n.language),
              })
            : "",
        ]
          .filter(Boolean)
          .join(" · ")}
      </span>
    </footer>
  );
}
