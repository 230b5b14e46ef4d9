/**
 * The contract of a channel: one chat platform behind one shape. A channel carries messages in and out and says how it
 * stands. It never decides who may write, never keeps a conversation, never retries a message, never knows the store or
 * another channel: the pipeline above does all that once, for every channel alike.
 *
 * Life: the supervisor calls `start` once per account; the channel connects by itself and goes on connecting, with a
 * growing pause, until it is disposed. It reports each change of its state. What it throws in `start` ends in the state
 * `error`; nothing that happens in a channel may end the process or another channel.
 */
import type { Static, TSchema } from "typebox";
import type { Clock } from "#main/base/clock.ts";
import type { CommandRunner } from "#main/base/command.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { AppError, type AppErrorOptions } from "#main/base/errors.ts";
import type { HttpCall } from "#main/base/http/client.ts";
import type { Logger } from "#main/base/logger.ts";

/** What a channel can do. What it cannot do, the pipeline does without or in words. */
export interface ChannelCapabilities {
  /** Longest text of one message as the platform counts it, after rendering. */
  maxText: number;
  /** Largest file that can be sent, bytes. 0: none. */
  maxMediaBytes: number;
  /** Buttons under a message, answered by `ChannelContext.press`. Without them questions carry a code to type. */
  buttons: boolean;
  /** A sent message can be changed: answers are shown while they grow. */
  edits: boolean;
  typing: boolean;
  reactions: boolean;
  /** Groups, rooms or servers beside direct chats. */
  groups: boolean;
  threads: boolean;
  /** The platform drops a second message with the same key: after a cut a send may be repeated. */
  idempotentSend: boolean;
  /** With `idempotentSend`: for so long, milliseconds; absent: for ever. */
  idempotentForMs?: number;
  /** How a person gets in: credentials typed in, or a code to scan that `LoginEvent` shows. */
  login: "credentials" | "qr" | "none";
}

/** Where a conversation takes place on the platform. */
export interface ChatRef {
  /** The platform's unchangeable id of the chat, as `send` needs it. */
  id: string;
  kind: "direct" | "group";
  /** A topic or thread in it that is a conversation of its own. */
  threadId?: string;
  /** As people see it. For display, never for a decision. */
  title?: string;
  /** The server or workspace that the chat belongs to, where there is one: `guilds.<id>` in the configuration. */
  spaceId?: string;
}

export interface Sender {
  /** The platform's unchangeable id. The only thing that access is decided by. */
  id: string;
  /** For display. */
  name?: string;
  isBot?: boolean;
}

export type MediaKind = "image" | "audio" | "voice" | "video" | "document" | "sticker";

/** Something sent along, not loaded yet: nothing is fetched for a person who may not write. */
export interface MediaRef {
  kind: MediaKind;
  /** What `download` needs to find it. Opaque to everyone else; must survive a restart. */
  ref: string;
  /** As the platform says; the bytes are believed, not this. */
  mimeType?: string;
  fileName?: string;
  sizeBytes?: number;
  durationSeconds?: number;
}

/** One message of a person. */
export interface InboundMessage {
  type: "message";
  /** Unique per account, for ever: the same one again is the same message. Include the chat where ids are per chat. */
  messageId: string;
  /** The id by which the platform knows the message in its chat, for replies, reactions and edits. */
  platformId: string;
  chat: ChatRef;
  sender: Sender;
  /** When it was written, milliseconds since 1970. */
  at: number;
  /** Plain text; the platform's marks for mentions of us taken out. Empty when there is only media. */
  text: string;
  /** True only for a mention that the platform itself marks as one of us, never for text that looks like it. */
  mentionsMe: boolean;
  replyTo?: { platformId: string; isToMe: boolean; text?: string; senderName?: string };
  media: readonly MediaRef[];
  location?: { latitude: number; longitude: number; name?: string };
  /** Messages with the same one belong together (an album): they become one message. */
  albumId?: string;
}

/** What comes beside messages. */
export type InboundEvent =
  | InboundMessage
  /** The text of an earlier message was changed. */
  | { type: "edit"; chat: ChatRef; sender: Sender; platformId: string; text: string }
  /** `sender`: who took it back, where the platform says so and does not see to it that it was their own. */
  | { type: "delete"; chat: ChatRef; sender?: Sender; platformIds: readonly string[] }
  /** `emoji` undefined: taken back. */
  | { type: "reaction"; chat: ChatRef; sender: Sender; platformId: string; emoji?: string };

/** A press of one of our buttons, with who pressed it by the platform's word. */
export interface ButtonPress {
  chat: ChatRef;
  sender: Sender;
  /** `Button.data` of the button. */
  data: string;
  /** The message that carries the button. */
  platformId: string;
}

export interface Button {
  /** At most 20 characters. */
  label: string;
  /** At most 60 bytes, ASCII. */
  data: string;
  style?: "primary" | "danger";
}

/** A file to send. */
export interface OutboundMedia {
  kind: MediaKind;
  bytes: Uint8Array;
  mimeType: string;
  fileName: string;
}

/** One call of the platform: the pipeline has split what is longer. */
export interface OutboundMessage {
  chat: ChatRef;
  /** Markdown, rendered by the channel into its own markup; fits `maxText` once rendered (see `split`). */
  text: string;
  media?: OutboundMedia;
  /** Platform id of the message that is answered. */
  replyTo?: string;
  buttons?: readonly Button[];
  /** The same for each try of one message: given to the platform where `idempotentSend`. */
  idempotencyKey: string;
}

export type ChannelState = "connecting" | "connected" | "degraded" | "disconnected" | "error";

/** `connected` only after the platform said so. `reason` for everything else, in words that say what to do. */
export interface ChannelStatus {
  state: ChannelState;
  reason?: string;
  /** Who we are there: `@name`, a number. */
  identity?: string;
}

/** Linking a device: told whenever the platform gives a new code. */
export type LoginEvent =
  | { type: "qr"; qr: string; expiresAtMs: number }
  /** To type on the phone instead of scanning. */
  | { type: "code"; code: string }
  | { type: "linked"; identity?: string }
  | { type: "failed"; reason: string };

/** Small texts that a channel keeps between starts: an offset, a session id. A killed process loses none. */
export interface ChannelMemory {
  get(name: string): string | undefined;
  set(name: string, value: string): Promise<void>;
  delete(name: string): Promise<void>;
}

/** The world as one account of a channel sees it. */
export interface ChannelContext<Settings = unknown> {
  /** `default`, or the name under `accounts`. */
  account: string;
  /** In force: defaults filled in, secrets looked up. Validated against `settings` of the channel. */
  settings: Settings;
  clock: Clock;
  log: Logger;
  /** 0 ≤ n < 1, for jitter. */
  random(): number;
  /** For calls to the platform's own addresses. */
  fetch: typeof fetch;
  /** The same in half the time, for those that a person waits for. Follows no redirect. */
  call: HttpCall;
  /** A folder of its own, existing, 0700. */
  dataDir: string;
  /** In plain text in the database; a power cut may take back the last. Never a secret. */
  memory: ChannelMemory;
  /** Credentials that the platform gave us: encrypted, with the key in the keychain, safe from a power cut too. */
  vault: ChannelMemory;
  /** Runs programs (`osascript`) with arguments, never through a shell. */
  commands: CommandRunner;
  platform: NodeJS.Platform;
  /**
   * Hands over what came. Resolves once it is durable: acknowledge to the platform only then. Never throws for a message
   * that is refused; throws when it could not be written: then do not acknowledge, it comes again.
   */
  receive(event: InboundEvent): Promise<void>;
  /** Hands over a press. Resolves with words for the one who pressed, or with nothing to say; one that throws is lost. */
  press(press: ButtonPress): Promise<{ text?: string }>;
  setStatus(status: ChannelStatus): void;
  login(event: LoginEvent): void;
}

/** A request of the platform to `POST /channels/<id>/webhook`, with its raw body: signatures cover bytes. */
export interface WebhookRequest {
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** Query string without `?`. */
  query: string;
  /** Reads the raw body, within limits; once. Do not call it before what the headers prove is checked. */
  readBody(): Promise<Uint8Array>;
}

export interface WebhookResponse {
  status: number;
  headers?: Readonly<Record<string, string>>;
  body?: string;
}

/** A live account. Disposing stops it for good: nothing is received or reported after that resolved. */
export interface ChannelConnection extends Disposable {
  /**
   * Sends one message, once; no retry of its own. Resolves when the platform has taken it, with the platform ids that it
   * gave. Throws ChannelError and nothing else. The signal aborts at stop and after the time-out.
   */
  send(message: OutboundMessage, signal: AbortSignal): Promise<{ platformIds: readonly string[] }>;
  /** Replaces text and buttons of a message of ours. Throws ChannelError. Needed with `edits`. */
  edit?(chat: ChatRef, platformId: string, message: Pick<OutboundMessage, "text" | "buttons">): Promise<void>;
  /** Shows that we write; lasts a few seconds on every platform, the pipeline repeats it. May fail silently. */
  typing?(chat: ChatRef): Promise<void>;
  /** Sets our one reaction to a message, or takes it back. May fail silently. */
  react?(chat: ChatRef, platformId: string, emoji: string | undefined): Promise<void>;
  /**
   * Loads what `ref` names. Streams, so that the pipeline can stop at its limit. Throws ChannelError. Only ever called
   * for a message that was let in.
   */
  download?(media: MediaRef, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /**
   * Answers the platform's request. Must check the signature over the raw body in constant time before anything is
   * parsed, and resolve only when what came is durable (`receive`).
   */
  webhook?(request: WebhookRequest): Promise<WebhookResponse>;
  /** Begins linking; codes come as `LoginEvent`. `phone` asks for a code to type instead of one to scan. */
  login?(options: { phone?: string }): Promise<void>;
  /** Unlinks, and forgets the credentials that the platform gave. */
  logout?(): Promise<void>;
}

/** A channel as the room's list holds it. */
export interface Channel<Settings extends TSchema = TSchema> {
  /** `telegram`: the key in the configuration, in addresses and in the store. */
  id: string;
  /** For people: "Telegram". */
  label: string;
  /** One sentence for the card: what a person gets. */
  summary: string;
  /**
   * What this channel needs beside what all have (`enabled`, `dmPolicy`, …): an open object schema. Each field has a
   * `title`, a `description` that says where to get it, and for credentials `"x-secret": true`; `"x-advanced": true`
   * hides it in the wizard until asked for.
   */
  settings: Settings;
  /** How to get what is needed, a sentence per step, for the wizard. */
  setup: readonly string[];
  /** Where one can go to do it. */
  setupUrl?: string;
  capabilities: ChannelCapabilities;
  /** Why it cannot run here (`imessage` elsewhere than on macOS), or undefined. Pure. */
  unavailable?(platform: NodeJS.Platform, settings: Static<Settings>): string | undefined;
  /** What is missing or wrong in the settings, in words that name the key; undefined: it can start. Pure. */
  check(settings: Static<Settings>): string | undefined;
  /** Cuts a Markdown text where meaning allows, so that each part fits one message once rendered. Pure. */
  split(markdown: string): string[];
  /**
   * Starts one account. Loads the client library here, never at import. Must return quickly: connecting goes on behind.
   * Throws ChannelError for settings that can never work.
   */
  start(context: ChannelContext<Static<Settings>>): Promise<ChannelConnection>;
}

/** A channel whose settings are not known at compile time. */
export type AnyChannel = Omit<Channel, "unavailable" | "check" | "start"> & {
  unavailable?(platform: NodeJS.Platform, settings: never): string | undefined;
  check(settings: never): string | undefined;
  start(context: ChannelContext<never>): Promise<ChannelConnection>;
};

/** Declares a channel. The identity function: it exists to fix the types. */
export function defineChannel<Settings extends TSchema>(channel: Channel<Settings>): Channel<Settings> {
  return channel;
}

/**
 * What became of a call that failed:
 * - `retry`: nothing was sent, the same may work later (429 with `retryAfterMs`, 5xx, no connection could be made)
 * - `offline`: nothing was sent and nothing can be until the channel is `connected` again; does not count as a try
 * - `rejected`: the platform refused it for good; nothing was sent
 * - `auth`: the credentials no longer count; nothing was sent
 * - `unknown`: the request left and no answer came; it may have been sent
 */
export type ChannelFailure = "retry" | "offline" | "rejected" | "auth" | "unknown";

/** What a channel throws, and only this. The message is for a person and never holds a credential. */
export class ChannelError extends AppError {
  readonly failure: ChannelFailure;
  /** With `retryAfterMs`: the pause holds for the whole account, not only for this chat. */
  readonly isAccountWide: boolean;

  constructor(failure: ChannelFailure, message: string, options: AppErrorOptions & { isAccountWide?: boolean } = {}) {
    super("CHANNEL", message, options);
    this.failure = failure;
    this.isAccountWide = options.isAccountWide === true;
  }
}
