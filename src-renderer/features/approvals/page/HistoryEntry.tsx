/** One question of the past in a line, whole on a press. */
import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Approval } from "#main/protocol/methods/approvals.ts";
import { toWhen } from "../../../i18n/format.ts";
import { Badge } from "../../../ui/Badge.tsx";
import { cx } from "../../../ui/class-names.ts";
import { toVisible } from "../questions.ts";
import { useOutcomeWords, useRunWords } from "../use-words.ts";
import { PastQuestion } from "./PastQuestion.tsx";

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
        className="flex min-h-11 w-full flex-wrap items-center gap-x-2.5 gap-y-1 px-3.5 py-2 text-left outline-offset-[-2px] hover:bg-hover"
      >
        <ChevronRight
          size={14}
          aria-hidden
          className={cx("shrink-0 text-faint transition-transform duration-100", isOpen && "rotate-90")}
        />
        <span className="min-w-0 flex-1 basis-52 truncate">{toVisible(item.request.summary)}</span>
        {outcome ? <Badge tone={outcome.tone}>{outcome.text}</Badge> : null}
        {run && item.run !== "done" ? <Badge tone={run.tone}>{run.text}</Badge> : null}
        <span className="text-small text-faint tabular-nums">
          {toWhen(item.createdAtMs, Date.now(), i18n.language)}
        </span>
      </button>
      {isOpen ? <PastQuestion approval={item} /> : null}
    </li>
  );
}
