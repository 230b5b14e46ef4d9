/** One question to the owner, whole: what would happen, where, for whom, how long it waits, and the answers. */
import { ShieldAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Question } from "../../../gateway/approval-model.ts";
import { may } from "../../../gateway/store.ts";
import { useAppState } from "../../../gateway/use-app.ts";
import { Badge } from "../../../ui/Badge.tsx";
import { Notice } from "../../../ui/Notice.tsx";
import { toVisible } from "../questions.ts";
import { useLevelWords } from "../use-words.ts";
import { Answers } from "./Answers.tsx";
import { Countdown } from "./Countdown.tsx";
import { partsOf, QuestionBody } from "./QuestionBody.tsx";
import { useArming } from "./use-arming.ts";

export interface QuestionCardProps {
  question: Question;
  /** It came of what the person just did in this conversation: the focus may go to "Deny". */
  isOwn: boolean;
  /** After an answer: where the focus goes, since the pressed button is gone. */
  onAnswered?: () => void;
}

export function QuestionCard({ question, isOwn, onAnswered }: QuestionCardProps) {
  const { t } = useTranslation();
  const { approval, problem } = question;
  const { request } = approval;
  const { endRef, ...arming } = useArming(approval.id, partsOf(request));
  const levelWords = useLevelWords();
  const mayAnswer = useAppState((state) => may(state, "operator.approvals"));
  const summary = toVisible(request.summary);
  return (
    <section
      aria-label={t("approvals.cardLabel", { tool: request.tool })}
      className="flex flex-col gap-3 rounded-lg border border-warn bg-raised p-4 shadow-card max-sm:p-3"
    >
      <p role="alert" className="sr-only">
        {t("approvals.announce", { summary })}
      </p>
      <header className="flex items-start gap-2.5">
        <ShieldAlert size={18} aria-hidden className="mt-0.5 shrink-0 text-warn" />
        <div className="min-w-0 flex-1">
          <h2 className="text-base font-semibold [overflow-wrap:anywhere] [unicode-bidi:plaintext]">{summary}</h2>
          <p className="mt-0.5 flex flex-wrap items-center gap-1.5 text-small text-soft">
            <Badge tone={request.level >= 7 ? "warn" : "neutral"}>{request.tool}</Badge>
            {levelWords(request.level)}
          </p>
        </div>
        <Countdown approval={approval} isSpoken />
      </header>
      <QuestionBody request={request} endRef={endRef} />
      <Notice tone="danger" role="alert">
        {problem}
      </Notice>
      {mayAnswer ? (
        <Answers question={question} arming={arming} isOwn={isOwn} onAnswered={onAnswered} />
      ) : (
        <Notice>{t("approvals.mayNot")}</Notice>
      )}
    </section>
  );
}
