/**
 * One Socket Mode connection, from the hello to its end, through the official client. It does not come back by itself:
 * `session.ts` decides when. Facts: docs.slack.dev, "Using Socket Mode"; the client's own behaviour from its source.
 */
import type { SocketModeReceiver } from "@slack/bolt";
import { ChannelError } from "../contract.ts";
import { parseJson, toObject } from "./inbound.ts";
import { clientOptions, silentLogger, toChannelError, type Bolt, type Context } from "./web-api.ts";

/** Milliseconds from the request for an address until Slack's hello. */
const HELLO_LIMIT_MS = 60_000;

type Client = SocketModeReceiver["client"];

interface SocketOptions {
  bolt: Bolt;
  context: Context;
  /** Ends the connection. */
  signal: AbortSignal;
  /** Takes a payload. When it rejects, Slack is told nothing and sends it again. */
  take(payload: unknown): Promise<void>;
  /** Told when Slack has said hello. */
  onOpen(): void;
}

/** Opens a connection and holds it. Rejects with a ChannelError, the reason, when it ends. */
export async function holdSocket({ bolt, context, signal, take, onOpen }: SocketOptions): Promise<never> {
  const { client } = new bolt.SocketModeReceiver({
    appToken: context.settings.appToken ?? "",
    autoReconnectEnabled: false,
    logger: silentLogger(bolt),
    installerOptions: { clientOptions: clientOptions(bolt, context, signal) },
  });
  let reason = new ChannelError("retry", "The connection to Slack broke.");
  const leave = (why = reason) => {
    reason = why;
    // The first call says goodbye and would wait half a minute for an answer that Slack does not always give; the
    // second one closes. On a closed connection it only clears the client's timers.
    for (let call = 0; call < 2; call++) void client.disconnect();
  };
  const stop = () => leave();
  const ended = new Promise<void>((resolve) => client.once("disconnected", () => resolve()));
  client.on("slack_event", ({ body, ack }: { body?: unknown; ack(): Promise<void> }) => {
    take(body)
      .then(() => ack())
      .catch((error: unknown) => context.log.warn("not acknowledged, Slack sends it again", { error }));
  });
  guardMessages(client, context, leave);
  // The client goes on connecting after a `disconnect` that came while it asked for the address.
  client.on("connecting", () => {
    if (signal.aborted) queueMicrotask(stop);
  });
  signal.addEventListener("abort", stop, { once: true });
  const silence = new ChannelError("retry", "Slack took the connection and then said nothing.");
  const limit = context.clock.after(HELLO_LIMIT_MS, () => leave(silence));
  try {
    await client.start();
    await limit.dispose();
    onOpen();
    await ended;
    throw reason;
  } catch (thrown) {
    stop();
    // The client rejects with nothing when the connection ends before the hello.
    throw toChannelError(bolt, "apps.connections.open", thrown ?? reason);
  } finally {
    await limit.dispose();
    signal.removeEventListener("abort", stop);
  }
}

/**
 * The client rejects into the void when an envelope lacks what it expects, and waits for seconds after Slack asked it
 * to go: so its handler of messages runs inside this one.
 */
function guardMessages(client: Client, { log }: Context, leave: (why: ChannelError) => void): void {
  const [handle] = client.listeners("ws_message") as ((data: unknown, isBinary: unknown) => Promise<void>)[];
  client.removeAllListeners("ws_message");
  client.on("ws_message", (data: unknown, isBinary: unknown) => {
    const { type, reason } = toObject(parseJson(data));
    if (typeof type !== "string") return log.warn("Slack sent something that is no message");
    if (type === "disconnect") return leave(toError(reason));
    handle?.(data, isBinary).catch((error: unknown) => log.warn("an envelope made no sense", { error }));
    return undefined;
  });
}

function toError(reason: unknown): ChannelError {
  if (reason === "link_disabled") {
    return new ChannelError("auth", "Socket Mode is switched off for this app. Switch it on at api.slack.com/apps.");
  }
  const isFull = reason === "too_many_websockets";
  const full = "Too many programs are connected with this app-level token. Stop the others.";
  return new ChannelError("retry", isFull ? full : "Slack asked for a new connection.");
}
