/** What happens on the platforms while another page is open: a passing message for a request, words for screen readers. */
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Channels, isolated, labelOf, standingOf } from "../../gateway/channel-model.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { dropToast, showToast } from "../../ui/toast.tsx";

const TOAST = "pairing";

export function ChannelWatcher() {
  const told = useStateWords();
  usePairingToasts();
  return (
    <div role="status" aria-live="polite" className="sr-only">
      {told}
    </div>
  );
}

/** How each configured channel stands, in one text that only changes when one of them does. */
function toStates(channels: Channels): string {
  return JSON.stringify(channels.offers.map(({ id }) => [id, standingOf(channels.accounts[id]).state]));
}

/** The channel that stands otherwise than before, in words; nothing at the first reading. */
function useStateWords(): string {
  const { t } = useTranslation();
  const app = useApp();
  const isReady = useAppState((state) => state.channels.status === "ready");
  const states = useAppState((state) => toStates(state.channels));
  const before = useRef<Map<string, string>>(undefined);
  const [words, setWords] = useState("");
  useEffect(() => {
    if (!isReady) return;
    const { channels } = app.store.getState();
    const now = channels.offers.map(({ id }) => [id, standingOf(channels.accounts[id]).state] as const);
    const changed = now.filter(([id, state]) => before.current && before.current.get(id) !== state);
    before.current = new Map(now);
    if (changed.length === 0) return;
    setWords(
      changed
        .map(([id, state]) => t("channels.told", { name: labelOf(channels, id), state: t(`channels.state_${state}`) }))
        .join(" "),
    );
  }, [app, isReady, states, t]);
  return words;
}

/** One message for all that are new: several at once are a number and not a pile. */
function usePairingToasts(): void {
  const { t } = useTranslation();
  const app = useApp();
  const pairings = useAppState((state) => state.channels.pairings);
  const isOnPage = useAppState((state) => state.view === "channels");
  const told = useRef(new Set<string>());
  useEffect(() => {
    const fresh = pairings.filter((request) => !told.current.has(request.requestId));
    for (const { requestId } of fresh) told.current.add(requestId);
    if (isOnPage || pairings.length === 0) {
      dropToast(TOAST);
      return;
    }
    const [first] = fresh;
    if (!first) return;
    const name = isolated((first.senderName ?? first.senderId).slice(0, 60));
    const channel = labelOf(app.store.getState().channels, first.channel);
    const words =
      fresh.length === 1 ? t("pairing.toast", { name, channel }) : t("pairing.toastMany", { count: fresh.length });
    showToast(words, {
      action: { label: t("pairing.look"), run: () => app.openChannels() },
      durationMs: 15_000,
      id: TOAST,
    });
  }, [app, isOnPage, pairings, t]);
}
