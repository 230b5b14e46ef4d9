/** What a rule would have allowed of the past, before it is saved. */
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { GrantRule } from "#main/protocol/methods/approvals.ts";
import { useApp } from "../../../gateway/use-app.ts";
import { toWhen } from "../../../i18n/format.ts";
import { Button } from "../../../ui/Button.tsx";
import { useReport } from "../../settings/use-report.ts";
import { toVisible } from "../questions.ts";

export function Simulated({ rule }: { rule: GrantRule }) {
  const { t, i18n } = useTranslation();
  const app = useApp();
  const [isOpen, setIsOpen] = useState(false);
  const read = useCallback(() => app.approvals.simulate(rule), [app, rule]);
  const { value, error, isLoading } = useReport(read);
  if (error) return <p className="text-small text-danger">{error}</p>;
  if (!value) return <p className="text-small text-faint">{t("common.loading")}</p>;
  return (
    <div role="status" aria-busy={isLoading} className="text-small text-soft">
      <p className="[overflow-wrap:anywhere]">{toVisible(value.sentence)}</p>
      <p className="mt-1 flex flex-wrap items-center gap-2">
        <span className="font-medium text-ink">
          {t("approvals.simulated", { matched: value.matched.length, looked: value.looked })}
        </span>
        {value.matched.length > 0 ? (
          <Button size="small" look="ghost" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
            {isOpen ? t("approvals.hideList") : t("approvals.showList")}
          </Button>
        ) : null}
      </p>
      {isOpen ? (
        <ul className="mt-1 max-h-40 divide-y divide-line overflow-y-auto" tabIndex={0}>
          {value.matched.map((item) => (
            <li key={item.id} className="flex gap-3 py-1">
              <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">{toVisible(item.summary)}</span>
              <span className="shrink-0 text-faint">{toWhen(item.createdAtMs, Date.now(), i18n.language)}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
