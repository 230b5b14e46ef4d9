/** Something found on this computer that could answer, taken up with one press. */
import { HardDrive, KeyRound } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ProviderOffer } from "#main/protocol/methods/config.ts";
import { wordsOf } from "../../gateway/chat-actions.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Button } from "../../ui/Button.tsx";
import { showError, showToast } from "../../ui/toast.tsx";
import { ConsentDialog } from "./ConsentDialog.tsx";

export function OfferRow({ offer }: { offer: ProviderOffer }) {
  const { t } = useTranslation();
  const app = useApp();
  const needsConsent = useAppState((state) => state.auth?.secrets.canStore === false) && offer.source === "environment";
  const [isAsking, setIsAsking] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const accept = (consentFile: boolean) => {
    setIsAsking(false);
    setIsBusy(true);
    app.config
      .acceptOffer({ id: offer.id, ...(consentFile ? { consentFile } : {}) })
      .then(() => showToast(t("models.saved", { name: offer.label })))
      .catch((error: unknown) => showError(t("common.failed", { message: wordsOf(error) })))
      .finally(() => setIsBusy(false));
  };
  const isKey = offer.source === "environment";
  return (
    <li className="flex items-center gap-3 px-3.5 py-3">
      {isKey ? (
        <KeyRound size={17} aria-hidden className="shrink-0 text-faint" />
      ) : (
        <HardDrive size={17} aria-hidden className="shrink-0 text-faint" />
      )}
      <div className="min-w-0 flex-1">
        <p className="font-medium">{offer.label}</p>
        <p className="truncate text-small text-soft">
          {`${isKey ? t("models.fromEnvironment") : t("models.fromServer")} · ${offer.detail}`}
        </p>
      </div>
      <Button isBusy={isBusy} onClick={() => (needsConsent ? setIsAsking(true) : accept(false))}>
        {t("models.use")}
      </Button>
      <ConsentDialog isOpen={isAsking} onClose={() => setIsAsking(false)} onAgree={() => accept(true)} />
    </li>
  );
}
