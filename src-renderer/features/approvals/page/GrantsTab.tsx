/** What runs without asking because the owner said "always": each can be taken back. */
import { ChevronRight, KeyRound } from "lucide-react";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Grant } from "#main/protocol/methods/approvals.ts";
import { useApp } from "../../../gateway/use-app.ts";
import { EmptyState } from "../../../ui/EmptyState.tsx";
import { Pending } from "../../settings/parts.tsx";
import { useReport } from "../../settings/use-report.ts";
import { GrantRow } from "./GrantRow.tsx";

export function GrantsTab() {
  const { t } = useTranslation();
  const app = useApp();
  const read = useCallback(() => app.approvals.grants(true), [app]);
  const { value, error, reload } = useReport(read);
  const [isOpen, setIsOpen] = useState(false);
  if (error || !value) return <Pending error={error} />;
  const inForce = value.filter((grant) => grant.revokedAtMs === undefined);
  const revoked = value.filter((grant) => grant.revokedAtMs !== undefined);
  const toRow = (grant: Grant) => <GrantRow key={grant.grantId} grant={grant} onChange={reload} />;
  return (
    <>
      <p className="mb-4 text-soft">{t("approvals.grantsIntro")}</p>
      {inForce.length === 0 ? (
        <EmptyState icon={<KeyRound size={22} aria-hidden />} title={t("approvals.emptyGrants")}>
          {t("approvals.emptyGrantsHint")}
        </EmptyState>
      ) : (
        <ul className="divide-y divide-line rounded-lg border border-line">{inForce.map(toRow)}</ul>
      )}
      {revoked.length > 0 ? (
        <div className="mt-4">
          <button
            type="button"
            aria-expanded={isOpen}
            onClick={() => setIsOpen(!isOpen)}
            className="group inline-flex h-8 items-center gap-1.5 rounded-md px-1 text-base text-soft hover:text-ink touch:h-11"
          >
            <ChevronRight size={14} aria-hidden className="transition-transform group-aria-expanded:rotate-90" />
            {t("approvals.revokedGrants", { count: revoked.length })}
          </button>
          {isOpen ? (
            <ul className="mt-1 divide-y divide-line rounded-lg border border-line">{revoked.map(toRow)}</ul>
          ) : null}
        </div>
      ) : null}
    </>
  );
}
