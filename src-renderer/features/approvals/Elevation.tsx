/** Conversations that act without asking: begun knowingly, seen at every moment, ended with one press. */
import { Zap } from "lucide-react";
import { useTranslation } from "react-i18next";
import { may } from "../../gateway/store.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Button } from "../../ui/Button.tsx";
import { Confirm } from "../../ui/Dialog.tsx";
import { Banner } from "../../ui/Notice.tsx";
import { useWork } from "../settings/use-work.ts";

/** True when this window may elevate the conversation. */
export function useMayElevate(): boolean {
  return useAppState((state) => may(state, "operator.admin") && state.methods.has("sessions.elevate"));
}

export function ElevationBanner({ sessionKey }: { sessionKey: string }) {
  const { t } = useTranslation();
  const app = useApp();
  const { run } = useWork();
  const isElevated = useAppState((state) => state.elevated.has(sessionKey));
  const mayEnd = useMayElevate();
  if (!isElevated) return null;
  const end = (
    <Button size="small" onClick={() => run(app.acting.elevate(sessionKey, false))}>
      {t("approvals.endElevation")}
    </Button>
  );
  return (
    <Banner icon={<Zap size={15} aria-hidden />} title={t("approvals.elevated")} action={mayEnd ? end : null}>
      {t("approvals.elevatedHint")}
    </Banner>
  );
}

export function ElevateDialog(props: { sessionKey: string; isOpen: boolean; onClose(): void }) {
  const { sessionKey, isOpen, onClose } = props;
  const { t } = useTranslation();
  const app = useApp();
  const { run } = useWork();
  return (
    <Confirm
      isOpen={isOpen}
      isDangerous
      onClose={onClose}
      title={t("approvals.elevateTitle")}
      closeLabel={t("common.close")}
      yes={t("approvals.elevateYes")}
      no={t("common.cancel")}
      onYes={() => run(app.acting.elevate(sessionKey, true))}
    >
      <div className="flex flex-col gap-2 px-5 pt-1 text-base text-soft">
        <p>{t("approvals.elevateText")}</p>
        <ul className="list-disc pl-5">
          <li>{t("approvals.elevateRuns")}</li>
          <li>{t("approvals.elevateAsks")}</li>
          <li>{t("approvals.elevateEnds")}</li>
        </ul>
      </div>
    </Confirm>
  );
}
