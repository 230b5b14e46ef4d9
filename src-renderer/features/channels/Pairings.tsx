/** Who wrote without being known, and waits. Nobody is let in by a press that was meant for somebody else. */
import { Clock } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ChatPairing } from "#main/protocol/methods/channels.ts";
import { isolated, labelOf } from "../../gateway/channel-model.ts";
import { may } from "../../gateway/store.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { showToast } from "../../ui/toast.tsx";
import { toClock } from "../approvals/questions.ts";
import { useNow } from "../approvals/use-now.ts";
import { Section } from "../settings/parts.tsx";
import { useWork } from "../settings/use-work.ts";
import { ChannelGlyph } from "./ChannelMark.tsx";

/** After the list moved, a press may still be meant for the row that was there before, in milliseconds. */
const SETTLE_MS = 700;

export function Pairings() {
  const { t } = useTranslation();
  const pairings = useAppState((state) => state.channels.pairings);
  const list = pairings.map((request) => request.requestId).join();
  const [settled, setSettled] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSettled(list), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [list]);
  if (pairings.length === 0) return null;
  return (
    <Section isPage title={t("pairing.title")} hint={t("pairing.hint")}>
      <ul className="flex flex-col gap-3">
        {pairings.map((request) => (
          <Request key={request.requestId} request={request} isSettled={settled === list} />
        ))}
      </ul>
    </Section>
  );
}

function Request({ request, isSettled }: { request: ChatPairing; isSettled: boolean }) {
  const { t } = useTranslation();
  const channel = useAppState((state) => labelOf(state.channels, request.channel));
  const mayDecide = useAppState((state) => may(state, "operator.pairing"));
  return (
    <li className="rounded-lg border border-edge bg-raised p-4 shadow-card max-sm:p-3.5">
      <div className="flex flex-wrap items-start gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-56">
          <h3 className="font-medium [overflow-wrap:anywhere]">
            <bdi>{request.senderName ?? request.senderId}</bdi>
          </h3>
          <p className="mt-0.5 flex items-center gap-1.5 text-small text-soft">
            <ChannelGlyph channel={request.channel} size={13} />
            {channel}
            {request.senderName ? (
              <bdi className="min-w-0 truncate font-mono text-faint" title={request.senderId}>
                {request.senderId}
              </bdi>
            ) : null}
          </p>
          <p className="mt-1 text-small text-soft">{t("pairing.waiting", { count: request.waiting })}</p>
        </div>
        <Code request={request} />
      </div>
      {mayDecide ? <Decision request={request} isSettled={isSettled} /> : null}
    </li>
  );
}

/** The code that the person was told, to be compared, and how long it holds. */
function Code({ request }: { request: ChatPairing }) {
  const { t } = useTranslation();
  const skewMs = useAppState((state) => state.skewMs);
  const left = Math.max(0, request.expiresAtMs - (useNow(true) - skewMs));
  return (
    <div className="text-right max-sm:text-left">
      <p className="text-micro text-faint">{t("pairing.code")}</p>
      <p className="font-mono text-title font-semibold tracking-[0.12em] sm:-mr-[0.12em]" translate="no">
        {request.code}
      </p>
      <p className="mt-0.5 inline-flex items-center gap-1.5 text-small text-faint">
        <Clock size={13} aria-hidden />
        <span aria-hidden={left > 0} className="tabular-nums">
          {left > 0 ? toClock(left) : t("pairing.expired")}
        </span>
        {left > 0 ? <span className="sr-only">{t("pairing.left", { count: Math.ceil(left / 60_000) })}</span> : null}
      </p>
    </div>
  );
}

function Decision({ request, isSettled }: { request: ChatPairing; isSettled: boolean }) {
  const { t } = useTranslation();
  const { channels } = useApp();
  const { isBusy, run } = useWork();
  const [isAsking, setIsAsking] = useState(false);
  const { requestId: id, senderId, senderName } = request;
  const name = isolated(senderName ?? senderId);
  const letIn = (isOwner: boolean) =>
    run(channels.approve(id, isOwner), () => showToast(t(isOwner ? "pairing.isOwner" : "pairing.isIn", { name })));
  const dismiss = () => run(channels.dismiss(id, false), () => showToast(t("pairing.dismissed", { name })));
  const undo = { label: t("common.undo"), run: () => run(channels.setPerson(request, null)) };
  const block = () =>
    run(channels.dismiss(id, true), () => showToast(t("pairing.blocked", { name }), { action: undo }));
  return (
    <>
      <div className="mt-4 flex flex-wrap justify-end gap-2 max-sm:grid max-sm:grid-cols-2">
        <Button look="ghost" className="text-danger! sm:mr-auto sm:-ml-3" disabled={isBusy} onClick={block}>
          {t("pairing.block")}
        </Button>
        <Button look="ghost" disabled={isBusy} onClick={dismiss}>
          {t("pairing.dismiss")}
        </Button>
        <Button disabled={isBusy} aria-expanded={isAsking} onClick={() => setIsAsking(!isAsking)}>
          {t("pairing.itsMe")}
        </Button>
        <Button look="primary" disabled={isBusy || !isSettled} onClick={() => letIn(false)}>
          {t("pairing.letIn")}
        </Button>
      </div>
      {isAsking ? (
        <Notice tone="warn" role="status" className="mt-3">
          <p className="text-ink">{t("pairing.ownerText")}</p>
          <div className="mt-2 flex flex-wrap gap-2">
            <Button size="small" disabled={isBusy} onClick={() => setIsAsking(false)}>
              {t("common.cancel")}
            </Button>
            <Button size="small" disabled={isBusy || !isSettled} onClick={() => letIn(true)}>
              {t("pairing.ownerYes")}
            </Button>
          </div>
        </Notice>
      ) : null}
    </>
  );
}
