/** Asks before a device is shut out. */
import { useTranslation } from "react-i18next";
import type { PairedDevice } from "#main/protocol/methods/devices.ts";
import { wordsOf } from "../../gateway/chat-actions.ts";
import { useApp } from "../../gateway/use-app.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { showError, showToast } from "../../ui/toast.tsx";

export function RevokeDialog({ device, onClose }: { device: PairedDevice | undefined; onClose(): void }) {
  const { t } = useTranslation();
  const app = useApp();
  const name = device?.displayName ?? t("devices.unnamed");
  const revoke = () => {
    if (!device) return;
    onClose();
    app.config.removeDevice(device.deviceId).then(
      () => showToast(t("devices.revoked", { name })),
      (error: unknown) => showError(t("common.failed", { message: wordsOf(error) })),
    );
  };
  return (
    <Dialog
      isOpen={device !== undefined}
      onClose={onClose}
      title={t("devices.revokeTitle", { name })}
      description={t("devices.revokeText")}
      closeLabel={t("common.close")}
      footer={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button look="danger" onClick={revoke}>
            {t("devices.revoke")}
          </Button>
        </>
      }
    />
  );
}
