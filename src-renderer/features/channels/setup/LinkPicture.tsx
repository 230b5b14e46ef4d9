/** The code to scan, with how long it holds. One that is over is never shown as if it could be scanned. */
import { useTranslation } from "react-i18next";
import type { ChannelOffer } from "#main/protocol/methods/channels.ts";
import type { Login } from "../../../gateway/channel-model.ts";
import { useAppState } from "../../../gateway/use-app.ts";
import { Button } from "../../../ui/Button.tsx";
import { cx } from "../../../ui/class-names.ts";
import { Spinner } from "../../../ui/Spinner.tsx";
import { toClock } from "../../approvals/questions.ts";
import { useNow } from "../../approvals/use-now.ts";

export interface LinkPictureProps {
  login: Login | undefined;
  offer: ChannelOffer;
  onAgain(): void;
}

export function LinkPicture({ login, offer, onAgain }: LinkPictureProps) {
  const { t } = useTranslation();
  const skewMs = useAppState((state) => state.skewMs);
  const now = useNow(login?.expiresAtMs !== undefined) - skewMs;
  const left = login?.expiresAtMs === undefined ? undefined : Math.max(0, login.expiresAtMs - now);
  const picture = login?.state === "qr" ? login.qrDataUrl : undefined;
  const isOver = left === 0;
  return (
    <div className="flex items-center gap-6 max-sm:flex-col">
      <div className="relative flex size-56 shrink-0 items-center justify-center rounded-lg border border-line bg-[white] p-2">
        {picture ? (
          <img
            src={picture}
            alt={t("setup.qr", { name: offer.label })}
            className={cx("size-full [image-rendering:pixelated]", isOver && "opacity-10")}
          />
        ) : (
          <span className="text-[oklch(0.4_0_0)]">
            <Spinner size={24} />
          </span>
        )}
        {isOver ? (
          <Button className="absolute shadow-pop" onClick={onAgain}>
            {t("setup.newCode")}
          </Button>
        ) : null}
      </div>
      <div className="min-w-0 flex-1">
        <ol className="flex list-decimal flex-col gap-2 pl-4.5 marker:text-faint">
          {([1, 2, 3] as const).map((step) => (
            <li key={step} className="pl-1">
              {t(`setup.scan${step}`, { name: offer.label })}
            </li>
          ))}
        </ol>
        <p className="mt-3 min-h-5 text-small text-soft" role="status">
          {!picture ? t("setup.waitsForCode") : isOver ? t("setup.codeOver") : null}
        </p>
        {picture && left ? (
          <p className="-mt-5 text-small text-soft tabular-nums">{t("setup.codeLeft", { time: toClock(left) })}</p>
        ) : null}
      </div>
    </div>
  );
}
