/** One platform that is set up: how it stands, what is wrong, who may write, and what can be done. */
import { useTranslation } from "react-i18next";
import type { ChannelOffer } from "#main/protocol/methods/channels.ts";
import { standingOf } from "../../gateway/channel-model.ts";
import { useAppState } from "../../gateway/use-app.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { AccessSentence } from "./access/AccessSentence.tsx";
import { CardControls } from "./CardControls.tsx";
import { ChannelMark } from "./ChannelMark.tsx";
import type { Opened } from "./setup/SetupDialog.tsx";
import { Facts, Trouble } from "./Standing.tsx";
import { STATE_TONES } from "./use-channel-words.ts";

export interface ChannelCardProps {
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
