/** A conversation on a platform: who is on the other side, and the owner answering by hand instead of the assistant. */
import { Hand } from "lucide-react";
import { useTranslation } from "react-i18next";
import { labelOf } from "../../../gateway/channel-model.ts";
import { may } from "../../../gateway/store.ts";
import { useApp, useAppState } from "../../../gateway/use-app.ts";
import { Button } from "../../../ui/Button.tsx";
import { Banner } from "../../../ui/Notice.tsx";
import { useWork } from "../../settings/use-work.ts";
import { ChannelGlyph } from "../ChannelMark.tsx";

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
  const name = row.chat.name ?? (row.kind === "group" ? t("talk.group") : t("talk.person"));
  return { platform, name, isTaken: row.isTakenOver === true, mayWrite };
}

function useTakeOver(sessionKey: string) {
  const app = useApp();
  const { isBusy, run } = useWork();
  return { isBusy, take: (isTaken: boolean) => run(app.channels.takeOver(sessionKey, isTaken)) };
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
  const giveBack = (
    <Button size="small" isBusy={isBusy} onClick={() => take(false)}>
      {t("talk.giveBack")}
    </Button>
  );
  return (
    <Banner icon={<Hand size={15} aria-hidden />} title={t("talk.taken")} action={talk.mayWrite ? giveBack : null}>
      {t("talk.takenHint")}
    </Banner>
  );
}
