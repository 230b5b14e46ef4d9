/** What happens on the platforms while another page is open: a passing message for a request, words for screen readers. */
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { isolated, labelOf, standingOf } from "../../gateway/channel-model.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { dropToast, showToast } from "../../ui/toast.tsx";

const TOAST = "pairing";

/** Reads out the channels that stand otherwise than before; nothing at the first reading. */
export function ChannelWatcher() {
  const { t } = useTranslation();
  usePairingToasts();
  // One text for all, which changes only when one of them does.
  const standings = useAppState(({ channels: { status, offers, accounts } }) =>
    status === "ready" ? JSON.stringify(offers.map(({ id, label }) => [label, standingOf(accounts[id]).state])) : "",
  );
  const before = useRef<Set<string>>(undefined);
  const [told, setTold] = useState("");
  useEffect(() => {
    if (!standings) return;
    const known = before.current;
    const now = (JSON.parse(standings) as [string, ReturnType<typeof standingOf>["state"]][]).map(([name, state]) => ({
      key: `${name} ${state}`,
      name,
      state,
    }));
    before.current = new Set(now.map(({ key }) => key));
    const fresh = now.filter(({ key }) => known && !known.has(key));
    if (fresh.length === 0) return;
    setTold(
      fresh.map(({ name, state }) => t("channels.told", { name, state: t(`channels.state_${state}`) })).join(" "),
    );
  }, [standings, t]);
  return (
    <div role="status" aria-live="polite" className="sr-only">
      {told}
    </div>
  );
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
    // Taking one away takes a moment: where there was none it could hit the next one.
    if ((isOnPage || pairings.length === 0) && told.current.size > 0) dropToast(TOAST);
    const [first] = fresh;
    if (isOnPage || !first) return;
    const name = isolated((first.senderName ?? first.senderId).slice(0, 60));
    const channel = labelOf(app.store.getState().channels, first.channel);
    const count = fresh.length;
    showToast(count === 1 ? t("pairing.toast", { name, channel }) : t("pairing.toastMany", { count }), {
      action: { label: t("pairing.look"), run: () => app.openChannels() },
      durationMs: 15_000,
      id: TOAST,
    });
  }, [app, isOnPage, pairings, t]);
}
