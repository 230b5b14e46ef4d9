/** One entry of the record; its details on a press. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AuditEntry } from "#main/protocol/methods/audit.ts";
import { toWhen } from "../../i18n/format.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Chevron } from "../../ui/Chevron.tsx";
import { toVisible } from "../approvals/questions.ts";

export function AuditEntryRow({ entry }: { entry: AuditEntry }) {
  const { t, i18n } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const tone = entry.level === "info" ? "neutral" : entry.level === "warning" ? "warn" : "danger";
  const facts: readonly (readonly [string, string | undefined])[] = [
    [t("audit.seq"), String(entry.seq)],
    [t("audit.time"), new Date(entry.ts).toISOString()],
    [t("audit.actor"), entry.actor],
    [t("audit.target"), entry.target],
    [t("audit.session"), entry.sessionKey],
    [t("audit.correlation"), entry.correlationId],
  ];
  return (
    <li>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
        className="group flex min-h-9 w-full flex-wrap items-center gap-x-2.5 gap-y-0.5 px-3 py-1.5 text-left outline-offset-[-2px] hover:bg-hover touch:min-h-11"
      >
        <Chevron size={13} />
        <Badge tone={tone}>{entry.type}</Badge>
        <span className="min-w-0 flex-1 basis-48 truncate">{toVisible(entry.message)}</span>
        <span className="text-small text-faint tabular-nums">{toWhen(entry.ts, Date.now(), i18n.language)}</span>
      </button>
      {isOpen ? (
        <div className="border-t border-line bg-side px-3 py-2.5 select-text">
          <p className="mb-2 [overflow-wrap:anywhere]">{toVisible(entry.message)}</p>
          <dl className="grid grid-cols-[7rem_1fr] gap-x-3 gap-y-1 text-small">
            {facts
              .filter(([, value]) => value)
              .map(([name, value]) => (
                <div key={name} className="contents">
                  <dt className="text-faint">{name}</dt>
                  <dd className="[overflow-wrap:anywhere]">{value}</dd>
                </div>
              ))}
          </dl>
          {entry.data === undefined ? null : (
            <pre
              tabIndex={0}
              aria-label={t("audit.data")}
              className="mt-2 max-h-60 overflow-auto rounded-md bg-sunken p-2 font-mono text-small whitespace-pre-wrap [overflow-wrap:anywhere]"
            >
              {toVisible(JSON.stringify(entry.data, null, 2))}
            </pre>
          )}
        </div>
      ) : null}
    </li>
  );
}
