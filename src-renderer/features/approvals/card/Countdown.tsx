/** How long a question still waits: each second for the eye, in larger steps for the ear. */
import { Clock } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Approval } from "#main/protocol/methods/approvals.ts";
import { useAppState } from "../../../gateway/use-app.ts";
import { cx } from "../../../ui/class-names.ts";
import { toClock, toLeft, toSpokenLeft } from "../questions.ts";
import { useNow } from "../use-now.ts";

/** Below this the time is set off, in milliseconds. */
const SOON_MS = 20_000;

export function Countdown({ approval, isSpoken }: { approval: Approval; isSpoken: boolean }) {
  const { t } = useTranslation();
  const skewMs = useAppState((state) => state.skewMs);
  const left = toLeft(approval, useNow(true), skewMs);
  const { unit, count } = toSpokenLeft(left);
  return (
    <span className={cx("inline-flex items-center gap-1.5 text-small", left < SOON_MS ? "text-warn" : "text-faint")}>
      <Clock size={13} aria-hidden />
      <span aria-hidden className="tabular-nums">
        {toClock(left)}
      </span>
      <span className="sr-only" {...(isSpoken ? { "aria-live": "polite" as const } : {})}>
        {unit === "minute" ? t("approvals.minutesLeft", { count }) : t("approvals.secondsLeft", { count })}
      </span>
    </span>
  );
}
