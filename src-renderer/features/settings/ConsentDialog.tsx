/** Asks before a key is kept in a file, since this computer offers no keychain. */
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";

export function ConsentDialog({ isOpen, onClose, onAgree }: { isOpen: boolean; onClose(): void; onAgree(): void }) {
  const { t } = useTranslation();
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title={t("models.consentTitle")}
      description={t("models.consentText")}
      closeLabel={t("common.close")}
      footer={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button look="primary" onClick={onAgree}>
            {t("models.consentYes")}
          </Button>
        </>
      }
    />
  );
}
