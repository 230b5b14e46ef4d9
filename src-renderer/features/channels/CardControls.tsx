/** Switching a platform on and off, and its menu. What takes something away is asked about first. */
import { Ellipsis, LogOut, Pencil, Trash2, Users } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ChannelOffer } from "#main/protocol/methods/channels.ts";
import { useApp } from "../../gateway/use-app.ts";
import { Confirm } from "../../ui/Dialog.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { Switch } from "../../ui/Switch.tsx";
import { showToast } from "../../ui/toast.tsx";
import { useWork } from "../settings/use-work.ts";
import type { Opened } from "./setup/SetupDialog.tsx";

export function CardControls({ offer, onOpen }: { offer: ChannelOffer; onOpen(begin: Opened["begin"]): void }) {
  const { t } = useTranslation();
  const app = useApp();
  const { isBusy, run } = useWork();
  const [way, setWay] = useState<"logout" | "remove">("logout");
  const [isAsking, setIsAsking] = useState(false);
  const { id, label: name } = offer;
  const ask = (next: typeof way) => () => {
    setWay(next);
    setIsAsking(true);
  };
  const isLinked = offer.login === "qr";
  const logout = { label: t("channels.logout"), icon: <LogOut size={14} />, isApart: true, run: ask("logout") };
  const remove = { label: t("channels.remove"), icon: <Trash2 size={14} />, isDangerous: true, run: ask("remove") };
  const actions = [
    { label: t("channels.edit"), icon: <Pencil size={14} />, run: () => onOpen("settings") },
    { label: t("channels.who"), icon: <Users size={14} />, run: () => onOpen("access") },
    ...(isLinked ? [logout, remove] : [{ ...remove, isApart: true }]),
  ];
  const done = { logout: t("channels.loggedOut", { name }), remove: t("channels.removed", { name }) };
  return (
    <div className="flex items-center gap-2">
      <Switch
        label={t("channels.onOff", { name })}
        isOn={offer.settings["enabled"] !== false}
        isDisabled={isBusy}
        onChange={(enabled) => run(app.channels.save(id, { enabled }))}
      />
      <Menu
        actions={actions}
        trigger={<IconButton label={t("channels.actions", { name })} icon={<Ellipsis size={16} aria-hidden />} />}
      />
      <Confirm
        isOpen={isAsking}
        isDangerous
        title={t(`channels.${way}Title`, { name })}
        description={t(`channels.${way}Text`, { name })}
        yes={t(`channels.${way}Yes`)}
        no={t("common.cancel")}
        closeLabel={t("common.close")}
        onClose={() => setIsAsking(false)}
        onYes={() => run(app.channels.leave(way, id), () => showToast(done[way]))}
      />
    </div>
  );
}
