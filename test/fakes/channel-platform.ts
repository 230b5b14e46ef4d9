/**
 * What a fake of a chat platform offers to the suites, whichever platform it plays. The fake speaks the platform's own
 * wire format on loopback; the channel reaches it through the real client library.
 */
import type { ChannelConnection, LoginEvent } from "#main/channels/contract.ts";

/** One thing that the channel sent, as the platform holds it. */
export interface PlatformMessage {
  platformId: string;
  chatId: string;
  /** In the platform's own markup. */
  text: string;
  replyTo?: string;
  media?: { bytes: Uint8Array; fileName?: string; mimeType?: string };
  buttons?: readonly { label: string; data: string }[];
  /** How often its text was replaced. */
  edits: number;
}

export interface Person {
  id: string;
  name: string;
}

export interface Written {
  from?: Person;
  /** `direct` (default): with the bot alone; `group`: in `group`. */
  where?: "direct" | "group";
  text?: string;
  /** Marks the bot in the platform's own way. */
  mentionsBot?: boolean;
  /** Platform id of a message that this answers. */
  replyTo?: string;
  /** A file sent along: PNG bytes by default kind `image`. */
  media?: { kind: "image" | "voice" | "document"; bytes: Uint8Array; fileName?: string };
}

/** What the platform does with the next calls that send. */
export type PlatformFault =
  | { is: "rate-limit"; seconds: number }
  | { is: "server-error" }
  /** Refused for good: blocked by the user, no such chat. */
  | { is: "rejected" }
  /** Takes the message, then breaks the connection before the answer. */
  | { is: "answer-lost" };

export interface FakePlatform {
  /** Settings of the channel that point it here, as they stand in the configuration. */
  settings: Record<string, unknown>;
  ann: Person;
  bob: Person;
  /** Chat id of the direct chat with a person, and of a group in which both are. */
  directChat(person: Person): string;
  group: string;
  /** What a person has to do before the account can connect: scan the code that `event` shows. */
  onLogin?(event: LoginEvent): void;
  /** Called once after `start`, for channels whose login is asked for. */
  begin?(connection: ChannelConnection): Promise<void>;
  /** A person writes. Delivered when the channel is connected, kept for it until then. @returns the platform's id */
  write(message: Written): Promise<string>;
  /** Delivers the last message once more, as platforms do after a lost acknowledgement. */
  repeatLast(): Promise<void>;
  /** Delivers something that breaks the platform's own rules or makes no sense. The channel must live on. */
  writeNonsense?(): Promise<void>;
  /** A press of the button with this data, under one of our messages. */
  press?(message: PlatformMessage, data: string, by: Person): Promise<void>;
  edit?(platformId: string, text: string, by: Person): Promise<void>;
  react?(platformId: string, emoji: string, by: Person): Promise<void>;
  /** What the channel has sent so far, oldest first, with edits applied. */
  sent(): readonly PlatformMessage[];
  /** Calls that send, answered or not: shows a retry that nobody asked for. */
  readonly sendCalls: number;
  /** Media that were fetched from the platform. */
  readonly downloads: number;
  /** Typing indicators shown. */
  readonly typings: number;
  fail(fault: PlatformFault, times?: number): void;
  /** The network is gone: live connections break, new ones are refused, until `up`. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** The credentials count no more, at once. Undefined where the platform knows no such thing (`imessage`). */
  revoke?(): Promise<void>;
  /** Connections or polls that were tried since the start: shows hammering. */
  readonly attempts: number;
  close(): Promise<void>;
}
