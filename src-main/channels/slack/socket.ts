/**
 * One Socket Mode connection, from the hello to its end, through the official client. It does not come back by itself:
 * `session.ts` decides when. Facts: docs.slack.dev, "Using Socket Mode"; the client's own behaviour from its source.
 */
import type { SocketModeReceiver } from "@slack/bolt";
import { ChannelError, type ChannelContext } from "../contract.ts";
import { toObject, type Json } from "./inbound.ts";
import { clientOptions, silentLogger, toChannelError, type Bolt } from "./web-api.ts";

/** Milliseconds from the request for an address until Slack's hello. */
const HELLO_LIMIT_MS = 60_000;

type Client = SocketModeReceiver["client"];

/** What Slack sends: the payload, and how to say that it is kept. */
interface Envelope {
  body?: unknown;
  ack(): Promise<void>;
}

export interface SocketOptions {
  bolt: Bolt;
  context: ChannelContext<{ appToken?: string; apiUrl: string }>;
  /** Ends the connection. */
  signal: AbortSignal;
  /** Takes a payload. When it rejects, Slack is told nothing and sends it again. */
  take(payload: unknown): Promise<void>;
}

/**
 * Opens a connection. Resolves once Slack has said hello, with what tells the reason of its end.
 * Throws ChannelError.
 */
export async function openSocket(options: SocketOptions): Promise<{ ended: Promise<ChannelError> }> {
  const { bolt, context, signal } = options;
  const client = createClient(options);
  let reason = new ChannelError("retry", "The connection to Slack broke.");
  const leave = (why: ChannelError) => {
    reason = why;
    hangUp(client);
  };
  guardMessages(client, context, leave);
  const ended = new Promise<ChannelError>((resolve) => client.once("disconnected", () => resolve(reason)));
  const stop = () => hangUp(client);
  // The client goes on connecting after a `disconnect` that came while it asked for the address.
  client.on("connecting", () => {
    if (signal.aborted) queueMicrotask(stop);
  });
  signal.addEventListener("abort", stop, { once: true });
  const limit = context.clock.after(HELLO_LIMIT_MS, () =>
    leave(new ChannelError("retry", "Slack took the connection and then said nothing.")),
  );
  void ended.then(() => signal.removeEventListener("abort", stop));
  try {
    await client.start();
  } catch (thrown) {
    stop();
    // The client rejects with nothing when the connection ends before the hello.
    throw thrown === undefined ? reason : toChannelError(bolt, "apps.connections.open", thrown);
  } finally {
    await limit.dispose();
  }
  return { ended };
}

function createClient({ bolt, context, signal, take }: SocketOptions): Client {
  const { client } = new bolt.SocketModeReceiver({
    appToken: context.settings.appToken ?? "",
    autoReconnectEnabled: false,
    logger: silentLogger(bolt),
    installerOptions: { clientOptions: clientOptions(bolt, context, signal) },
  });
  client.on("slack_event", ({ body, ack }: Envelope) => {
    take(body)
      .then(() => ack())
      .catch((error: unknown) => context.log.warn("not acknowledged, Slack sends it again", { error }));
  });
  return client;
}

/**
 * The client rejects into the void when an envelope lacks what it expects, and waits for seconds after Slack asked it
 * to go: so its handler of messages runs inside this one.
 */
function guardMessages(client: Client, context: ChannelContext, onGoodbye: (why: ChannelError) => void): void {
  const handlers = client.listeners("ws_message") as ((data: unknown, isBinary: unknown) => Promise<void>)[];
  client.removeAllListeners("ws_message");
  client.on("ws_message", (data: unknown, isBinary: unknown) => {
    const message = parse(data);
    if (message === undefined) return context.log.warn("Slack sent something that is no message");
    if (message["type"] === "disconnect") return onGoodbye(toReason(message["reason"]));
    for (const handle of handlers) {
      handle(data, isBinary).catch((error: unknown) => context.log.warn("an envelope made no sense", { error }));
    }
    return undefined;
  });
}

function parse(data: unknown): Json | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const message = toObject(JSON.parse(data));
    return typeof message["type"] === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}

function toReason(reason: unknown): ChannelError {
  if (reason === "link_disabled") {
    return new ChannelError("auth", "Socket Mode is switched off for this app. Switch it on at api.slack.com/apps.");
  }
  if (reason === "too_many_websockets") {
    return new ChannelError("retry", "Too many programs are connected with this app-level token. Stop the others.");
  }
  return new ChannelError("retry", "Slack asked for a new connection.");
}

/**
 * Ends a connection at once. The first call says goodbye and would wait for half a minute for an answer that Slack does
 * not always give; the second one closes. On a closed connection it only clears the client's timers.
 */
function hangUp(client: Client): void {
  void client.disconnect();
  void client.disconnect();
}
