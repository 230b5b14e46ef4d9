/** Asks before a key is kept in a file, since this computer offers no keychain. */
import { useTranslation } from "react-i18next";
import { Confirm } from "../../ui/Dialog.tsx";

export function ConsentDialog(props: { isOpen: boolean; onClose(): void; onAgree(): void }) {
  const { t } = useTranslation();
  return (
    <Confirm
      isOpen={props.isOpen}
      onClose={props.onClose}
      title={t("models.consentTitle")}
      description={t("models.consentText")}
      closeLabel={t("common.close")}
      yes={t("models.consentYes")}
      no={t("common.cancel")}
      onYes={props.onAgree}
    />
  );
}
