/** Asks before a platform is unlinked or taken away. The conversations stay either way. */
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import type { ChannelOffer } from "#main/protocol/methods/channels.ts";
import { useApp } from "../../gateway/use-app.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { showToast } from "../../ui/toast.tsx";
import { useTell } from "./use-channel-words.ts";

export interface LeaveDialogProps {
  offer: ChannelOffer;
  /** Undefined: closed. */
  way: "logout" | "remove" | undefined;
  onClose(): void;
}

export function LeaveDialog({ offer, way, onClose }: LeaveDialogProps) {
  const { t } = useTranslation();
  const app = useApp();
  const tell = useTell();
  const cancel = useRef<HTMLButtonElement>(null);
  const name = offer.label;
  const isRemoval = way === "remove";
  const leave = async () => {
    onClose();
    const isDone = await tell(isRemoval ? app.channels.remove(offer.id) : app.channels.logout(offer.id));
    if (isDone) showToast(isRemoval ? t("channels.removed", { name }) : t("channels.loggedOut", { name }));
  };
  return (
    <Dialog
      isOpen={way !== undefined}
      onClose={onClose}
      title={isRemoval ? t("channels.removeTitle", { name }) : t("channels.logoutTitle", { name })}
      description={isRemoval ? t("channels.removeText") : t("channels.logoutText", { name })}
      closeLabel={t("common.close")}
      initialFocus={cancel}
      footer={
        <>
          <Button ref={cancel} onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button look="danger" onClick={() => void leave()}>
            {isRemoval ? t("channels.removeYes") : t("channels.logoutYes")}
          </Button>
        </>
      }
    />
  );
}
