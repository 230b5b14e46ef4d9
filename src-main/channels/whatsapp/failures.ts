/**
 * What WhatsApp's refusals mean: why a connection ended and what follows, and what became of a message. Pure. Sources:
 * `DisconnectReason` and the error codes of acknowledgements in the client library, and the connect-failure reasons that
 * the platform's web client knows.
 */
import { messageOf } from "#main/base/errors.ts";
import { ChannelError } from "../contract.ts";
import { IdentityRefused } from "./server-identity.ts";

export const NOT_LINKED = "Not linked yet: link it as a device and scan the code with WhatsApp on the phone.";

/** What follows the end of a connection. */
export interface Ending {
  /** `stop`: not before a person does something. `relink`: the link itself is gone, the credentials are of no more use. */
  next: "now" | "later" | "stop" | "relink";
  state: "disconnected" | "error";
  reason: string;
}

/** When the platform says "too often" without saying how long. */
const RATE_LIMIT_MS = 60_000;

const UNLINKED = "Unlinked on the phone. Link again.";
const OUTDATED = "WhatsApp no longer accepts this version of Gatehouse. Update Gatehouse.";
const STOPS: Readonly<Record<number, [next: "stop" | "relink", reason: string]>> = {
  401: ["relink", UNLINKED],
  402: ["stop", "WhatsApp blocked this account for a while. See the phone, then switch the channel off and on."],
  403: ["relink", "WhatsApp refuses this account. See WhatsApp on the phone, then link again."],
  405: ["stop", OUTDATED],
  406: ["relink", UNLINKED],
  409: ["stop", OUTDATED],
  411: ["relink", "This account cannot link devices. Update WhatsApp on the phone, then link again."],
  440: ["stop", "Another program uses this link, so Gatehouse let go. End it, then switch the channel off and on."],
};

/** @param error what the client gave as `lastDisconnect.error` */
export function toEnding(error: unknown): Ending {
  if (error instanceof IdentityRefused) {
    const reason = `Stopped because ${error.message}. Nothing of yours was sent. Check the network.`;
    return { next: "later", state: "error", reason };
  }
  const code = statusOf(error) ?? 0;
  if (code === 515) return { next: "now", state: "disconnected", reason: "WhatsApp asked to connect anew." };
  const stop = STOPS[code];
  if (stop) return { next: stop[0], state: "error", reason: stop[1] };
  const reason = `The connection to WhatsApp broke off (${code || "no answer"}). It is tried again.`;
  return { next: "later", state: "disconnected", reason };
}

/** The status code of the client's errors (`Boom`): of its own in `output`, of the platform in `data`. */
function statusOf(error: unknown): number | undefined {
  const { output, data } = (error ?? {}) as { output?: { statusCode?: unknown }; data?: unknown };
  for (const code of [data, output?.statusCode]) if (typeof code === "number") return code;
  return undefined;
}

const REFUSALS: Readonly<Record<number, string>> = {
  401: "WhatsApp does not let this account write there",
  403: "WhatsApp does not let this account write there",
  463: "WhatsApp does not let this account begin chats with new people for now",
};

/**
 * @param code of an acknowledgement that refuses, or of a refused question before a message
 * @param backoffSeconds as the platform says, if it does
 */
export function toRefusal(code: number, backoffSeconds?: number): ChannelError {
  if (code === 429) {
    const retryAfterMs = backoffSeconds === undefined ? RATE_LIMIT_MS : backoffSeconds * 1000;
    return new ChannelError("retry", "WhatsApp says: too many messages.", { retryAfterMs, isAccountWide: true });
  }
  if (code >= 500 || code === 408) return new ChannelError("retry", `WhatsApp has a fault of its own (${code}).`);
  return new ChannelError("rejected", `${REFUSALS[code] ?? "WhatsApp refused the message"} (${code}).`);
}

/** What went wrong between handing a message to the client and its leaving. */
export function toChannelError(error: unknown): ChannelError {
  if (error instanceof ChannelError) return error;
  const { isBoom, data } = (error ?? {}) as { isBoom?: boolean; data?: unknown };
  // The platform refused a question that comes before a message (devices, keys, the group): nothing was sent.
  if (isBoom === true && typeof data === "number") return toRefusal(data);
  const status = statusOf(error);
  if (status === 428) return new ChannelError("offline", "Not connected to WhatsApp.", { cause: error });
  if (isBoom === true && status !== 408) {
    return new ChannelError("retry", `The message could not be prepared (${messageOf(error)}).`, { cause: error });
  }
  return new ChannelError("unknown", "The message may have left, but its sending broke off.", { cause: error });
}
