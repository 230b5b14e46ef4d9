/** Everything about a question that is not the command itself: where, which program, for whom, and the details. */
import { ChevronRight } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ApprovalRequest } from "#main/protocol/methods/approvals.ts";
import { titleOf } from "../../../gateway/session-actions.ts";
import { useAppState } from "../../../gateway/use-app.ts";
import { cx } from "../../../ui/class-names.ts";
import { toVisible } from "../questions.ts";

function Fact({ name, isCode, children }: { name: string; isCode?: boolean; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[5.5rem_1fr] items-baseline gap-x-3">
      <dt className="text-small text-faint">{name}</dt>
      <dd className={cx("min-w-0 text-small [overflow-wrap:anywhere] select-text", isCode && "font-mono")}>
        {children}
      </dd>
    </div>
  );
}

export function QuestionFacts({ request }: { request: ApprovalRequest }) {
  const { t } = useTranslation();
  const row = useAppState((state) => state.sessions.find((other) => other.key === request.sessionKey));
  const asker = [request.requester === "you" ? t("approvals.you") : request.requester, request.channel];
  return (
    <dl className="grid grid-cols-2 gap-x-5 gap-y-1 max-sm:grid-cols-1">
      {request.cwd ? (
        <Fact name={t("approvals.folder")} isCode>
          {toVisible(request.cwd)}
        </Fact>
      ) : null}
      {request.resolvedPath ? (
        <Fact name={t("approvals.programPath")} isCode>
          {toVisible(request.resolvedPath)}
        </Fact>
      ) : null}
      {request.hosts?.length ? (
        <Fact name={t("approvals.hosts")} isCode>
          {request.hosts.map(toVisible).join(", ")}
        </Fact>
      ) : null}
      <Fact name={t("approvals.where")}>{toVisible(request.host)}</Fact>
      <Fact name={t("approvals.requester")}>{asker.filter(Boolean).join(" · ")}</Fact>
      <Fact name={t("approvals.agent")}>
        {[request.agentId, titleOf(row) ?? request.sessionKey].map(toVisible).join(" · ")}
      </Fact>
      {request.why ? <Fact name={t("approvals.why")}>{toVisible(request.why)}</Fact> : null}
    </dl>
  );
}

/** What few need and nobody should have to miss: each argument, the names of the environment, the digest. */
export function QuestionDetails({ request }: { request: ApprovalRequest }) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <div>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
        className="-ml-1 inline-flex h-7 items-center gap-1 rounded-md px-1 text-small text-soft hover:text-ink touch:h-11"
      >
        <ChevronRight
          size={13}
          aria-hidden
          className={cx("transition-transform duration-100", isOpen && "rotate-90")}
        />
        {t("approvals.details")}
      </button>
      {isOpen ? (
        <dl className="mt-1 flex flex-col gap-1.5">
          {request.argv?.length ? (
            <Fact name={t("approvals.argv")} isCode>
              <ol className="list-decimal pl-5 marker:text-faint">
                {request.argv.map((part, at) => (
                  <li key={at} className="whitespace-pre-wrap [unicode-bidi:bidi-override]">
                    {toVisible(part)}
                  </li>
                ))}
              </ol>
            </Fact>
          ) : null}
          {request.envKeys ? (
            <Fact name={t("approvals.env")} isCode>
              {request.envKeys.length > 0 ? request.envKeys.map(toVisible).join(", ") : t("common.none")}
            </Fact>
          ) : null}
          <Fact name={t("approvals.digest")} isCode>
            {request.digest}
          </Fact>
        </dl>
      ) : null}
    </div>
  );
}
