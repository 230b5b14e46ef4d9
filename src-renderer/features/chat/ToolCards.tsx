/**
 * Tool calls: one card each; several in a row fold into a line that counts them; one that waits is the question itself.
 * A card is made of events and messages of the gateway only: what a model writes is never drawn as one.
 */
import { Wrench } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Question, toWaiting } from "../../gateway/approval-model.ts";
import { useAppState } from "../../gateway/use-app.ts";
import { Chevron } from "../../ui/Chevron.tsx";
import { GuardedCard } from "../approvals/card/QuestionQueue.tsx";
import type { ShownCall } from "./rows.ts";
import { HEAD, State, ToolCard } from "./ToolCard.tsx";
import { toCounts } from "./tool-words.ts";

interface ToolCardsProps {
  calls: readonly ShownCall[];
  sessionKey: string;
  runId: string | undefined;
}

/** A call that waits for the owner stands alone; the others around it fold. */
type Piece = { kind: "group"; calls: readonly ShownCall[] } | { kind: "question"; call: ShownCall; question: Question };

function toPieces(calls: readonly ShownCall[], waiting: ReadonlyMap<string, Question>): Piece[] {
  const pieces: Piece[] = [];
  for (const call of calls) {
    const question = call.approvalId ? waiting.get(call.approvalId) : undefined;
    const last = pieces.at(-1);
    if (question) pieces.push({ kind: "question", call, question });
    else if (last?.kind === "group") pieces[pieces.length - 1] = { kind: "group", calls: [...last.calls, call] };
    else pieces.push({ kind: "group", calls: [call] });
  }
  return pieces;
}

export function ToolCards({ calls, sessionKey, runId }: ToolCardsProps) {
  const questions = useAppState((state) => state.questions);
  const isOwn = useAppState((state) => runId !== undefined && state.ownRuns.has(runId));
  const pieces = useMemo(() => {
    const waiting = toWaiting(questions, sessionKey).map((question) => [question.approval.id, question] as const);
    return toPieces(calls, new Map(waiting));
  }, [calls, questions, sessionKey]);
  return pieces.map((piece) =>
    piece.kind === "question" ? (
      <div key={piece.call.id} className="my-3 first:mt-0">
        <GuardedCard question={piece.question} isOwn={isOwn} onAnswered={focusComposer} />
      </div>
    ) : (
      <Group key={piece.calls[0]?.id} calls={piece.calls} sessionKey={sessionKey} />
    ),
  );
}

/** The pressed button is gone: the next thing to do is to write. */
function focusComposer(): void {
  if (matchMedia("(pointer: fine)").matches) document.getElementById("composer-field")?.focus({ preventScroll: true });
}

function Group({ calls, sessionKey }: { calls: readonly ShownCall[]; sessionKey: string }) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const [first] = calls;
  if (calls.length === 1 && first) {
    return (
      <div className="my-3 overflow-hidden rounded-lg border border-line first:mt-0">
        <ToolCard call={first} sessionKey={sessionKey} />
      </div>
    );
  }
  const failed = calls.filter((call) => call.state === "error").length;
  const isRunning = calls.some((call) => call.state === "running");
  const words = toCounts(calls).map(({ name, count }) =>
    name === "read" || name === "time" ? t(`tools.${name}`, { count }) : t("tools.other", { name, count }),
  );
  return (
    <div className="my-3 overflow-hidden rounded-lg border border-line first:mt-0">
      <button type="button" aria-expanded={isOpen} className={HEAD} onClick={() => setIsOpen(!isOpen)}>
        {isRunning ? <State state="running" /> : <Wrench size={14} aria-hidden className="text-faint" />}
        <span className="min-w-0 flex-1 truncate font-medium">{words.join(" · ")}</span>
        {failed > 0 ? <span className="text-small text-danger">{t("tools.failures", { count: failed })}</span> : null}
        <Chevron />
      </button>
      {isOpen ? (
        <ul className="divide-y divide-line border-t border-line">
          {calls.map((call) => (
            <li key={call.id}>
              <ToolCard call={call} sessionKey={sessionKey} />
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
