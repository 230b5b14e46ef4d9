/** What became of a question: how it was answered, by whom, and how the run ended. Each outcome stays apart. */
import { useTranslation } from "react-i18next";
import type { Question } from "../../../gateway/approval-model.ts";
import { toWhen } from "../../../i18n/format.ts";
import { Badge } from "../../../ui/Badge.tsx";
import { toLine } from "../../settings/parts.tsx";
import { useOutcomeWords, useRunWords, useWho } from "../use-words.ts";

export function Outcome({ question }: { question: Question }) {
  const { t, i18n } = useTranslation();
  const { approval, isMine, isLate } = question;
  const outcome = useOutcomeWords()(approval);
  const run = useRunWords()(approval);
  const who = useWho()(approval.resolvedBy);
  if (!outcome) return null;
  const by = isMine ? t("approvals.byYouHere") : who;
  const when = approval.resolvedAtMs ? toWhen(approval.resolvedAtMs, Date.now(), i18n.language) : "";
  return (
    <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-small text-soft">
      <Badge tone={outcome.tone}>{outcome.text}</Badge>
      {run ? <Badge tone={run.tone}>{run.text}</Badge> : null}
      <span className="[overflow-wrap:anywhere]">{toLine(by, when)}</span>
      {isLate ? <span className="font-medium text-warn">{t("approvals.late")}</span> : null}
    </p>
  );
}
