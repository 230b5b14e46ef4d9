/** The answers to a question, or the choice of what "always" means. */
import { useCallback, useRef, useState } from "react";
import type { ApprovalDecision, GrantRule } from "#main/protocol/methods/approvals.ts";
import type { Question } from "../../../gateway/approval-model.ts";
import { useApp, useAppState } from "../../../gateway/use-app.ts";
import { AlwaysEditor } from "./AlwaysEditor.tsx";
import { AnswerButtons } from "./AnswerButtons.tsx";
import type { Arming } from "./use-arming.ts";
import { useOwnFocus } from "./use-own-focus.ts";

interface AnswersProps {
  question: Question;
  arming: Arming;
  isOwn: boolean;
  onAnswered: (() => void) | undefined;
}

export function Answers({ question, arming, isOwn, onAnswered }: AnswersProps) {
  const app = useApp();
  const { id, request } = question.approval;
  const isOnline = useAppState((state) => state.link.phase === "online");
  const [isChoosing, setIsChoosing] = useState(false);
  const denyRef = useRef<HTMLButtonElement>(null);
  useOwnFocus(denyRef, isOwn);
  const answer = useCallback(
    (decision: ApprovalDecision, rule?: GrantRule) => {
      void app.approvals.answer(id, decision, rule).then(onAnswered);
    },
    [app, id, onAnswered],
  );
  if (isChoosing) {
    return (
      <AlwaysEditor
        request={request}
        isBusy={question.sending !== undefined}
        onSave={(rule) => answer("allow-always", rule)}
        onCancel={() => {
          setIsChoosing(false);
          requestAnimationFrame(() => denyRef.current?.focus());
        }}
      />
    );
  }
  return (
    <AnswerButtons
      question={question}
      arming={arming}
      denyRef={denyRef}
      isOnline={isOnline}
      onAnswer={answer}
      onAlways={() => setIsChoosing(true)}
    />
  );
}
