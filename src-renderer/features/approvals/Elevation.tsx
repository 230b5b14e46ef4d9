/** Conversations that act without asking: begun knowingly, seen at every moment, ended with one press. */
import { Zap } from "lucide-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { wordsOf } from "../../gateway/chat-actions.ts";
import { may } from "../../gateway/store.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { showError } from "../../ui/toast.tsx";

/** Begins or ends the elevation of a conversation; a failure is told. */
function useElevate(sessionKey: string): (isElevated: boolean) => void {
  const { t } = useTranslation();
  const app = useApp();
  return (isElevated) => {
    app.acting
      .elevate(sessionKey, isElevated)
      .catch((error: unknown) => showError(t("common.failed", { message: wordsOf(error) })));
  };
}

/** True when this window may elevate the conversation. */
export function useMayElevate(): boolean {
  return useAppState((state) => may(state, "operator.admin") && state.methods.has("sessions.elevate"));
}

export function ElevationBanner({ sessionKey }: { sessionKey: string }) {
  const { t } = useTranslation();
  const isElevated = useAppState((state) => state.elevated.has(sessionKey));
  const mayEnd = useMayElevate();
  const elevate = useElevate(sessionKey);
  if (!isElevated) return null;
  return (
    <div
      role="status"
      className="flex min-h-10 shrink-0 flex-wrap items-center gap-x-2.5 gap-y-1 border-b border-line bg-warn-tint px-5 py-1.5 text-base max-sm:px-4"
    >
      <Zap size={15} aria-hidden className="shrink-0 text-warn" />
      <p className="min-w-0 flex-1 basis-56">
        <span className="font-semibold">{t("approvals.elevated")}</span> {t("approvals.elevatedHint")}
      </p>
      {mayEnd ? (
        <Button size="small" onClick={() => elevate(false)}>
          {t("approvals.endElevation")}
        </Button>
      ) : null}
    </div>
  );
}

export function ElevateDialog(props: { sessionKey: string; isOpen: boolean; onClose(): void }) {
  const { sessionKey, isOpen, onClose } = props;
  const { t } = useTranslation();
  const cancel = useRef<HTMLButtonElement>(null);
  const elevate = useElevate(sessionKey);
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title={t("approvals.elevateTitle")}
      closeLabel={t("common.close")}
      initialFocus={cancel}
      footer={
        <>
          <Button ref={cancel} onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button
            look="danger"
            onClick={() => {
              onClose();
              elevate(true);
            }}
          >
            {t("approvals.elevateYes")}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-2 px-5 pt-1 text-base text-soft">
        <p>{t("approvals.elevateText")}</p>
        <ul className="list-disc pl-5">
          <li>{t("approvals.elevateRuns")}</li>
          <li>{t("approvals.elevateAsks")}</li>
          <li>{t("approvals.elevateEnds")}</li>
        </ul>
      </div>
    </Dialog>
  );
}
