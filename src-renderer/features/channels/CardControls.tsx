/** Switching a platform on and off, and its menu. What takes something away is asked about first. */
import { Ellipsis, LogOut, Pencil, Trash2, Users } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ChannelOffer } from "#main/protocol/methods/channels.ts";
import { useApp } from "../../gateway/use-app.ts";
import { IconButton } from "../../ui/IconButton.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { Switch } from "../../ui/Switch.tsx";
import { LeaveDialog } from "./LeaveDialog.tsx";
import type { Opened } from "./setup/SetupDialog.tsx";
import { useTell } from "./use-channel-words.ts";

export function CardControls({ offer, onOpen }: { offer: ChannelOffer; onOpen(begin: Opened["begin"]): void }) {
  const { t } = useTranslation();
  const app = useApp();
  const tell = useTell();
  const [leaving, setLeaving] = useState<"logout" | "remove">();
  const [isBusy, setIsBusy] = useState(false);
  const turn = (enabled: boolean) => {
    setIsBusy(true);
    void tell(app.channels.save(offer.id, { enabled })).finally(() => setIsBusy(false));
  };
  const isLinked = offer.login === "qr";
  const logout = { label: t("channels.logout"), icon: <LogOut size={14} />, run: () => setLeaving("logout") };
  const actions = [
    { label: t("channels.edit"), icon: <Pencil size={14} />, run: () => onOpen("settings") },
    { label: t("channels.who"), icon: <Users size={14} />, run: () => onOpen("access") },
    ...(isLinked ? [{ ...logout, isApart: true }] : []),
    {
      label: t("channels.remove"),
      icon: <Trash2 size={14} />,
      isApart: !isLinked,
      isDangerous: true,
      run: () => setLeaving("remove"),
    },
  ];
  const name = offer.label;
  return (
    <div className="flex items-center gap-2">
      <Switch
        label={t("channels.onOff", { name })}
        isOn={offer.settings["enabled"] !== false}
        isDisabled={isBusy}
        onChange={turn}
      />
      <Menu
        actions={actions}
        trigger={<IconButton label={t("channels.actions", { name })} icon={<Ellipsis size={16} aria-hidden />} />}
      />
      <LeaveDialog offer={offer} way={leaving} onClose={() => setLeaving(undefined)} />
    </div>
  );
}
