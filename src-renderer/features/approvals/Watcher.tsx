/** What is out of sight and waits: the title's count, the app's badge, a passing message that leads there. */
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { toWaiting } from "../../gateway/approval-model.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { dropToast, showToast } from "../../ui/toast.tsx";
import { toVisible } from "./questions.ts";

export function Watcher() {
  useTitle();
  useToasts();
  return null;
}

function useTitle(): void {
  const count = useAppState((state) => toWaiting(state.questions).length);
  useEffect(() => {
    document.title = count > 0 ? `(${count}) Gatehouse` : "Gatehouse";
    // Not every browser has badges, and none need them to work.
    if (!("setAppBadge" in navigator)) return;
    const badge = count > 0 ? navigator.setAppBadge(count) : navigator.clearAppBadge();
    void badge.catch(() => undefined);
  }, [count]);
}

function useToasts(): void {
  const { t } = useTranslation();
  const app = useApp();
  const questions = useAppState((state) => state.questions);
  const activeKey = useAppState((state) => state.activeKey);
  const view = useAppState((state) => state.view);
  const told = useRef(new Set<string>());
  useEffect(() => {
    for (const { approval } of questions) {
      const isSeen = view === "approvals" || approval.request.sessionKey === activeKey;
      const isOver = approval.status === "resolved";
      if (told.current.has(approval.id)) {
        // What it led to is in sight, or over.
        if (isSeen || isOver) dropToast(approval.id);
        continue;
      }
      told.current.add(approval.id);
      if (isSeen || isOver) continue;
      showToast(t("approvals.toast", { summary: toVisible(approval.request.summary).slice(0, 120) }), {
        action: { label: t("approvals.review"), run: () => app.openSession(approval.request.sessionKey) },
        durationMs: 15_000,
        id: approval.id,
      });
    }
  }, [activeKey, app, questions, t, view]);
}
