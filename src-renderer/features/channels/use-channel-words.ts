/** States, times and failures of channels in words. Must never call a channel connected that is not. */
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ChannelState } from "#main/protocol/methods/channels.ts";
import { wordsOf } from "../../gateway/chat-actions.ts";
import { useAppState } from "../../gateway/use-app.ts";
import { toDistance, toDuration } from "../../i18n/format.ts";
import type { Tone } from "../../ui/Badge.tsx";
import { showError } from "../../ui/toast.tsx";

export const STATE_TONES: Record<ChannelState, Tone> = {
  connecting: "accent",
  connected: "ok",
  degraded: "warn",
  disconnected: "warn",
  error: "danger",
  disabled: "neutral",
};

/** The time by the gateway's clock, drawn anew now and then. */
function useSlowNow(): () => number {
  const skewMs = useAppState((state) => state.skewMs);
  const [, redraw] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => redraw((count) => count + 1), 20_000);
    return () => clearInterval(timer);
  }, []);
  return () => Date.now() - skewMs;
}

/** "3 min. ago". */
export function useDistance(): (at: number) => string {
  const { i18n } = useTranslation();
  const now = useSlowNow();
  return (at) => toDistance(at, now(), i18n.language);
}

/** "for 3 hr 10 min". */
export function useLength(): (since: number) => string {
  const { t, i18n } = useTranslation();
  const now = useSlowNow();
  return (since) => {
    const minutes = Math.floor((now() - since) / 60_000);
    if (minutes < 1) return t("channels.justNow");
    return t("channels.since", { length: toDuration(minutes * 60_000, i18n.language) });
  };
}

/** Tells when something did not work. The result resolves either way, to whether it worked. */
export function useTell(): (work: Promise<unknown>) => Promise<boolean> {
  const { t } = useTranslation();
  return (work) =>
    work.then(
      () => true,
      (error: unknown) => {
        showError(t("common.failed", { message: wordsOf(error) }));
        return false;
      },
    );
}
