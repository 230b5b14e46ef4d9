/** A conversation on a platform: who is on the other side, and the owner answering by hand instead of the assistant. */
import { Hand } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { labelOf } from "../../../gateway/channel-model.ts";
import { may } from "../../../gateway/store.ts";
import { useApp, useAppState } from "../../../gateway/use-app.ts";
import { Button } from "../../../ui/Button.tsx";
import { ChannelGlyph } from "../ChannelMark.tsx";
import { useTell } from "../use-channel-words.ts";

/** The conversation's place on a platform, and what is known of it. Undefined for one of the window. */
export function useTalk(sessionKey: string) {
  const { t } = useTranslation();
  const row = useAppState((state) => state.sessions.find((other) => other.key === sessionKey));
  const platform = useAppState((state) => (row?.chat ? labelOf(state.channels, row.chat.channel) : ""));
  const mayWrite = useAppState(
    (state) =>
      may(state, "operator.write") && state.methods.has("sessions.say") && state.methods.has("sessions.takeOver"),
  );
  if (!row?.chat) return undefined;
  return {
    channel: row.chat.channel,
    platform,
    name: row.chat.name ?? (row.kind === "group" ? t("talk.group") : t("talk.person")),
    isTaken: row.isTakenOver === true,
    mayWrite,
  };
}

function useTakeOver(sessionKey: string) {
  const app = useApp();
  const tell = useTell();
  const [isBusy, setIsBusy] = useState(false);
  const take = (isTaken: boolean) => {
    setIsBusy(true);
    void tell(app.channels.takeOver(sessionKey, isTaken)).finally(() => setIsBusy(false));
  };
  return { take, isBusy };
}

/** The mark before a conversation's name. */
export function TalkMark({ channel, size = 14 }: { channel: string; size?: number }) {
  const label = useAppState((state) => labelOf(state.channels, channel));
  return (
    <span className="inline-flex shrink-0 text-faint">
      <ChannelGlyph channel={channel} size={size} label={label} />
    </span>
  );
}

/** In the header, while the assistant answers. */
export function TakeOverButton({ sessionKey }: { sessionKey: string }) {
  const { t } = useTranslation();
  const talk = useTalk(sessionKey);
  const { take, isBusy } = useTakeOver(sessionKey);
  if (!talk?.mayWrite || talk.isTaken) return null;
  return (
    <Button
      size="small"
      className="no-drag mr-1 max-sm:w-11 max-sm:px-0"
      icon={<Hand size={13} aria-hidden />}
      isBusy={isBusy}
      onClick={() => take(true)}
    >
      <span className="max-sm:sr-only">{t("talk.takeOver")}</span>
    </Button>
  );
}

/** Under the header, while the owner answers. */
export function TakenBanner({ sessionKey }: { sessionKey: string }) {
  const { t } = useTranslation();
  const talk = useTalk(sessionKey);
  const { take, isBusy } = useTakeOver(sessionKey);
  if (!talk?.isTaken) return null;
  return (
    <div
      role="status"
      className="flex min-h-10 shrink-0 flex-wrap items-center gap-x-2.5 gap-y-1 border-b border-line bg-warn-tint px-5 py-1.5 text-base max-sm:px-4"
    >
      <Hand size={15} aria-hidden className="shrink-0 text-warn" />
      <p className="min-w-0 flex-1 basis-56">
        <span className="font-semibold">{t("talk.taken")}</span> {t("talk.takenHint")}
      </p>
      {talk.mayWrite ? (
        <Button size="small" isBusy={isBusy} onClick={() => take(false)}>
          {t("talk.giveBack")}
        </Button>
      ) : null}
    </div>
  );
}
