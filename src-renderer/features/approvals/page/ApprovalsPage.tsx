/** Questions that wait, questions that were answered, what is always allowed, and the rules. */
import { Tabs } from "@base-ui/react/tabs";
import { ShieldCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { toWaiting } from "../../../gateway/approval-model.ts";
import { type ApprovalsTab, may } from "../../../gateway/store.ts";
import { useApp, useAppState } from "../../../gateway/use-app.ts";
import { EmptyState } from "../../../ui/EmptyState.tsx";
import { Notice } from "../../../ui/Notice.tsx";
import { Page } from "../../../ui/Page.tsx";
import { QuestionQueue } from "../card/QuestionQueue.tsx";
import { Walls } from "../Walls.tsx";
import { GrantsTab } from "./GrantsTab.tsx";
import { HistoryTab } from "./HistoryTab.tsx";
import { RulesTab } from "./RulesTab.tsx";

const TABS = [
  { name: "pending", Content: PendingTab },
  { name: "history", Content: HistoryTab },
  { name: "grants", Content: GrantsTab },
  { name: "rules", Content: RulesTab },
] as const;

export function ApprovalsPage() {
  const { t } = useTranslation();
  const app = useApp();
  const tab = useAppState((state) => state.approvalsTab);
  const waiting = useAppState((state) => toWaiting(state.questions).length);
  const mayAnswer = useAppState((state) => may(state, "operator.approvals"));
  return (
    <Page
      title={t("approvals.title")}
      menuLabel={t("chat.menu")}
      onMenu={() => app.store.setState({ isDrawerOpen: true })}
      aside={<Walls />}
    >
      <Tabs.Root
        value={tab}
        onValueChange={(next) => app.store.setState({ approvalsTab: next as ApprovalsTab })}
        className="flex min-h-0 flex-1 flex-col"
      >
        <Tabs.List
          aria-label={t("approvals.tabs")}
          className="flex shrink-0 gap-1 overflow-x-auto border-b border-line px-4 py-1.5 max-sm:px-2"
        >
          {TABS.map(({ name }) => (
            <Tabs.Tab
              key={name}
              value={name}
              className="flex h-8 shrink-0 items-center gap-2 rounded-md px-3 text-base text-soft outline-offset-[-2px] hover:bg-hover hover:text-ink data-active:bg-press data-active:font-medium data-active:text-ink touch:h-11"
            >
              {t(`approvals.tab_${name}`)}
              {name === "pending" && waiting > 0 ? (
                <span className="rounded-full bg-warn-tint px-1.5 text-micro font-semibold text-warn tabular-nums">
                  {waiting}
                </span>
              ) : null}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map(({ name, Content }) => (
          <Tabs.Panel key={name} value={name} className="min-h-0 flex-1 overflow-y-auto outline-offset-[-2px]">
            <div className="mx-auto w-full max-w-[46rem] px-6 py-5 max-sm:px-4">
              {mayAnswer ? <Content /> : <Notice>{t("approvals.mayNot")}</Notice>}
            </div>
          </Tabs.Panel>
        ))}
      </Tabs.Root>
    </Page>
  );
}

function PendingTab() {
  const { t } = useTranslation();
  const questions = useAppState((state) => state.questions);
  const waiting = toWaiting(questions);
  if (waiting.length > 0) return <QuestionQueue questions={waiting} />;
  return (
    <EmptyState icon={<ShieldCheck size={22} aria-hidden />} title={t("approvals.emptyPending")}>
      {t("approvals.emptyPendingHint")}
    </EmptyState>
  );
}
