/**
 * The calls to Twilio: two of its REST API, its files, and the check of its signatures, which its own library does. Each
 * is made once. The account's credentials go to Twilio's own hosts and nowhere else, and never into a message.
 */
import { networkCauseOf, retryAfterOf, withoutSecrets } from "#main/base/http-failure.ts";
import { ChannelError, type ChannelContext } from "../contract.ts";

/** When Twilio says that it was too much but not for how long. */
const DEFAULT_PAUSE_MS = 1000;

/** What a person can do, by Twilio's error code (twilio.com/docs/api/errors). */
const ADVICE: Readonly<Record<number, string>> = {
  21608: "A trial account may only write to numbers that were verified in the Twilio Console.",
  21610: "This person has unsubscribed; they have to write START first.",
  63007: "Check `from`: it must be a WhatsApp sender of this account.",
  63015: "In the Twilio sandbox a person must first join, by sending its join words to the sandbox number.",
  63016: "More than 24 hours have passed since this person wrote; they have to write first.",
  63038: "The account's daily number of messages is used up; it is free again within 24 hours.",
};

/** Refusals whose cause lies in the account's credentials or standing. */
const AUTH_CODES: readonly unknown[] = [20003, 20005];

/** Causes that come up before a connection stands: nothing can have been sent. */
const UNREACHED = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;
const UNTRUSTED = /^(CERT_|ERR_TLS|ERR_SSL|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_)/;

interface Account {
  accountSid: string;
  authToken: string;
  /** Base address of the API. */
  apiBase: string;
}

export type TwilioApi = Awaited<ReturnType<typeof createTwilioApi>>;

/** Loads the library. Connects to nothing. All that is thrown by the calls is a ChannelError. */
export async function createTwilioApi(world: Pick<ChannelContext<Account>, "settings" | "fetch" | "clock">) {
  const { settings, fetch, clock } = world;
  const { accountSid, authToken, apiBase } = settings;
  const { default: library } = await import("twilio");
  const headers = { authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}` };
  const account = `${apiBase.replace(/\/$/, "")}/2010-04-01/Accounts/${accountSid}`;

  const call = async (address: string, init: Pick<RequestInit, "method" | "body" | "signal">) => {
    const [response, body] = await fetch(address, { ...init, headers, redirect: "manual" })
      .then(async (answer) => [answer, await answer.text()] as const)
      .catch((error: unknown) => {
        throw toNetworkFailure(error);
      });
    if (!response.ok) throw toRefusal(response, body, authToken, clock.now());
    return readFields(body);
  };

  return {
    /** Returns if the account counts. */
    async checkAccount(signal: AbortSignal): Promise<void> {
      const { status } = await call(`${account}.json`, { signal });
      if (status === "active") return;
      if (typeof status !== "string") throw unreadable();
      throw new ChannelError("auth", `The Twilio account is ${status}. Look into the Twilio Console.`);
    },
    /** @returns the message's SID */
    async sendText(message: { From: string; To: string; Body: string }, signal: AbortSignal): Promise<string> {
      const body = new URLSearchParams(message);
      const { sid } = await call(`${account}/Messages.json`, { method: "POST", body, signal });
      if (typeof sid !== "string") throw unreadable();
      return sid;
    },
    /** The bytes of a file that came with a message. */
    async *download(address: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
      if (!isTwilios(address, apiBase)) {
        throw new ChannelError("rejected", "The file does not lie with Twilio; it is not loaded.");
      }
      try {
        // Twilio sends on to its storage. `fetch` takes the credentials out on the way to another origin (Fetch
        // Standard, "HTTP-redirect fetch").
        const response = await fetch(address, { headers, signal });
        if (!response.ok) throw toRefusal(response, await response.text(), authToken, clock.now());
        if (response.body) yield* response.body;
      } catch (error) {
        if (error instanceof ChannelError) throw error;
        throw new ChannelError("retry", `The file could not be loaded from Twilio (${networkCauseOf(error)}).`);
      }
    },
    /** True if the signature is Twilio's for these parameters at this address; compared in constant time. */
    isSigned(signature: string, address: string, params: URLSearchParams): boolean {
      const values = [...new Set(params.keys())].map((name) => [name, params.getAll(name)] as const);
      return library.validateRequest(authToken, signature, address, Object.fromEntries(values));
    },
  };
}

function isTwilios(address: string, apiBase: string): boolean {
  const url = URL.parse(address);
  if (url === null) return false;
  return (
    url.origin === new URL(apiBase).origin || (url.protocol === "https:" && /(^|\.)twilio\.com$/.test(url.hostname))
  );
}

/** After a success: the call may have counted. */
function unreadable(): ChannelError {
  return new ChannelError("unknown", "Twilio's answer cannot be read.");
}

/**
 * An answer that is not a success.
 * @param body Twilio's JSON: `{code, message, more_info, status}`; anything else is taken as no words
 * @param now wall time in milliseconds, for `Retry-After` as a date
 */
export function toRefusal({ status, headers }: Response, body: string, authToken: string, now: number): ChannelError {
  const { code, message } = readFields(body);
  const words = withoutSecrets(typeof message === "string" ? message : "", [authToken]) || `HTTP ${status}`;
  const said = typeof code === "number" ? `${words} (error ${code})` : words;
  const advice = typeof code === "number" ? ADVICE[code] : undefined;
  if (advice !== undefined) return new ChannelError("rejected", `Twilio refused it: ${said}. ${advice}`);
  if (status === 429) {
    const retryAfterMs = retryAfterOf(headers, now) ?? DEFAULT_PAUSE_MS;
    return new ChannelError("retry", `Twilio takes no more just now: ${said}.`, { retryAfterMs, isAccountWide: true });
  }
  if (status === 401 || AUTH_CODES.includes(code)) {
    const todo = "Check accountSid and authToken in the Twilio Console.";
    return new ChannelError("auth", `Twilio does not accept the account: ${said}. ${todo}`);
  }
  if (status >= 500 || status === 408) return new ChannelError("retry", `Twilio has a fault of its own: ${said}.`);
  return new ChannelError("rejected", `Twilio refused it: ${said}.`);
}

/** No answer at all, or not the whole of it. */
export function toNetworkFailure(thrown: unknown): ChannelError {
  const cause = networkCauseOf(thrown);
  return UNREACHED.test(cause) || UNTRUSTED.test(cause)
    ? new ChannelError("retry", `Twilio cannot be reached (${cause}). Check the internet connection.`)
    : new ChannelError("unknown", `The connection to Twilio broke before its answer (${cause}).`);
}

/** The fields of a JSON answer; none if it is something else. */
function readFields(body: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(body)) as Record<string, unknown>;
  } catch {
    return {};
  }
}
