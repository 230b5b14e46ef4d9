/** Questions that wait: one whole, the others as lines below it. Nothing under the pointer changes into another "allow". */
import { Hourglass } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Question } from "../../../gateway/approval-model.ts";
import { useApp } from "../../../gateway/use-app.ts";
import { Button } from "../../../ui/Button.tsx";
import { Notice } from "../../../ui/Notice.tsx";
import { toVisible } from "../questions.ts";
import { CardGuard } from "./CardGuard.tsx";
import { Countdown } from "./Countdown.tsx";
import { QuestionCard } from "./QuestionCard.tsx";

/** A question with its guard: a fault in it is told to the gateway and harms nothing around it. */
export function GuardedCard({ question, isOwn, onAnswered }: Parameters<typeof QuestionCard>[0]) {
  const { t } = useTranslation();
  const app = useApp();
  const { id } = question.approval;
  return (
    <CardGuard
      key={id}
      onFault={(reason) => void app.approvals.couldNotShow(id, reason)}
      fallback={
        <Notice tone="danger" role="alert">
          {t("approvals.cardBroken")}
        </Notice>
      }
    >
      <QuestionCard question={question} isOwn={isOwn} {...(onAnswered ? { onAnswered } : {})} />
    </CardGuard>
  );
}

/** A question that waits its turn. */
export function WaitingLine({ question, action }: { question: Question; action?: ReactNode }) {
  const { t } = useTranslation();
  const { request } = question.approval;
  return (
    <div className="flex min-h-9 items-center gap-2.5 rounded-lg border border-line px-3 py-1.5 text-base touch:min-h-11">
      <Hourglass size={14} aria-hidden className="shrink-0 text-faint" />
      <span className="min-w-0 flex-1 truncate">
        <span className="sr-only">{t("approvals.waitsTurn")}</span> {toVisible(request.summary)}
      </span>
      <Countdown approval={question.approval} isSpoken={false} />
      {action}
    </div>
  );
}

/** @param questions those that wait, oldest first */
export function QuestionQueue({ questions, isOwn }: { questions: readonly Question[]; isOwn: boolean }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<string>();
  const box = useRef<HTMLDivElement>(null);
  const current = questions.find(({ approval }) => approval.id === chosen) ?? questions[0];
  if (!current) return null;
  const rest = questions.filter((question) => question !== current);
  return (
    <div ref={box} tabIndex={-1} className="flex flex-col gap-2 outline-none">
      <GuardedCard
        key={current.approval.id}
        question={current}
        isOwn={isOwn}
        onAnswered={() => box.current?.focus({ preventScroll: true })}
      />
      {rest.length > 0 ? (
        <>
          <p className="mt-1 text-small text-faint">{t("approvals.moreWaiting", { count: rest.length })}</p>
          <ul className="flex flex-col gap-1.5">
            {rest.map((question) => (
              <li key={question.approval.id}>
                <WaitingLine
                  question={question}
                  action={
                    <Button size="small" look="ghost" onClick={() => setChosen(question.approval.id)}>
                      {t("approvals.review")}
                    </Button>
                  }
                />
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </div>
  );
}
