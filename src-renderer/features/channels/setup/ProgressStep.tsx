/** Whether it works, as it happens: connecting, connected as whom, or why not and what to change. */
import { CircleAlert, CircleCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { ChannelOffer } from "#main/protocol/methods/channels.ts";
import { standingOf } from "../../../gateway/channel-model.ts";
import { useApp, useAppState } from "../../../gateway/use-app.ts";
import { Button } from "../../../ui/Button.tsx";
import { Notice } from "../../../ui/Notice.tsx";
import { Spinner } from "../../../ui/Spinner.tsx";
import { useTell } from "../use-channel-words.ts";
import { StepBody, StepFooter } from "./StepFrame.tsx";

interface ProgressStepProps {
  offer: ChannelOffer;
  onBack(): void;
  onNext(): void;
  /** Nothing comes after this. */
  isLast: boolean;
}

export function ProgressStep({ offer, onBack, onNext, isLast }: ProgressStepProps) {
  const { t } = useTranslation();
  const app = useApp();
  const tell = useTell();
  const accounts = useAppState((state) => state.channels.accounts[offer.id]);
  const { state, account } = standingOf(accounts);
  const name = offer.label;
  // What the platform refuses, the same settings will not mend.
  const isWrong = state === "error";
  const isConnected = state === "connected" || state === "degraded";
  const isBad = state === "error" || state === "disconnected";
  return (
    <>
      <StepBody>
        <div role="status" aria-live="polite" className="flex min-h-28 flex-col justify-center">
          {isConnected ? (
            <div className="flex flex-col items-center gap-2 text-center">
              <CircleCheck size={28} aria-hidden className="animate-rise text-ok" />
              <p className="text-body font-medium [overflow-wrap:anywhere]">
                {account?.identity ? t("setup.connectedAs", { who: account.identity }) : t("setup.connected", { name })}
              </p>
              {state === "degraded" && account?.reason ? (
                <p className="text-small text-warn">{account.reason}</p>
              ) : null}
            </div>
          ) : isBad ? (
            <Notice tone={state === "error" ? "danger" : "warn"} icon={<CircleAlert size={15} aria-hidden />}>
              <p className="font-medium">{t("setup.notConnected", { name })}</p>
              <p>{account?.reason ?? t(state === "error" ? "channels.noReasonError" : "channels.noReasonOther")}</p>
            </Notice>
          ) : (
            <div className="flex flex-col items-center gap-2 text-center">
              <span className="text-accent">
                <Spinner size={22} />
              </span>
              <p className="text-body font-medium">{t("setup.connecting", { name })}</p>
              <p className="text-small text-soft">{account?.reason ?? t("setup.goesOn")}</p>
            </div>
          )}
        </div>
      </StepBody>
      <StepFooter>
        {isBad ? (
          <Button look={isWrong ? "plain" : "primary"} onClick={() => void tell(app.channels.start(offer.id))}>
            {t("channels.tryAgain")}
          </Button>
        ) : null}
        {isConnected ? null : (
          <Button look={isWrong ? "primary" : "ghost"} className={isWrong ? "" : "-order-1"} onClick={onBack}>
            {t("setup.change")}
          </Button>
        )}
        {isConnected ? (
          <Button look="primary" onClick={onNext}>
            {isLast ? t("setup.done") : t("setup.next")}
          </Button>
        ) : null}
      </StepFooter>
    </>
  );
}
