/** What the parts of one account share, and the messages that it remembers. Must stay bounded. */
import type { proto } from "@whiskeysockets/baileys";
import type { Lane } from "#main/base/lane.ts";
import type { ChannelContext } from "../contract.ts";
import type { Keyring } from "./keyring.ts";
import type { Library } from "./library.ts";

const MAX_MESSAGES = 2000;

export interface Account {
  library: Library;
  context: ChannelContext;
  keyring: Keyring;
  recent: ReturnType<typeof createRecentMessages>;
  /** Serialises everything that changes the state of conversations: decryptions and encryptions. */
  lane: Lane;
  /** Absent: WhatsApp's. */
  webSocketUrl: string | undefined;
  /** Public key that the servers' certificates lead to, 32 bytes. */
  rootKey: Uint8Array;
}

export interface RecentMessage {
  fromMe: boolean;
  /** Address of who wrote it. */
  author: string;
  message: proto.IMessage;
}

/** To quote one, to react to one, and to send one of ours again to a device that could not read it. */
export function createRecentMessages() {
  const messages = new Map<string, RecentMessage>();
  return {
    get: (chatId: string, id: string) => messages.get(`${chatId}:${id}`),
    /** What we said, by the id alone: devices may name the chat by another address. */
    sent(id: string): proto.IMessage | undefined {
      for (const [key, { fromMe, message }] of messages) if (fromMe && key.endsWith(`:${id}`)) return message;
      return undefined;
    },
    add(chatId: string, id: string, message: RecentMessage): void {
      const key = `${chatId}:${id}`;
      // Nobody puts theirs in the place of ours.
      if (messages.get(key)?.fromMe === true) return;
      messages.set(key, message);
      const [oldest] = messages.keys();
      if (messages.size > MAX_MESSAGES && oldest !== undefined) messages.delete(oldest);
    },
  };
}
