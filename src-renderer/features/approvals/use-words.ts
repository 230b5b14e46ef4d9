/** Levels, outcomes and people in words. Must never show an outcome as another one. */
import { useTranslation } from "react-i18next";
import type { Approval } from "#main/protocol/methods/approvals.ts";
import { useAppState } from "../../gateway/use-app.ts";
import type { Tone } from "../../ui/Badge.tsx";

export const LEVELS = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

/** The words for a level; one that is not known counts as the highest. */
export function useLevelWords(): (level: number) => string {
  const { t } = useTranslation();
  return (level) => t(`approvals.level${LEVELS.find((known) => known === level) ?? 9}`);
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

export interface OutcomeWords {
  text: string;
  tone: Tone;
}

/** How a question ended, or undefined while it waits. */
export function useOutcomeWords(): (approval: Approval) => OutcomeWords | undefined {
  const { t } = useTranslation();
  return ({ outcome, decision }) => {
    const words: Record<NonNullable<Approval["outcome"]>, OutcomeWords> = {
      allowed: {
        text: decision === "allow-always" ? t("approvals.allowedAlways") : t("approvals.allowedOnce"),
        tone: "ok",
      },
      denied: { text: t("approvals.denied"), tone: "danger" },
      expired: { text: t("approvals.expired"), tone: "warn" },
      "could-not-show": { text: t("approvals.couldNotShow"), tone: "warn" },
    };
    return outcome && words[outcome];
  };
}

/** How the run after a yes ended, or undefined. */
export function useRunWords(): (approval: Approval) => OutcomeWords | undefined {
  const { t } = useTranslation();
  return ({ run }) => {
    const words: Record<NonNullable<Approval["run"]>, OutcomeWords> = {
      done: { text: t("approvals.runDone"), tone: "neutral" },
      failed: { text: t("approvals.runFailed"), tone: "danger" },
      unknown: { text: t("approvals.runUnknown"), tone: "warn" },
    };
    return run && words[run];
  };
}
