/** Messages that did not reach the gateway: kept, with the reason, until they are sent or discarded. */
import { CircleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Outgoing } from "../../../gateway/chat-model.ts";
import { useApp, useAppState } from "../../../gateway/use-app.ts";
import { Button } from "../../../ui/Button.tsx";

export function Unsent({
  sessionKey,
  items,
  onEdit,
}: {
  sessionKey: string;
  items: readonly Outgoing[];
  onEdit(item: Outgoing): void;
}) {
  const { t } = useTranslation();
  const app = useApp();
  const isOnline = useAppState((state) => state.link.phase === "online");
  if (items.length === 0) return null;
  return (
    <ul className="flex flex-col divide-y divide-line border-b border-line">
      {items.map((item) => (
        <li key={item.key} className="flex flex-wrap items-center gap-x-3 gap-y-1.5 px-4 py-2.5">
          <CircleAlert size={15} aria-hidden className="shrink-0 text-danger" />
          <div role="alert" className="min-w-0 flex-1 basis-48">
            <p className="truncate text-base">
              <span className="font-medium text-danger">{t("chat.notSent")}</span>{" "}
              <span className="text-soft">{item.text}</span>
            </p>
            {item.error ? <p className="truncate text-small text-faint">{item.error}</p> : null}
          </div>
          <div className="flex gap-1.5">
            <Button size="small" look="ghost" onClick={() => app.chat.discard(sessionKey, item.key)}>
              {t("chat.discard")}
            </Button>
            <Button size="small" look="ghost" onClick={() => onEdit(item)}>
              {t("common.edit")}
            </Button>
            <Button size="small" disabled={!isOnline} onClick={() => void app.chat.resend(sessionKey, item.key)}>
              {t("common.retry")}
            </Button>
          </div>
        </li>
      ))}
    </ul>
  );
}
