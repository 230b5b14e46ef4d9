/** Everything about a question: warnings, the whole command, the diff, where, for whom. Text only, in the order written. */
import { TriangleAlert } from "lucide-react";
import { type ReactNode, type Ref, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ApprovalRequest } from "#main/protocol/methods/approvals.ts";
import { titleOf } from "../../../gateway/session-actions.ts";
import { useAppState } from "../../../gateway/use-app.ts";
import { Chevron } from "../../../ui/Chevron.tsx";
import { Notice } from "../../../ui/Notice.tsx";
import { CopyButton } from "../../chat/markdown/CodeBlock.tsx";
import { toLine } from "../../settings/parts.tsx";
import { toDiffLines } from "../diff.ts";
import { DiffView } from "../DiffView.tsx";
import { toVisible } from "../questions.ts";

interface QuestionBodyProps {
  request: ApprovalRequest;
  /** For the end of each part that has to be read. */
  endRef?: (part: string) => Ref<HTMLSpanElement>;
}

/** The parts of a question that have an end to be read. */
export function partsOf(request: ApprovalRequest): string[] {
  return (["command", "diff"] as const).filter((part) => request[part] !== undefined);
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
      <Facts request={request} />
      <Details request={request} />
    </>
  );
}

/** Nothing when there is nothing to say. */
function Fact({ name, isCode, children }: { name: string; isCode?: boolean; children: ReactNode }) {
  if (!children) return null;
  return (
    <div className="grid grid-cols-[5.5rem_1fr] items-baseline gap-x-3">
      <dt className="text-small text-faint">{name}</dt>
      <dd className={`min-w-0 text-small [overflow-wrap:anywhere] select-text ${isCode ? "font-mono" : ""}`}>
        {children}
      </dd>
    </div>
  );
}

function Facts({ request }: { request: ApprovalRequest }) {
  const { t } = useTranslation();
  const row = useAppState((state) => state.sessions.find((other) => other.key === request.sessionKey));
  const { cwd, resolvedPath, hosts = [], host, requester, channel, agentId, sessionKey, why } = request;
  const facts = [
    { name: t("approvals.folder"), text: cwd, isCode: true },
    { name: t("approvals.programPath"), text: resolvedPath, isCode: true },
    { name: t("approvals.hosts"), text: hosts.join(", "), isCode: true },
    { name: t("approvals.where"), text: host },
    { name: t("approvals.requester"), text: toLine(requester === "you" ? t("approvals.you") : requester, channel) },
    { name: t("approvals.agent"), text: toLine(agentId, titleOf(row) ?? sessionKey) },
    { name: t("approvals.why"), text: why },
  ];
  return (
    <dl className="grid grid-cols-2 gap-x-5 gap-y-1 max-sm:grid-cols-1">
      {facts.map(({ name, text = "", isCode = false }) => (
        <Fact key={name} name={name} isCode={isCode}>
          {toVisible(text)}
        </Fact>
      ))}
    </dl>
  );
}

/** What few need and nobody should have to miss: each argument, the names of the environment, the digest. */
function Details({ request: { argv, envKeys, digest } }: { request: ApprovalRequest }) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <div>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
        className="group -ml-1 inline-flex h-7 items-center gap-1 rounded-md px-1 text-small text-soft hover:text-ink touch:h-11"
      >
        <Chevron size={13} className="" />
        {t("approvals.details")}
      </button>
      {isOpen ? (
        <dl className="mt-1 flex flex-col gap-1.5">
          {argv?.length ? (
            <Fact name={t("approvals.argv")} isCode>
              <ol className="list-decimal pl-5 marker:text-faint">
                {argv.map((part, at) => (
                  <li key={at} className="whitespace-pre-wrap [unicode-bidi:bidi-override]">
                    {toVisible(part)}
                  </li>
                ))}
              </ol>
            </Fact>
          ) : null}
          <Fact name={t("approvals.env")} isCode>
            {envKeys && (envKeys.map(toVisible).join(", ") || t("common.none"))}
          </Fact>
          <Fact name={t("approvals.digest")} isCode>
            {digest}
          </Fact>
        </dl>
      ) : null}
    </div>
  );
}
