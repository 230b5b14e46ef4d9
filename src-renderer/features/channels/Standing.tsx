/** How a platform stands, beside its name: as whom since when, what went through it, what is wrong and the way out. */
import { CircleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { ChannelAccount, ChannelOffer } from "#main/protocol/methods/channels.ts";
import { useApp } from "../../gateway/use-app.ts";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import type { Opened } from "./setup/SetupDialog.tsx";
import { STATE_TONES, useDistance, useLength, useTell } from "./use-channel-words.ts";

export function Facts({ account }: { account: ChannelAccount }) {
  const { t } = useTranslation();
  const distance = useDistance();
  const length = useLength();
  const { identity, since, lastInboundAtMs, lastOutboundAtMs } = account;
  const facts = [
    length(since),
    lastInboundAtMs ? t("channels.lastIn", { when: distance(lastInboundAtMs) }) : "",
    lastOutboundAtMs ? t("channels.lastOut", { when: distance(lastOutboundAtMs) }) : "",
  ];
  return (
    <div className="col-span-2 col-start-2">
      {identity ? (
        <p className="text-soft [overflow-wrap:anywhere]">
          <bdi>{identity}</bdi>
        </p>
      ) : null}
      <p className="mt-0.5 text-small text-faint">{facts.filter(Boolean).join(" · ")}</p>
    </div>
  );
}

export interface TroubleProps {
  offer: ChannelOffer;
  account: ChannelAccount;
  mayChange: boolean;
  onOpen(begin: Opened["begin"]): void;
}

/** Why it is not connected, and what helps. */
export function Trouble({ offer, account, mayChange, onOpen }: TroubleProps) {
  const { t } = useTranslation();
  const app = useApp();
  const tell = useTell();
  const { state, reason } = account;
  const isBad = state === "error" || state === "disconnected" || state === "degraded";
  if (!isBad && !(state === "connecting" && reason)) return null;
  return (
    <div className="px-4 pb-4 max-sm:px-3.5">
      <Notice tone={STATE_TONES[state]} icon={<CircleAlert size={15} aria-hidden />}>
        <p>{reason ?? t(state === "error" ? "channels.noReasonError" : "channels.noReasonOther")}</p>
        {mayChange && isBad ? (
          <div className="mt-2 flex flex-wrap gap-2">
            {offer.login === "qr" && state === "error" ? (
              <Button size="small" onClick={() => onOpen("link")}>
                {t("channels.linkAgain")}
              </Button>
            ) : null}
            <Button size="small" onClick={() => void tell(app.channels.start(offer.id))}>
              {t("channels.tryAgain")}
            </Button>
            {state === "error" ? (
              <Button size="small" onClick={() => onOpen("settings")}>
                {t("channels.editSettings")}
              </Button>
            ) : null}
          </div>
        ) : null}
      </Notice>
    </div>
  );
}
