/** A question that is over, with everything that was shown and how it ended. */
import { useTranslation } from "react-i18next";
import type { Approval } from "#main/protocol/methods/approvals.ts";
import { useApp } from "../../../gateway/use-app.ts";
import { Button } from "../../../ui/Button.tsx";
import { Outcome } from "../card/Outcome.tsx";
import { QuestionBody } from "../card/QuestionBody.tsx";
import { QuestionDetails, QuestionFacts } from "../card/QuestionFacts.tsx";
import { useLevelWords } from "../use-words.ts";

export function PastQuestion({ approval }: { approval: Approval }) {
  const { t } = useTranslation();
  const app = useApp();
  const { request } = approval;
  const levelWords = useLevelWords();
  return (
    <div className="flex flex-col gap-3 border-t border-line bg-side px-3.5 py-3">
      <Outcome question={{ approval }} />
      <p className="text-small text-soft">
        {t("approvals.level", { level: request.level, words: levelWords(request.level) })}
      </p>
      <QuestionBody request={request} />
      <QuestionFacts request={request} />
      <QuestionDetails request={request} />
      <Button size="small" className="self-start" onClick={() => app.openSession(request.sessionKey)}>
        {t("approvals.openConversation")}
      </Button>
    </div>
  );
}
