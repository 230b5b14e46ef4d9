/** What did not go out, and what still waits to. Nothing is sent twice without being asked for. */
import { useTranslation } from "react-i18next";
import type { OutboxItem } from "#main/protocol/methods/channels.ts";
import { labelOf, needsLook } from "../../gateway/channel-model.ts";
import { may } from "../../gateway/store.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { Section, toLine } from "../settings/parts.tsx";
import { useWork } from "../settings/use-work.ts";
import { ChannelGlyph } from "./ChannelMark.tsx";
import { useTimes } from "./use-channel-words.ts";

/** Beyond these a list says nothing more that helps. */
const SHOWN = 50;

export function Outbox() {
  const { t } = useTranslation();
  const items = useAppState((state) => state.channels.outbox);
  const waiting = items.filter((item) => !needsLook(item));
  return (
    <>
      {waiting.length < items.length ? (
        <Section isPage title={t("outbox.title")} hint={t("outbox.hint")}>
          <Items items={items.filter(needsLook)} />
        </Section>
      ) : null}
      {waiting.length > 0 ? (
        <details>
          <summary className="cursor-pointer touch:py-3 text-base font-medium text-soft hover:text-ink">
            {t("outbox.waiting", { count: waiting.length })}
          </summary>
          <div className="mt-3">
            <Items items={waiting} />
          </div>
        </details>
      ) : null}
    </>
  );
}

function Items({ items }: { items: readonly OutboxItem[] }) {
  return (
    <ul className="divide-y divide-line rounded-lg border border-line">
      {items.slice(0, SHOWN).map((item) => (
        <Item key={item.id} item={item} />
      ))}
    </ul>
  );
}

function Item({ item }: { item: OutboxItem }) {
  const { t } = useTranslation();
  const channel = useAppState((state) => labelOf(state.channels, item.channel));
  const { distance } = useTimes();
  const isUnsure = item.state === "may-have-been-sent";
  const next = item.state === "queued" && item.nextAttemptAtMs;
  const facts = toLine(
    distance(item.createdAtMs),
    item.attempts > 0 && t("outbox.attempts", { count: item.attempts }),
    next && t("outbox.next", { when: distance(next) }),
  );
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2.5 p-4 max-sm:p-3.5">
      <div className="min-w-0 flex-1 basis-64">
        <h3 className="flex flex-wrap items-center gap-x-2 gap-y-1 text-base font-medium">
          <span className="inline-flex min-w-0 items-center gap-1.5">
            <ChannelGlyph channel={item.channel} label={channel} />
            <bdi className="truncate">{item.toName ?? item.to}</bdi>
          </span>
          <Badge tone={isUnsure ? "warn" : needsLook(item) ? "danger" : "neutral"}>
            {t(`outbox.state_${item.state}`)}
          </Badge>
        </h3>
        <p dir="auto" className="mt-1 line-clamp-2 text-soft [overflow-wrap:anywhere]">
          {item.text}
        </p>
        {item.error ? <p className="mt-1 text-small text-danger [overflow-wrap:anywhere]">{item.error}</p> : null}
        {isUnsure ? <p className="mt-1 text-small text-warn">{t("outbox.twice")}</p> : null}
        <p className="mt-1 text-small text-faint">{facts}</p>
      </div>
      <Decision item={item} again={isUnsure ? t("outbox.again") : t("common.retry")} />
    </li>
  );
}

function Decision({ item, again }: { item: OutboxItem; again: string }) {
  const { t } = useTranslation();
  const app = useApp();
  const { isBusy, run } = useWork();
  const mayWrite = useAppState((state) => may(state, "operator.write"));
  if (!mayWrite || item.state === "sending") return null;
  const settle = (way: "retry" | "cancel") => () => run(app.channels.settle(way, item.id));
  return (
    <div className="flex gap-2 max-sm:w-full max-sm:justify-end">
      <Button look="ghost" size="small" disabled={isBusy} onClick={settle("cancel")}>
        {t("outbox.discard")}
      </Button>
      {needsLook(item) ? (
        <Button size="small" disabled={isBusy} onClick={settle("retry")}>
          {again}
        </Button>
      ) : null}
    </div>
  );
}
