/** What a channel sent, as the fake of WhatsApp holds it, with edits applied. */
import type { proto } from "@whiskeysockets/baileys";
import type { PlatformMessage } from "./channel-platform.ts";
import type { MediaStore } from "./whatsapp-media.ts";

export function createSentMessages(media: MediaStore) {
  const messages: PlatformMessage[] = [];
  const reactions: { platformId: string; emoji: string }[] = [];
  return {
    list: (): readonly PlatformMessage[] => messages,
    reactions: () => reactions,
    has: (id: string) => messages.some(({ platformId }) => platformId === id),
    take(id: string, chatId: string, message: proto.IMessage): void {
      const { protocolMessage, reactionMessage } = message;
      if (reactionMessage) {
        reactions.push({ platformId: reactionMessage.key?.id ?? "", emoji: reactionMessage.text ?? "" });
        return;
      }
      const changed = messages.find(({ platformId }) => platformId === protocolMessage?.key?.id);
      if (protocolMessage) {
        if (!changed) return;
        changed.text = textOf(protocolMessage.editedMessage ?? {});
        changed.edits += 1;
        return;
      }
      const replyTo = message.extendedTextMessage?.contextInfo?.stanzaId;
      const file = fileOf(message, media);
      messages.push({
        platformId: id,
        chatId,
        text: textOf(message),
        edits: 0,
        ...(replyTo ? { replyTo } : {}),
        ...(file ? { media: file } : {}),
      });
    },
  };
}

function textOf(message: proto.IMessage): string {
  const { conversation, extendedTextMessage, imageMessage, documentMessage } = message;
  return conversation || extendedTextMessage?.text || imageMessage?.caption || documentMessage?.caption || "";
}

function fileOf(
  { imageMessage, audioMessage, documentMessage }: proto.IMessage,
  media: MediaStore,
): PlatformMessage["media"] {
  const file = imageMessage ?? audioMessage ?? documentMessage;
  if (!file?.url || !file.mediaKey) return undefined;
  const type = imageMessage ? "image" : audioMessage ? "audio" : "document";
  return { bytes: media.open(file.url, file.mediaKey, type), ...(file.mimetype ? { mimeType: file.mimetype } : {}) };
}
