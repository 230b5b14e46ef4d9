/**
 * The messages of the last hours, in memory: needed to quote one, to react to one, and to send one again to a device
 * that could not read it. Must stay bounded; what is no longer here is quoted without its words.
 */
import type { proto } from "@whiskeysockets/baileys";

const MAX_MESSAGES = 1000;

export interface RecentMessage {
  fromMe: boolean;
  /** Address of who wrote it. */
  author: string;
  message: proto.IMessage;
}

export interface RecentMessages {
  get(chatId: string, id: string): RecentMessage | undefined;
  /** The same by its id alone, for devices that name the chat by another address. */
  sent(id: string): RecentMessage | undefined;
  add(chatId: string, id: string, message: RecentMessage): void;
}

export function createRecentMessages(): RecentMessages {
  const messages = new Map<string, RecentMessage>();
  const sent = new Map<string, RecentMessage>();
  const put = (map: Map<string, RecentMessage>, key: string, message: RecentMessage) => {
    map.delete(key);
    map.set(key, message);
    for (const oldest of map.keys()) {
      if (map.size <= MAX_MESSAGES) break;
      map.delete(oldest);
    }
  };
  return {
    get: (chatId, id) => messages.get(`${chatId}:${id}`),
    sent: (id) => sent.get(id),
    add(chatId, id, message) {
      put(messages, `${chatId}:${id}`, message);
      if (message.fromMe) put(sent, id, message);
    },
  };
}
