/** Linking by a code to scan, always the newest one, or by a code to type on the phone. Goes on by itself once linked. */
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Login } from "../../../gateway/channel-model.ts";
import { useApp, useAppState } from "../../../gateway/use-app.ts";
import { Button } from "../../../ui/Button.tsx";
import { Notice } from "../../../ui/Notice.tsx";
import { Spinner } from "../../../ui/Spinner.tsx";
import { TextField } from "../../../ui/TextField.tsx";
import { toClock } from "../../approvals/questions.ts";
import { useNow } from "../../approvals/use-now.ts";
import { CopyButton } from "../../chat/markdown/CodeBlock.tsx";
import { useWork } from "../../settings/use-work.ts";
import { StepBody, StepFooter, type StepProps } from "./StepFrame.tsx";

export function LinkStep({ offer, onNext, onBack }: StepProps) {
  const { t } = useTranslation();
  const [isByPhone, setIsByPhone] = useState(false);
  const { login, error, isBusy, begin } = useLogin(offer.id);
  useEffect(() => {
    if (!isByPhone) begin();
  }, [begin, isByPhone]);
  useEffect(() => {
    if (login?.state === "linked") onNext();
  }, [login, onNext]);
  const problem = error ?? (login?.state === "failed" ? (login.message ?? t("setup.linkFailed")) : undefined);
  const again = (
    <Button size="small" onClick={() => begin()}>
      {t("setup.again")}
    </Button>
  );
  return (
    <>
      <StepBody>
        <Notice tone="danger" role="alert" isMarked action={isByPhone ? undefined : again}>
          {problem}
        </Notice>
        {isByPhone ? <ByPhone login={login} isBusy={isBusy} onAsk={begin} /> : null}
        {isByPhone || problem ? null : <Picture login={login} name={offer.label} onAgain={() => begin()} />}
      </StepBody>
      <StepFooter>
        <Button look="ghost" className="mr-auto -ml-3 text-accent!" onClick={() => setIsByPhone(!isByPhone)}>
          {isByPhone ? t("setup.byPicture") : t("setup.byPhone")}
        </Button>
        <Button onClick={onBack}>{t("common.cancel")}</Button>
      </StepFooter>
    </>
  );
}

/** Begins linking; the newest step of it. */
function useLogin(channel: string) {
  const app = useApp();
  const known = useAppState((state) => state.channels.logins[channel]);
  // What an earlier linking left behind does not count.
  const [hasBegun, setHasBegun] = useState(false);
  const { isBusy, error, run } = useWork(true);
  const begin = useCallback(
    (phone?: string) => {
      setHasBegun(true);
      run(app.channels.login(channel, phone));
    },
    [app, channel, run],
  );
  return { login: hasBegun ? known : undefined, error, isBusy, begin };
}

/** The code to scan, with how long it holds. One that is over is never shown as if it could be scanned. */
function Picture({ login, name, onAgain }: { login: Login | undefined; name: string; onAgain(): void }) {
  const { t } = useTranslation();
  const skewMs = useAppState((state) => state.skewMs);
  const { expiresAtMs } = login ?? {};
  const now = useNow(expiresAtMs !== undefined) - skewMs;
  const left = expiresAtMs === undefined ? undefined : Math.max(0, expiresAtMs - now);
  const picture = login?.state === "qr" ? login.qrDataUrl : undefined;
  const isOver = left === 0;
  return (
    <div className="flex items-center gap-6 max-sm:flex-col">
      <div
        className={`relative flex size-56 shrink-0 items-center justify-center rounded-lg border border-line p-2 text-soft ${picture ? "bg-[white]" : "bg-sunken"}`}
      >
        {picture ? (
          <img
            src={picture}
            alt={t("setup.qr", { name })}
            className={`size-full [image-rendering:pixelated] ${isOver ? "opacity-10" : ""}`}
          />
        ) : (
          <Spinner size={24} />
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
              {t(`setup.scan${step}`, { name })}
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

function ByPhone({ login, isBusy, onAsk }: { login: Login | undefined; isBusy: boolean; onAsk(phone: string): void }) {
  const { t } = useTranslation();
  const [phone, setPhone] = useState("");
  const code = login?.state === "code" ? (login.code ?? "") : "";
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (phone.trim()) onAsk(phone.trim());
      }}
    >
      <div className="flex items-end gap-2">
        <TextField
          label={t("setup.phone")}
          type="tel"
          autoComplete="tel"
          placeholder="+49 151 23456789"
          value={phone}
          onChange={setPhone}
          className="flex-1"
        />
        <Button type="submit" disabled={!phone.trim()} isBusy={isBusy}>
          {t("setup.getCode")}
        </Button>
      </div>
      <p className="text-small text-soft">{t("setup.phoneHint")}</p>
      {code ? (
        <div
          role="status"
          className="flex flex-wrap items-center justify-between gap-3 rounded-md bg-sunken px-4 py-3.5"
        >
          <p translate="no" className="font-mono text-display font-semibold tracking-[0.1em] select-all">
            {code.replaceAll("-", "").replaceAll(/.{4}(?=.)/gu, "$&\u2009–\u2009")}
          </p>
          <CopyButton text={code} label={t("setup.copyCode")} size="normal" />
        </div>
      ) : null}
    </form>
  );
}
