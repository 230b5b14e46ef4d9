/** One platform that is set up: how it stands since when, what went through it, what is wrong and the way out. */
import { Ellipsis, LogOut, Pencil, Trash2, Users } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ChannelOffer } from "#main/protocol/methods/channels.ts";
import { standingOf } from "../../gateway/channel-model.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { Switch } from "../../ui/Switch.tsx";
import { AccessSentence } from "./access/AccessSentence.tsx";
import { ChannelMark } from "./ChannelMark.tsx";
import { LeaveDialog } from "./LeaveDialog.tsx";
import type { Opened } from "./setup/SetupDialog.tsx";
import { Facts, Trouble } from "./Standing.tsx";
import { STATE_TONES, useTell } from "./use-channel-words.ts";

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
