/** A device that asks to come in: who it is, what it asks for, yes or no. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { PendingDevice } from "#main/protocol/methods/devices.ts";
import { wordsOf } from "../../gateway/chat-actions.ts";
import { useApp } from "../../gateway/use-app.ts";
import { Button } from "../../ui/Button.tsx";
import { showError } from "../../ui/toast.tsx";

/** The rights in words, or "everything". */
export function useScopeWords(): (scopes: readonly string[]) => string {
  const { t } = useTranslation();
  return (scopes) => {
    const names = scopes.map((scope) => scope.replace("operator.", ""));
    const known = ["read", "write", "admin", "approvals", "pairing", "questions", "talk"] as const;
    if (names.includes("admin")) return t("devices.full");
    return known
      .filter((name) => names.includes(name))
      .map((name) => t(`devices.${name}`))
      .join(", ");
  };
}

export function PendingRow({ device }: { device: PendingDevice }) {
  const { t } = useTranslation();
  const app = useApp();
  const words = useScopeWords();
  const [isBusy, setIsBusy] = useState(false);
  const answer = (isApproved: boolean) => {
    setIsBusy(true);
    app.config
      .answerPairing(device.requestId, isApproved)
      .catch((error: unknown) => showError(t("common.failed", { message: wordsOf(error) })))
      .finally(() => setIsBusy(false));
  };
  return (
    <li className="flex flex-wrap items-center gap-3 rounded-lg border border-edge p-3.5">
      <div className="min-w-0 flex-1 basis-56">
        <p className="font-medium">{device.displayName ?? t("devices.unnamed")}</p>
        <p className="text-small text-soft">
          {[device.platform, device.remoteAddress ? t("devices.from", { address: device.remoteAddress }) : ""]
            .filter(Boolean)
            .join(" · ")}
        </p>
        <p className="text-small text-soft">{t("devices.asks", { scopes: words(device.scopes) })}</p>
        <p className="mt-1 font-mono text-small text-faint [overflow-wrap:anywhere]">{device.requestId}</p>
      </div>
      <div className="flex gap-2 max-sm:w-full max-sm:justify-end">
        <Button look="ghost" disabled={isBusy} onClick={() => answer(false)}>
          {t("devices.reject")}
        </Button>
        <Button look="primary" isBusy={isBusy} onClick={() => answer(true)}>
          {t("devices.approve")}
        </Button>
      </div>
    </li>
  );
}
