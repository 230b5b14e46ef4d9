/** What was asked before, with what was shown then. */
import { History as HistoryIcon } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Approval } from "#main/protocol/methods/approvals.ts";
import { useApp, useAppState } from "../../../gateway/use-app.ts";
import { Button } from "../../../ui/Button.tsx";
import { EmptyState } from "../../../ui/EmptyState.tsx";
import { Notice } from "../../../ui/Notice.tsx";
import { Select } from "../../../ui/Select.tsx";
import { useWork } from "../../settings/use-work.ts";
import { HistoryEntry } from "./HistoryEntry.tsx";

const OUTCOMES = ["all", "allowed", "denied", "expired", "could-not-show"] as const;

/** The pages read so far; begun anew when a question is answered. */
function usePages() {
  const app = useApp();
  const answered = useAppState(
    (state) => state.questions.filter(({ approval }) => approval.status === "resolved").length,
  );
  const [items, setItems] = useState<readonly Approval[]>();
  const [next, setNext] = useState<string>();
  const { isBusy, error, run } = useWork(true);
  const read = useCallback(
    (cursor?: string) => {
      const take = (page: Awaited<ReturnType<typeof app.approvals.history>>) => {
        setItems((known = []) => (cursor ? [...known, ...page.items] : page.items));
        setNext(page.nextCursor);
      };
      run(app.approvals.history(cursor).then(take));
    },
    [app, run],
  );
  useEffect(() => read(), [read, answered]);
  return { items, isLoading: isBusy || (!items && !error), error, more: next ? () => read(next) : undefined };
}

export function HistoryTab() {
  const { t } = useTranslation();
  const { items = [], isLoading, error, more } = usePages();
  const [outcome, setOutcome] = useState<(typeof OUTCOMES)[number]>("all");
  const [tool, setTool] = useState("all");
  const over = items.filter((item) => item.status === "resolved");
  const tools = [...new Set(over.map((item) => item.request.tool))].sort();
  const shown = over.filter(
    (item) => (outcome === "all" || item.outcome === outcome) && (tool === "all" || item.request.tool === tool),
  );
  return (
    <>
      <div className="mb-4 flex flex-wrap gap-2">
        <Select<(typeof OUTCOMES)[number]>
          label={t("approvals.filterOutcome")}
          value={outcome}
          onChange={setOutcome}
          options={OUTCOMES.map((value) => ({ value, label: t(`approvals.outcome_${value}`) }))}
        />
        <Select
          label={t("approvals.filterTool")}
          value={tool}
          onChange={setTool}
          options={[
            { value: "all", label: t("approvals.allTools") },
            ...tools.map((value) => ({ value, label: value })),
          ]}
        />
      </div>
      <Notice tone="danger">{error}</Notice>
      {shown.length === 0 && !isLoading && !error ? (
        <EmptyState icon={<HistoryIcon size={22} aria-hidden />} title={t("approvals.emptyHistory")}>
          {over.length === 0 ? t("approvals.emptyHistoryHint") : t("approvals.emptyFilter")}
        </EmptyState>
      ) : (
        <ul className="divide-y divide-line rounded-lg border border-line empty:hidden">
          {shown.map((item) => (
            <HistoryEntry key={item.id} item={item} />
          ))}
        </ul>
      )}
      {isLoading ? <p className="mt-3 text-small text-faint">{t("common.loading")}</p> : null}
      {more && !isLoading ? (
        <Button look="ghost" className="mt-3 w-full" onClick={more}>
          {t("common.more")}
        </Button>
      ) : null}
    </>
  );
}
