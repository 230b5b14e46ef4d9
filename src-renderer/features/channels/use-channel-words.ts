/** States and times of channels in words. Must never call a channel connected that is not. */
import { useTranslation } from "react-i18next";
import type { ChannelState } from "#main/protocol/methods/channels.ts";
import { useAppState } from "../../gateway/use-app.ts";
import { toDistance, toDuration } from "../../i18n/format.ts";
import type { Tone } from "../../ui/Badge.tsx";
import { useNow } from "../approvals/use-now.ts";

export const STATE_TONES: Record<ChannelState, Tone> = {
  connecting: "accent",
  connected: "ok",
  degraded: "warn",
  disconnected: "warn",
  error: "danger",
  disabled: "neutral",
};

/** Times by the gateway's clock, drawn anew now and then: "3 min. ago", "for 3 hr 10 min". */
export function useTimes() {
  const { t, i18n } = useTranslation();
  const skewMs = useAppState((state) => state.skewMs);
  useNow(true, 20_000);
  const now = Date.now() - skewMs;
  return {
    distance: (at: number) => toDistance(at, now, i18n.language),
    length(since: number) {
      const minutes = Math.floor((now - since) / 60_000);
      if (minutes < 1) return t("channels.justNow");
      return t("channels.since", { length: toDuration(minutes * 60_000, i18n.language) });
    },
  };
}
