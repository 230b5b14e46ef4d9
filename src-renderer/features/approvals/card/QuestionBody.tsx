/** What would happen: the warnings, the whole command, the diff. Text only, in the order in which it was written. */
import { TriangleAlert } from "lucide-react";
import { type Ref, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { ApprovalRequest } from "#main/protocol/methods/approvals.ts";
import { Notice } from "../../../ui/Notice.tsx";
import { CopyButton } from "../../chat/markdown/CodeBlock.tsx";
import { toDiffLines } from "../diff.ts";
import { DiffView } from "../DiffView.tsx";
import { toVisible } from "../questions.ts";

export interface QuestionBodyProps {
  request: ApprovalRequest;
  /** For the end of each part that has to be read. */
  endRef?: (part: string) => Ref<HTMLSpanElement>;
}

/** The parts of a question that have an end to be read. */
export function partsOf(request: ApprovalRequest): string[] {
  return [...(request.command === undefined ? [] : ["command"]), ...(request.diff === undefined ? [] : ["diff"])];
}

export function QuestionBody({ request, endRef }: QuestionBodyProps) {
  const { t } = useTranslation();
  const { command, diff, warnings } = request;
  const lines = useMemo(() => (diff === undefined ? undefined : toDiffLines(diff)), [diff]);
  return (
    <>
      {warnings.length > 0 ? (
        <Notice tone="warn" role="alert" icon={<TriangleAlert size={15} aria-hidden />}>
          <p className="font-semibold">{t("approvals.warning")}</p>
          <ul className="list-disc pl-4 text-small">
            {warnings.map((warning) => (
              <li key={warning}>{toVisible(warning)}</li>
            ))}
          </ul>
        </Notice>
      ) : null}
      {command === undefined ? null : (
        <div className="relative rounded-md border border-line bg-sunken">
          <pre
            tabIndex={0}
            dir="ltr"
            aria-label={t("approvals.command")}
            className="max-h-[40vh] overflow-auto py-2.5 pr-10 pl-3 font-mono text-base whitespace-pre-wrap outline-offset-[-2px] select-text [overflow-wrap:anywhere] [unicode-bidi:bidi-override]"
          >
            {toVisible(command)}
            <span ref={endRef?.("command")} className="block h-px" />
          </pre>
          <span className="absolute top-1 right-1">
            <CopyButton text={command} label={t("approvals.copy")} />
          </span>
        </div>
      )}
      {lines ? <DiffView lines={lines} {...(endRef ? { endRef: endRef("diff") } : {})} /> : null}
    </>
  );
}
