/** Questions that wait: one whole, the others as lines below it. Nothing under the pointer changes into another "allow". */
import { Hourglass } from "lucide-react";
import { Component, type ReactNode, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Question } from "../../../gateway/approval-model.ts";
import { useApp } from "../../../gateway/use-app.ts";
import { Button } from "../../../ui/Button.tsx";
import { Notice } from "../../../ui/Notice.tsx";
import { toVisible } from "../questions.ts";
import { Countdown } from "./Countdown.tsx";
import { QuestionCard, type QuestionCardProps } from "./QuestionCard.tsx";

interface GuardProps {
  onFault(reason: string): void;
  fallback: ReactNode;
  children: ReactNode;
}

class Guard extends Component<GuardProps, { isBroken: boolean }> {
  override readonly state = { isBroken: false };

  static getDerivedStateFromError(): { isBroken: boolean } {
    return { isBroken: true };
  }

  override componentDidCatch(error: unknown): void {
    this.props.onFault(error instanceof Error ? error.message : String(error));
  }

  override render(): ReactNode {
    return this.state.isBroken ? this.props.fallback : this.props.children;
  }
}

/** When a question cannot be drawn, the gateway is told so: nobody can answer what nobody sees. Nothing around is harmed. */
export function GuardedCard(props: QuestionCardProps) {
  const { t } = useTranslation();
  const app = useApp();
  const { id } = props.question.approval;
  const fallback = (
    <Notice tone="danger" role="alert">
      {t("approvals.cardBroken")}
    </Notice>
  );
  return (
    <Guard key={id} onFault={(reason) => void app.approvals.couldNotShow(id, reason)} fallback={fallback}>
      <QuestionCard {...props} />
    </Guard>
  );
}

/** Questions that wait their turn. */
export function WaitingLines(props: { questions: readonly Question[]; onReview(id: string): void }) {
  const { t } = useTranslation();
  return (
    <ul className="flex flex-col gap-1.5">
      {props.questions.map(({ approval }) => (
        <li
          key={approval.id}
          className="flex min-h-9 items-center gap-2.5 rounded-lg border border-line px-3 py-1.5 text-base touch:min-h-11"
        >
          <Hourglass size={14} aria-hidden className="shrink-0 text-faint" />
          <span className="min-w-0 flex-1 truncate">
            <span className="sr-only">{t("approvals.waitsTurn")}</span> {toVisible(approval.request.summary)}
          </span>
          <Countdown approval={approval} isSpoken={false} />
          <Button size="small" look="ghost" onClick={() => props.onReview(approval.id)}>
            {t("approvals.review")}
          </Button>
        </li>
      ))}
    </ul>
  );
}

/** @param props.questions those that wait, oldest first */
export function QuestionQueue({ questions }: { questions: readonly Question[] }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<string>();
  const box = useRef<HTMLDivElement>(null);
  const current = questions.find(({ approval }) => approval.id === chosen) ?? questions[0];
  if (!current) return null;
  const rest = questions.filter((question) => question !== current);
  const answered = () => box.current?.focus({ preventScroll: true });
  return (
    <div ref={box} tabIndex={-1} className="flex flex-col gap-2 outline-none">
      <GuardedCard key={current.approval.id} question={current} isOwn={false} onAnswered={answered} />
      {rest.length > 0 ? (
        <>
          <p className="mt-1 text-small text-faint">{t("approvals.moreWaiting", { count: rest.length })}</p>
          <WaitingLines questions={rest} onReview={setChosen} />
        </>
      ) : null}
    </div>
  );
}
