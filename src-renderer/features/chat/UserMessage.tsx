/** What the person wrote: the bubble, its pictures and files, and editing it in place. */
import { FileText, Pencil } from "lucide-react";
import { memo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Message } from "#main/protocol/messages.ts";
import { type Outgoing, plainText } from "../../gateway/chat-model.ts";
import { useApp, useAppState } from "../../gateway/use-app.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { MessageLabel, useIsTalk } from "../channels/talk/MessageLabel.tsx";
import { useWork } from "../settings/use-work.ts";
import { CopyButton } from "./markdown/CodeBlock.tsx";

interface Enclosure {
  name: string;
  /** A data address, for pictures. */
  picture?: string;
}

export const UserMessage = memo(function UserMessage(props: {
  message: Message;
  isQueued: boolean;
  sessionKey: string;
}) {
  const { message, isQueued, sessionKey } = props;
  const { t } = useTranslation();
  const app = useApp();
  const [isEditing, setIsEditing] = useState(false);
  const isBusy = useAppState((state) => state.chats[sessionKey]?.run !== undefined);
  const isTalk = useIsTalk(sessionKey);
  const { run } = useWork();
  const text = plainText(message);
  const enclosures = message.content.flatMap((block): Enclosure[] => {
    if (block.type === "image")
      return [{ name: block.fileName ?? "", picture: `data:${block.mimeType};base64,${block.data}` }];
    return block.type === "file" ? [{ name: block.fileName }] : [];
  });
  const resend = (next: string) => {
    setIsEditing(false);
    run(app.chat.sendAgain(sessionKey, message.id, next));
  };
  const inTalk = message.label ? t("talk.wroteBy", { name: message.label }) : t("talk.wrote");
  const speaker = isTalk ? inTalk : t("chat.you");
  if (isEditing) return <Editor text={text} onSend={resend} onCancel={() => setIsEditing(false)} />;
  return (
    <article aria-label={speaker} className="group/user flex flex-col items-end gap-1 pt-5">
      <MessageLabel label={message.label} sessionKey={sessionKey} />
      <Enclosures items={enclosures} />
      {text ? <Bubble text={text} /> : null}
      <div className="-mb-3 flex min-h-7 items-center gap-0.5 touch:mb-0">
        <div className="flex opacity-0 transition-opacity duration-100 group-focus-within/user:opacity-100 group-hover/user:opacity-100 touch:opacity-100">
          <CopyButton text={text} label={t("chat.copyMessage")} />
          {isTalk ? null : (
            <IconButton
              size="small"
              label={t("chat.editMessage")}
              icon={<Pencil size={14} aria-hidden />}
              disabled={isBusy}
              onClick={() => setIsEditing(true)}
            />
          )}
        </div>
        {isQueued ? <Badge tone="accent">{t("chat.queued")}</Badge> : null}
      </div>
    </article>
  );
});

/** A message that the gateway has not committed yet. */
export function OutgoingMessage({ item }: { item: Outgoing }) {
  const { t } = useTranslation();
  const enclosures = item.attachments.map((attachment): Enclosure => {
    const isPicture = attachment.mimeType?.startsWith("image/") === true;
    return {
      name: attachment.fileName ?? "",
      ...(isPicture ? { picture: `data:${attachment.mimeType};base64,${attachment.content}` } : {}),
    };
  });
  return (
    <article aria-label={t("chat.you")} className="flex flex-col items-end gap-1 pt-5">
      <Enclosures items={enclosures} />
      {item.text ? <Bubble text={item.text} /> : null}
      <div className="-mb-3 flex min-h-7 items-center text-small text-faint touch:mb-0">
        {item.state === "sending" ? <span className="animate-blink">{t("chat.sending")}</span> : null}
      </div>
    </article>
  );
}

function Bubble({ text }: { text: string }) {
  return (
    <div className="max-w-[85%] rounded-xl rounded-br-sm bg-bubble px-4 py-2.5 text-body whitespace-pre-wrap [overflow-wrap:anywhere]">
      {text}
    </div>
  );
}

function Enclosures({ items }: { items: readonly Enclosure[] }) {
  const { t } = useTranslation();
  if (items.length === 0) return null;
  return (
    <ul className="flex max-w-[85%] flex-wrap justify-end gap-2">
      {items.map((item, at) => (
        <li key={at}>
          {item.picture ? (
            <img
              src={item.picture}
              alt={item.name ? t("chat.image", { name: item.name }) : t("chat.imageUnnamed")}
              className="max-h-56 max-w-full rounded-lg border border-line object-contain"
            />
          ) : (
            <span className="inline-flex items-center gap-2 rounded-md border border-line px-2.5 py-1.5 text-base text-soft">
              <FileText size={15} aria-hidden />
              {item.name}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

function Editor({ text, onSend, onCancel }: { text: string; onSend(text: string): void; onCancel(): void }) {
  const { t } = useTranslation();
  const [value, setValue] = useState(text);
  const send = () => (value.trim() ? onSend(value.trim()) : undefined);
  return (
    <div className="my-5 rounded-xl border border-accent bg-raised p-3">
      <textarea
        autoFocus
        aria-label={t("chat.editLabel")}
        value={value}
        onChange={(event) => setValue(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing || event.keyCode === 229) return;
          if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) send();
          if (event.key === "Escape") {
            event.stopPropagation();
            onCancel();
          }
        }}
        className="field-sizing-content max-h-80 min-h-12 w-full resize-none bg-transparent px-1 text-body outline-none"
      />
      <div className="mt-2 flex flex-wrap items-center justify-end gap-2">
        <span className="mr-auto text-small text-faint">{t("chat.editHint")}</span>
        <Button size="small" look="ghost" onClick={onCancel}>
          {t("common.cancel")}
        </Button>
        <Button size="small" look="primary" disabled={!value.trim()} onClick={send}>
          {t("chat.sendEdit")}
        </Button>
      </div>
    </div>
  );
}
