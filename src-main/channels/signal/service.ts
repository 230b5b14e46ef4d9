/**
 * The two services that can hold a Signal account, behind one shape: signal-cli's own HTTP daemon and
 * signal-cli-rest-api; and what both do alike. Must never know how either is spoken to.
 */
import { ChannelError, type ChatRef } from "../contract.ts";
import { countOf, objectOf } from "./fields.ts";
import type { MessageName } from "./identifiers.ts";
import type { Rendered } from "./outbound.ts";

/** Something that the service handed out. */
export interface Received {
  /** `{envelope, account}`, or whatever else came. */
  payload: unknown;
  /** Where to go on after a break, from services that can. */
  eventId?: string;
}

export interface Listening {
  signal: AbortSignal;
  /** `Received.eventId` of the last one that is done with. */
  after: string | undefined;
  /** The service has agreed to be heard; then again whenever something comes, if only a sign of life. */
  onAlive(): void;
}

export interface SignalMessage {
  chat: ChatRef;
  rendered: Rendered;
  /** Data URI. */
  attachment?: string | undefined;
  quote?: MessageName | undefined;
}

/** All of it throws ChannelError and nothing else, and tries once. */
export interface SignalService {
  /** The identities that the account knows, its own among them: `{number, uuid}`. */
  identities(signal: AbortSignal): Promise<unknown>;
  /** What comes in, in order. Reads on only when asked for the next. Ends or throws with the connection. */
  listen(listening: Listening): AsyncIterable<Received>;
  /** @returns the timestamp that names the message */
  send(message: SignalMessage, signal: AbortSignal): Promise<number>;
  typing(chat: ChatRef, signal: AbortSignal): Promise<void>;
  react(chat: ChatRef, target: MessageName, emoji: string | undefined, signal: AbortSignal): Promise<void>;
  /** @param ref the attachment's id at the service */
  download(ref: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Takes back a reaction: the field must hold one, which one does not matter (one reaction per person and message). */
export const ANY_EMOJI = "\u{1F44D}";

/** The timestamp in an answer to a send. Throws ChannelError `unknown` when there is none. */
export function timestampOf(answer: unknown): number {
  const timestamp = countOf(objectOf(answer)["timestamp"]);
  if (timestamp === undefined) throw new ChannelError("unknown", "signal-cli did not say which message it sent.");
  return timestamp;
}
