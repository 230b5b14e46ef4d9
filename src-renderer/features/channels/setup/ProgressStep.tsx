/** Whether it works, as it happens: connecting, connected as whom, or why not and what to change. */
import { CircleCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { standingOf } from "../../../gateway/channel-model.ts";
import { useApp, useAppState } from "../../../gateway/use-app.ts";
import { Button } from "../../../ui/Button.tsx";
import { Notice } from "../../../ui/Notice.tsx";
import { Spinner } from "../../../ui/Spinner.tsx";
import { useWork } from "../../settings/use-work.ts";
import { StepBody, StepFooter, type StepProps } from "./StepFrame.tsx";

/** @param props.isLast nothing comes after this */
export function ProgressStep({ offer, onBack, onNext, isLast }: StepProps & { isLast: boolean }) {
  const { t } = useTranslation();
  const app = useApp();
  const { run } = useWork();
  const accounts = useAppState((state) => state.channels.accounts[offer.id]);
  const { state, account: { identity: who, reason } = {} } = standingOf(accounts);
  const name = offer.label;
  // What the platform refuses, the same settings will not mend.
  const isWrong = state === "error";
  const isBad = isWrong || state === "disconnected";
  const isConnected = state === "connected" || state === "degraded";
  return (
    <>
      <StepBody>
        <div role="status" aria-live="polite" className="flex min-h-28 flex-col justify-center">
          {isBad ? (
            <Notice tone={isWrong ? "danger" : "warn"} isMarked>
              <p className="font-medium">{t("setup.notConnected", { name })}</p>
              <p>{reason ?? t(isWrong ? "channels.noReasonError" : "channels.noReasonOther")}</p>
            </Notice>
          ) : isConnected ? (
            <div className="flex flex-col items-center gap-2 text-center">
              <CircleCheck size={28} aria-hidden className="animate-rise text-ok" />
              <p className="text-body font-medium [overflow-wrap:anywhere]">
                {who ? t("setup.connectedAs", { who }) : t("setup.connected", { name })}
              </p>
              {state === "degraded" && reason ? <p className="text-small text-warn">{reason}</p> : null}
            </div>
          ) : (
            <div className="flex flex-col items-center gap-2 text-center text-accent">
              <Spinner size={22} />
              <p className="text-body font-medium text-ink">{t("setup.connecting", { name })}</p>
              <p className="text-small text-soft">{reason ?? t("setup.goesOn")}</p>
            </div>
          )}
        </div>
      </StepBody>
      <StepFooter>
        {isBad ? (
          <Button look={isWrong ? "plain" : "primary"} onClick={() => run(app.channels.start(offer.id))}>
            {t("channels.tryAgain")}
          </Button>
        ) : null}
        {isConnected ? (
          <Button look="primary" onClick={onNext}>
            {isLast ? t("setup.done") : t("setup.next")}
          </Button>
        ) : (
          <Button look={isWrong ? "primary" : "ghost"} className={isWrong ? "" : "-order-1"} onClick={onBack}>
            {t("setup.change")}
          </Button>
        )}
      </StepFooter>
    </>
  );
}
