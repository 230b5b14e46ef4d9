/** What waits for an answer. */
import { ShieldCheck } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { toWaiting } from "../../../gateway/approval-model.ts";
import { useAppState } from "../../../gateway/use-app.ts";
import { EmptyState } from "../../../ui/EmptyState.tsx";
import { QuestionQueue } from "../card/QuestionQueue.tsx";

export function PendingTab() {
  const { t } = useTranslation();
  const questions = useAppState((state) => state.questions);
  const waiting = useMemo(() => toWaiting(questions), [questions]);
  if (waiting.length === 0) {
    return (
      <EmptyState icon={<ShieldCheck size={22} aria-hidden />} title={t("approvals.emptyPending")}>
        {t("approvals.emptyPendingHint")}
      </EmptyState>
    );
  }
  return <QuestionQueue questions={waiting} isOwn={false} />;
}
