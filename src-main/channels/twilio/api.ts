/**
 * The calls to Twilio: two of its REST API, its files, and the check of its signatures, which its own library does. Each
 * is made once. The account's credentials go to Twilio's own hosts and nowhere else.
 */
import { networkCauseOf } from "#main/base/http-failure.ts";
import { ChannelError, type ChannelContext } from "../contract.ts";
import { readFields, toNetworkFailure, toRefusal } from "./failure.ts";

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
