/** A platform: how it stands, what is wrong and the way out, who may write; or that it can be set up. */
import { useTranslation } from "react-i18next";
import type { ChannelAccount, ChannelOffer } from "#main/protocol/methods/channels.ts";
import { standingOf } from "../../gateway/channel-model.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { toLine } from "../settings/parts.tsx";
import { useWork } from "../settings/use-work.ts";
import { AccessSentence } from "./access/AccessStep.tsx";
import { CardControls } from "./CardControls.tsx";
import { ChannelMark } from "./ChannelMark.tsx";
import type { Opened } from "./setup/SetupDialog.tsx";
import { STATE_TONES, useTimes } from "./use-channel-words.ts";

interface ChannelCardProps {
  offer: ChannelOffer;
  mayChange: boolean;
  onOpen(opened: Opened): void;
}

export function ChannelCard({ offer, mayChange, onOpen }: ChannelCardProps) {
  const { t } = useTranslation();
  const accounts = useAppState((state) => state.channels.accounts[offer.id]);
  const { account } = standingOf(accounts);
  // Switched on, and nothing heard of it yet: it is about to begin.
  const state = account?.state ?? (offer.settings["enabled"] === false ? "disabled" : "connecting");
  const open = (begin: Opened["begin"]) => onOpen({ channel: offer.id, begin });
  return (
    <li className="rounded-lg border border-line">
      <div className="grid grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-3 p-4 max-sm:p-3.5">
        <span className="row-span-2 self-start touch:mt-1">
          <ChannelMark channel={offer.id} isFaint={state === "disabled"} />
        </span>
        <h3 className="flex flex-wrap items-center gap-x-2 gap-y-1 font-medium">
          {offer.label}
          <Badge tone={STATE_TONES[state]}>{t(`channels.state_${state}`)}</Badge>
        </h3>
        {mayChange ? <CardControls offer={offer} onOpen={open} /> : null}
        {account && state !== "disabled" ? <Facts account={account} /> : null}
      </div>
      {account ? <Trouble offer={offer} account={account} mayChange={mayChange} onOpen={open} /> : null}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line px-4 py-2.5 max-sm:px-3.5">
        <AccessSentence offer={offer} className="min-w-0 flex-1 basis-48 text-small text-soft" />
        {mayChange ? (
          <Button look="ghost" size="small" className="-mr-1.5" onClick={() => open("access")}>
            {t("channels.change")}
            <span className="sr-only">{offer.label}</span>
          </Button>
        ) : null}
      </div>
    </li>
  );
}

/** As whom, since when, and what went through it. */
function Facts({ account }: { account: ChannelAccount }) {
  const { t } = useTranslation();
  const { distance, length } = useTimes();
  const { identity, since, lastInboundAtMs, lastOutboundAtMs } = account;
  const facts = toLine(
    length(since),
    lastInboundAtMs && t("channels.lastIn", { when: distance(lastInboundAtMs) }),
    lastOutboundAtMs && t("channels.lastOut", { when: distance(lastOutboundAtMs) }),
  );
  return (
    <div className="col-span-2 col-start-2">
      {identity ? <bdi className="block text-soft [overflow-wrap:anywhere]">{identity}</bdi> : null}
      <p className="mt-0.5 text-small text-faint">{facts}</p>
    </div>
  );
}

interface TroubleProps {
  offer: ChannelOffer;
  account: ChannelAccount;
  mayChange: boolean;
  onOpen(begin: Opened["begin"]): void;
}

/** Why it is not connected, and what helps. */
function Trouble({ offer, account, mayChange, onOpen }: TroubleProps) {
  const { t } = useTranslation();
  const app = useApp();
  const { run } = useWork();
  const { state, reason } = account;
  const isError = state === "error";
  const isBad = isError || state === "disconnected" || state === "degraded";
  if (!isBad && !(state === "connecting" && reason)) return null;
  const helps = [
    { isOffered: isError && offer.login === "qr", words: t("channels.linkAgain"), press: () => onOpen("link") },
    { isOffered: true, words: t("channels.tryAgain"), press: () => run(app.channels.start(offer.id)) },
    { isOffered: isError, words: t("channels.editSettings"), press: () => onOpen("settings") },
  ].filter(({ isOffered }) => isOffered && mayChange && isBad);
  return (
    <div className="px-4 pb-4 max-sm:px-3.5">
      <Notice tone={STATE_TONES[state]} isMarked>
        <p>{reason ?? t(isError ? "channels.noReasonError" : "channels.noReasonOther")}</p>
        <div className="mt-2 flex flex-wrap gap-2 empty:hidden">
          {helps.map(({ words, press }) => (
            <Button key={words} size="small" onClick={press}>
              {words}
            </Button>
          ))}
        </div>
      </Notice>
    </div>
  );
}

/** A platform that is not set up, with a sentence, or why it cannot run here. */
export function OfferCard({ offer, mayChange, onOpen }: ChannelCardProps) {
  const { id, label, summary, unavailable } = offer;
  return (
    <li className="flex">
      <button
        type="button"
        disabled={!mayChange || unavailable !== undefined}
        onClick={() => onOpen({ channel: id, begin: "settings" })}
        className="flex w-full items-start gap-3 rounded-lg border border-line p-3.5 text-left enabled:hover:border-edge enabled:hover:bg-hover disabled:border-dashed"
      >
        <ChannelMark channel={id} isFaint />
        <span className="min-w-0 flex-1">
          <span className={`block font-medium ${unavailable === undefined ? "" : "text-soft"}`}>{label}</span>
          <span className="block text-small text-soft">{unavailable ?? summary}</span>
        </span>
      </button>
    </li>
  );
}
