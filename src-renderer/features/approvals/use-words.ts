/** Levels, outcomes and people in words. Must never show an outcome as another one. */
import { useTranslation } from "react-i18next";
import type { Approval } from "#main/protocol/methods/approvals.ts";
import { useAppState } from "../../gateway/use-app.ts";

export const LEVELS = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

/** The words for a level; one that is not known counts as the highest. */
export function useLevelWords(): (level: number) => string {
  const { t } = useTranslation();
  return (level) => {
    const words = t(`approvals.level${LEVELS.find((known) => known === level) ?? 9}`);
    return t("approvals.level", { level, words });
  };
}

/** Who answered: a device by its name, a program, or what the gateway wrote. */
export function useWho(): (resolvedBy: string | undefined) => string {
  const { t } = useTranslation();
  const paired = useAppState((state) => state.devices?.paired);
  return (resolvedBy = "") => {
    const [kind, ...rest] = resolvedBy.split(":");
    const id = rest.join(":");
    if (kind === "device") {
      return paired?.find((device) => device.deviceId === id)?.displayName ?? t("approvals.otherDevice");
    }
    return kind === "program" || kind === "cli" ? t("approvals.program") : resolvedBy;
  };
}

const OUTCOMES = {
  "allow-always": { key: "approvals.allowedAlways", tone: "ok" },
  allowed: { key: "approvals.allowedOnce", tone: "ok" },
  denied: { key: "approvals.denied", tone: "danger" },
  expired: { key: "approvals.expired", tone: "warn" },
  "could-not-show": { key: "approvals.couldNotShow", tone: "warn" },
} as const;
const RUNS = {
  done: { key: "approvals.runDone", tone: "neutral" },
  failed: { key: "approvals.runFailed", tone: "danger" },
  unknown: { key: "approvals.runUnknown", tone: "warn" },
} as const;

/** How a question ended, or undefined while it waits. */
export function useOutcomeWords() {
  const { t } = useTranslation();
  return ({ outcome, decision }: Approval) => {
    if (!outcome) return undefined;
    const { key, tone } = OUTCOMES[outcome === "allowed" && decision === "allow-always" ? decision : outcome];
    return { text: t(key), tone };
  };
}

/** How the run after a yes ended, or undefined. */
export function useRunWords() {
  const { t } = useTranslation();
  return ({ run }: Approval) => run && { text: t(RUNS[run].key), tone: RUNS[run].tone };
}
