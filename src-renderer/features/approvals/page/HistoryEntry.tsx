/** One question of the past in a line; on a press everything that was shown, and how it ended. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Approval } from "#main/protocol/methods/approvals.ts";
import { useApp } from "../../../gateway/use-app.ts";
import { toWhen } from "../../../i18n/format.ts";
import { Badge } from "../../../ui/Badge.tsx";
import { Button } from "../../../ui/Button.tsx";
import { Chevron } from "../../../ui/Chevron.tsx";
import { Outcome } from "../card/Outcome.tsx";
import { QuestionBody } from "../card/QuestionBody.tsx";
import { toVisible } from "../questions.ts";
import { useLevelWords, useOutcomeWords, useRunWords } from "../use-words.ts";

export function HistoryEntry({ item }: { item: Approval }) {
  const { i18n } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const outcome = useOutcomeWords()(item);
  const run = useRunWords()(item);
  return (
    <li>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
        className="group flex min-h-11 w-full flex-wrap items-center gap-x-2.5 gap-y-1 px-3.5 py-2 text-left outline-offset-[-2px] hover:bg-hover"
      >
        <Chevron />
        <span className="min-w-0 flex-1 basis-52 truncate">{toVisible(item.request.summary)}</span>
        {outcome ? <Badge tone={outcome.tone}>{outcome.text}</Badge> : null}
        {run && item.run !== "done" ? <Badge tone={run.tone}>{run.text}</Badge> : null}
        <span className="text-small text-faint tabular-nums">
          {toWhen(item.createdAtMs, Date.now(), i18n.language)}
        </span>
      </button>
      {isOpen ? <Past approval={item} /> : null}
    </li>
  );
}

function Past({ approval }: { approval: Approval }) {
  const { t } = useTranslation();
  const app = useApp();
  const { request } = approval;
  const levelWords = useLevelWords();
  return (
    <div className="flex flex-col gap-3 border-t border-line bg-side px-3.5 py-3">
      <Outcome question={{ approval }} />
      <p className="text-small text-soft">{levelWords(request.level)}</p>
      <QuestionBody request={request} />
      <Button size="small" className="self-start" onClick={() => app.openSession(request.sessionKey)}>
        {t("approvals.openConversation")}
      </Button>
    </div>
  );
}
