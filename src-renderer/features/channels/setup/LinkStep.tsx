/** Linking by a code to scan, always the newest one, or by a code to type on the phone. Goes on by itself once linked. */
import { CircleAlert } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ChannelOffer } from "#main/protocol/methods/channels.ts";
import type { Login } from "../../../gateway/channel-model.ts";
import { wordsOf } from "../../../gateway/chat-actions.ts";
import { useApp, useAppState } from "../../../gateway/use-app.ts";
import { Button } from "../../../ui/Button.tsx";
import { Notice } from "../../../ui/Notice.tsx";
import { TextField } from "../../../ui/TextField.tsx";
import { CopyButton } from "../../chat/markdown/CodeBlock.tsx";
import { LinkPicture } from "./LinkPicture.tsx";
import { StepBody, StepFooter } from "./StepFrame.tsx";

interface LinkStepProps {
  offer: ChannelOffer;
  onLinked(): void;
  onCancel(): void;
}

export function LinkStep({ offer, onLinked, onCancel }: LinkStepProps) {
  const { t } = useTranslation();
  const [isByPhone, setIsByPhone] = useState(false);
  const { login, error, isAsking, begin } = useLogin(offer.id);
  useEffect(() => {
    if (!isByPhone) begin();
  }, [begin, isByPhone]);
  useEffect(() => {
    if (login?.state === "linked") onLinked();
  }, [login, onLinked]);
  const problem = error ?? (login?.state === "failed" ? (login.message ?? t("setup.linkFailed")) : undefined);
  return (
    <>
      <StepBody>
        {problem ? (
          <Notice
            tone="danger"
            role="alert"
            icon={<CircleAlert size={15} aria-hidden />}
            action={
              isByPhone ? undefined : (
                <Button size="small" onClick={() => begin()}>
                  {t("setup.again")}
                </Button>
              )
            }
          >
            {problem}
          </Notice>
        ) : null}
        {isByPhone ? (
          <ByPhone login={login} isAsking={isAsking} onAsk={begin} />
        ) : problem ? null : (
          <LinkPicture login={login} offer={offer} onAgain={() => begin()} />
        )}
      </StepBody>
      <StepFooter>
        <Button look="ghost" className="mr-auto -ml-3 text-accent!" onClick={() => setIsByPhone(!isByPhone)}>
          {isByPhone ? t("setup.byPicture") : t("setup.byPhone")}
        </Button>
        <Button onClick={onCancel}>{t("common.cancel")}</Button>
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
  const login = hasBegun ? known : undefined;
  const [error, setError] = useState<string>();
  const [isAsking, setIsAsking] = useState(false);
  const begin = useCallback(
    (phone?: string) => {
      setError(undefined);
      setHasBegun(true);
      setIsAsking(true);
      app.channels
        .login(channel, phone)
        .catch((thrown: unknown) => setError(wordsOf(thrown)))
        .finally(() => setIsAsking(false));
    },
    [app, channel],
  );
  return { login, error, isAsking, begin };
}

interface ByPhoneProps {
  login: Login | undefined;
  isAsking: boolean;
  onAsk(phone: string): void;
}

function ByPhone({ login, isAsking, onAsk }: ByPhoneProps) {
  const { t } = useTranslation();
  const [phone, setPhone] = useState("");
  const code = login?.state === "code" ? login.code : undefined;
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
        <Button type="submit" disabled={!phone.trim()} isBusy={isAsking}>
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
            {code
              .replaceAll("-", "")
              .match(/.{1,4}/gu)
              ?.join("\u2009–\u2009")}
          </p>
          <CopyButton text={code} label={t("setup.copyCode")} size="normal" />
        </div>
      ) : null}
    </form>
  );
}
