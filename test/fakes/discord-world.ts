/**
 * What a fake of Discord holds: people, channels, messages, in the shapes of Discord's API v10, with ids that are real
 * snowflakes. Knows no network: the REST and gateway sides of the fake read and change it.
 */
import type { Person } from "./channel-platform.ts";

export type Json = Record<string, unknown>;

export interface StoredMessage extends Json {
  id: string;
  channel_id: string;
  content: string;
  author: Json & { id: string };
  attachments: { id: string; filename: string; url: string; content_type?: string; size: number }[];
  components: { components: { label: string; custom_id: string }[] }[];
  message_reference?: { message_id: string };
  nonce?: string;
}

export interface DiscordWorld {
  botUser: Json & { id: string };
  applicationId: string;
  ann: Person;
  bob: Person;
  guild: string;
  /** A text channel of the guild, and a thread in it. */
  group: string;
  thread: string;
  directs: ReadonlyMap<string, string>;
  messages: Map<string, StoredMessage[]>;
  files: Map<string, { bytes: Uint8Array; mimeType: string; fileName: string }>;
  /** How often each message of the bot was edited, by id. */
  edits: Map<string, number>;
  nextId(): string;
  userOf(person: Person): Json;
  find(messageId: string): StoredMessage | undefined;
  add(message: StoredMessage): StoredMessage;
  addFile(
    file: { bytes: Uint8Array; mimeType: string; fileName: string },
    base: string,
  ): StoredMessage["attachments"][0];
  blank(channelId: string, author: Json, content: string): StoredMessage;
  isDirect(channelId: string): boolean;
}

const DISCORD_EPOCH_MS = 1_420_070_400_000n;

/** Snowflakes of now, each larger than the one before. */
function createIds(): () => string {
  let last = 0n;
  return () => {
    const now = (BigInt(Date.now()) - DISCORD_EPOCH_MS) << 22n;
    last = now > last ? now : last + 1n;
    return String(last);
  };
}

export function createDiscordWorld(): DiscordWorld {
  const nextId = createIds();
  const ann = { id: nextId(), name: "ann" };
  const bob = { id: nextId(), name: "bob" };
  const botUser = { id: nextId(), username: "gatehouse", discriminator: "0", global_name: null, bot: true };
  const [group, thread, annDirect, bobDirect] = [nextId(), nextId(), nextId(), nextId()];
  const messages = new Map<string, StoredMessage[]>([group, thread, annDirect, bobDirect].map((id) => [id, []]));
  const files: DiscordWorld["files"] = new Map();
  const directs = new Map([
    [ann.id, annDirect],
    [bob.id, bobDirect],
  ]);
  return {
    botUser,
    applicationId: nextId(),
    ann,
    bob,
    guild: nextId(),
    group,
    thread,
    directs,
    messages,
    files,
    edits: new Map(),
    nextId,
    userOf: ({ id, name }) => ({ id, username: name, discriminator: "0", global_name: null, avatar: null }),
    find: (messageId) => [...messages.values()].flat().find(({ id }) => id === messageId),
    add(message) {
      messages.get(message.channel_id)?.push(message);
      return message;
    },
    addFile(file, base) {
      const id = nextId();
      files.set(id, file);
      const url = `${base}/attachments/${id}/${encodeURIComponent(file.fileName)}`;
      return { id, filename: file.fileName, url, content_type: file.mimeType, size: file.bytes.length };
    },
    blank: (channelId, author, content) => ({
      id: nextId(),
      channel_id: channelId,
      author: author as StoredMessage["author"],
      content,
      timestamp: new Date().toISOString(),
      edited_timestamp: null,
      tts: false,
      mention_everyone: false,
      mentions: [],
      mention_roles: [],
      attachments: [],
      embeds: [],
      pinned: false,
      type: 0,
      flags: 0,
      components: [],
    }),
    isDirect: (channelId) => [...directs.values()].includes(channelId),
  };
}
