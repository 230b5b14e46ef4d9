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
import { ChannelGlyph } from "./ChannelMark.tsx";
import { useTell } from "./use-channel-words.ts";

/** After the list moved, a press may still be meant for the row that was there before, in milliseconds. */
const SETTLE_MS = 700;

export function Pairings() {
  const { t } = useTranslation();
  const pairings = useAppState((state) => state.channels.pairings);
  const mayDecide = useAppState((state) => may(state, "operator.pairing"));
  const settled = useSettled(pairings.map((request) => request.requestId).join());
  if (pairings.length === 0) return null;
  return (
    <section aria-labelledby="channels-pairing">
      <h2 id="channels-pairing" className="text-base font-semibold">
        {t("pairing.title")}
      </h2>
      <p className="mt-0.5 mb-3 text-soft">{t("pairing.hint")}</p>
      <ul className="flex flex-col gap-3">
        {pairings.map((request) => (
          <Request key={request.requestId} request={request} canAccept={mayDecide && settled} mayDecide={mayDecide} />
        ))}
      </ul>
    </section>
  );
}

/** False for a moment after `list` changed. */
function useSettled(list: string): boolean {
  const [settled, setSettled] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSettled(list), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [list]);
  return settled === list;
}

/** What can be decided about a request. */
function useDecision(request: ChatPairing, name: string) {
  const { t } = useTranslation();
  const app = useApp();
  const tell = useTell();
  const [isBusy, setIsBusy] = useState(false);
  const decide = async (work: Promise<void>, done: () => void) => {
    setIsBusy(true);
    if (await tell(work)) done();
    setIsBusy(false);
  };
  const forget = {
    label: t("common.undo"),
    run: () => void tell(app.channels.setPerson(request, null)),
  };
  return {
    isBusy,
    letIn: (isOwner: boolean) =>
      void decide(app.channels.approve(request.requestId, isOwner), () =>
        showToast(isOwner ? t("pairing.isOwner", { name }) : t("pairing.isIn", { name })),
      ),
    dismiss: () =>
      void decide(app.channels.dismiss(request.requestId, false), () => showToast(t("pairing.dismissed", { name }))),
    block: () =>
      void decide(app.channels.dismiss(request.requestId, true), () =>
        showToast(t("pairing.blocked", { name }), { action: forget }),
      ),
  };
}

function Request(props: { request: ChatPairing; canAccept: boolean; mayDecide: boolean }) {
  const { request, canAccept, mayDecide } = props;
  const { t } = useTranslation();
  const channel = useAppState((state) => labelOf(state.channels, request.channel));
  const [isAsking, setIsAsking] = useState(false);
  const name = request.senderName ?? request.senderId;
  const { isBusy, letIn, dismiss, block } = useDecision(request, isolated(name));
  return (
    <li className="rounded-lg border border-edge bg-raised p-4 shadow-card max-sm:p-3.5">
      <div className="flex flex-wrap items-start gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-56">
          <h3 className="font-medium [overflow-wrap:anywhere]">
            <bdi>{name}</bdi>
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
      {mayDecide ? (
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
          <Button look="primary" disabled={isBusy || !canAccept} onClick={() => letIn(false)}>
            {t("pairing.letIn")}
          </Button>
        </div>
      ) : null}
      {isAsking ? (
        <Notice tone="warn" role="status" className="mt-3">
          <p className="text-ink">{t("pairing.ownerText")}</p>
          <div className="mt-2 flex flex-wrap gap-2">
            <Button size="small" disabled={isBusy} onClick={() => setIsAsking(false)}>
              {t("common.cancel")}
            </Button>
            <Button size="small" disabled={isBusy || !canAccept} onClick={() => letIn(true)}>
              {t("pairing.ownerYes")}
            </Button>
          </div>
        </Notice>
      ) : null}
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
        {left === 0 ? (
          t("pairing.expired")
        ) : (
          <>
            <span aria-hidden className="tabular-nums">
              {toClock(left)}
            </span>
            <span className="sr-only">{t("pairing.left", { count: Math.ceil(left / 60_000) })}</span>
          </>
        )}
      </p>
    </div>
  );
}
