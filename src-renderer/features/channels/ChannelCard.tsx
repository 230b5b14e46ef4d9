/** One platform that is set up: how it stands since when, what went through it, what is wrong and the way out. */
import { CircleAlert, Ellipsis, LogOut, Pencil, Trash2, Users } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ChannelAccount, ChannelOffer } from "#main/protocol/methods/channels.ts";
import { standingOf } from "../../gateway/channel-model.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Switch } from "../../ui/Switch.tsx";
import { AccessSentence } from "./access/AccessSentence.tsx";
import { ChannelMark } from "./ChannelMark.tsx";
import { LeaveDialog } from "./LeaveDialog.tsx";
import type { Opened } from "./setup/SetupDialog.tsx";
import { STATE_TONES, useDistance, useLength, useTell } from "./use-channel-words.ts";

export interface ChannelCardProps {
  offer: ChannelOffer;
  mayChange: boolean;
  onOpen(opened: Opened): void;
}

export function ChannelCard({ offer, mayChange, onOpen }: ChannelCardProps) {
  const { t } = useTranslation();
  const app = useApp();
  const tell = useTell();
  const accounts = useAppState((state) => state.channels.accounts[offer.id]);
  const [leaving, setLeaving] = useState<"logout" | "remove">();
  const [isBusy, setIsBusy] = useState(false);
  const isOn = offer.settings["enabled"] !== false;
  const { account } = standingOf(accounts);
  // Switched on, and nothing heard of it yet: it is about to begin.
  const state = account?.state ?? (isOn ? "connecting" : "disabled");
  const open = (begin: Opened["begin"]) => onOpen({ channel: offer.id, begin });
  const turn = (enabled: boolean) => {
    setIsBusy(true);
    void tell(app.channels.save(offer.id, { enabled })).finally(() => setIsBusy(false));
  };
  const logout = { label: t("channels.logout"), icon: <LogOut size={14} />, run: () => setLeaving("logout") };
  const actions = [
    { label: t("channels.edit"), icon: <Pencil size={14} />, run: () => open("settings") },
    { label: t("channels.who"), icon: <Users size={14} />, run: () => open("access") },
    ...(offer.login === "qr" ? [{ ...logout, isApart: true }] : []),
    {
      label: t("channels.remove"),
      icon: <Trash2 size={14} />,
      isApart: offer.login !== "qr",
      isDangerous: true,
      run: () => setLeaving("remove"),
    },
  ];
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
        {mayChange ? (
          <div className="flex items-center gap-2">
            <Switch
              label={t("channels.onOff", { name: offer.label })}
              isOn={isOn}
              isDisabled={isBusy}
              onChange={turn}
            />
            <Menu
              actions={actions}
              trigger={
                <IconButton
                  label={t("channels.actions", { name: offer.label })}
                  icon={<Ellipsis size={16} aria-hidden />}
                />
              }
            />
          </div>
        ) : null}
        {account && state !== "disabled" ? <Facts account={account} /> : null}
      </div>
      {account ? <Trouble offer={offer} account={account} mayChange={mayChange} onOpen={onOpen} /> : null}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line px-4 py-2.5 max-sm:px-3.5">
        <AccessSentence offer={offer} className="min-w-0 flex-1 basis-48 text-small text-soft" />
        {mayChange ? (
          <Button look="ghost" size="small" className="-mr-1.5" onClick={() => open("access")}>
            {t("channels.change")}
            <span className="sr-only">{offer.label}</span>
          </Button>
        ) : null}
      </div>
      <LeaveDialog offer={offer} way={leaving} onClose={() => setLeaving(undefined)} />
    </li>
  );
}

function Facts({ account }: { account: ChannelAccount }) {
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

/** Why it is not connected, and what helps. */
function Trouble({ offer, account, mayChange, onOpen }: ChannelCardProps & { account: ChannelAccount }) {
  const { t } = useTranslation();
  const app = useApp();
  const tell = useTell();
  const { state, reason } = account;
  const isBad = state === "error" || state === "disconnected" || state === "degraded";
  if (!isBad && !(state === "connecting" && reason)) return null;
  const open = (begin: Opened["begin"]) => onOpen({ channel: offer.id, begin });
  return (
    <div className="px-4 pb-4 max-sm:px-3.5">
      <Notice tone={STATE_TONES[state]} icon={<CircleAlert size={15} aria-hidden />}>
        <p>{reason ?? t(state === "error" ? "channels.noReasonError" : "channels.noReasonOther")}</p>
        {mayChange && isBad ? (
          <div className="mt-2 flex flex-wrap gap-2">
            {offer.login === "qr" && state === "error" ? (
              <Button size="small" onClick={() => open("link")}>
                {t("channels.linkAgain")}
              </Button>
            ) : null}
            <Button size="small" onClick={() => void tell(app.channels.start(offer.id))}>
              {t("channels.tryAgain")}
            </Button>
            {state === "error" ? (
              <Button size="small" onClick={() => open("settings")}>
                {t("channels.editSettings")}
              </Button>
            ) : null}
          </div>
        ) : null}
      </Notice>
    </div>
  );
}
