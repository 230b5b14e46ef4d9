/** One tool call: how it went, and on a press what it was given, what it changed and what came of it. */
import { Check, CircleAlert } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Question } from "../../gateway/approval-model.ts";
import { useAppState } from "../../gateway/use-app.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Chevron } from "../../ui/Chevron.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { Outcome } from "../approvals/card/Outcome.tsx";
import { toCallDiff, toDiffLines } from "../approvals/diff.ts";
import { DiffView } from "../approvals/DiffView.tsx";
import { useOutcomeWords } from "../approvals/use-words.ts";
import { ChangeBar } from "../changes/ChangeBar.tsx";
import type { ShownCall } from "./rows.ts";
import { toPretty, toSummary } from "./tool-words.ts";

export const HEAD =
  "group flex min-h-9 w-full items-center gap-2.5 px-3 text-left text-base hover:bg-hover touch:min-h-11 outline-offset-[-2px]";

export function ToolCard({ call, sessionKey }: { call: ShownCall; sessionKey: string }) {
  const [isOpen, setIsOpen] = useState(false);
  const question = useAppState((state) => state.questions.find(({ approval }) => approval.id === call.approvalId));
  const outcome = useOutcomeWords();
  const words = question ? outcome(question.approval) : undefined;
  return (
    <>
      <button type="button" aria-expanded={isOpen} className={HEAD} onClick={() => setIsOpen(!isOpen)}>
        <State state={call.state} />
        <span className="shrink-0 font-medium">{call.name}</span>
        <span className="min-w-0 flex-1 truncate font-mono text-small text-faint">{toSummary(call.args)}</span>
        {words ? <Badge tone={words.tone}>{words.text}</Badge> : null}
        <Chevron />
      </button>
      {isOpen ? <CardDetails call={call} question={question} /> : null}
      <ChangeBar sessionKey={sessionKey} callId={call.id} />
    </>
  );
}

function CardDetails({ call, question }: { call: ShownCall; question: Question | undefined }) {
  const { t } = useTranslation();
  const shownDiff = question?.approval.request.diff;
  const lines = useMemo(
    () => (shownDiff === undefined ? toCallDiff(call.name, call.args) : toDiffLines(shownDiff)),
    [shownDiff, call.name, call.args],
  );
  const args = toPretty(call.args);
  return (
    <div className="flex flex-col gap-2.5 border-t border-line bg-sunken px-3 py-3">
      {question ? <Outcome question={question} /> : null}
      {lines ? <DiffView lines={lines} className="max-h-72" /> : null}
      {args && args !== "{}" && !lines ? <Block title={t("tools.args")} text={args} /> : null}
      <Block title={t("tools.result")} text={call.result ?? t("tools.noResult")} isBad={call.state === "error"} />
    </div>
  );
}

function Block({ title, text, isBad }: { title: string; text: string; isBad?: boolean }) {
  return (
    <div>
      <p className="mb-1 text-micro font-medium text-faint">{title}</p>
      <pre
        tabIndex={0}
        aria-label={title}
        className={`max-h-72 overflow-auto font-mono text-small whitespace-pre-wrap [overflow-wrap:anywhere] ${isBad ? "text-danger" : ""}`}
      >
        {text}
      </pre>
    </div>
  );
}

export function State({ state }: { state: ShownCall["state"] }) {
  const { t } = useTranslation();
  return (
    <span role="img" aria-label={t(`tools.${state}`)} className="inline-flex w-3.5 shrink-0 justify-center">
      {state === "running" ? (
        <span className="text-accent">
          <Spinner size={13} />
        </span>
      ) : state === "ok" ? (
        <Check size={14} aria-hidden className="text-ok" />
      ) : (
        <CircleAlert size={14} aria-hidden className="text-danger" />
      )}
    </span>
  );
}
