/**
 * The Socket Mode half of the fake Slack: hello, envelopes, acknowledgements by `envelope_id`, redelivery of what was not
 * acknowledged, requests to disconnect. Facts: docs.slack.dev, "Using Socket Mode".
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";

/** How long Slack waits for an acknowledgement. */
export const SLACK_REDELIVERY_MS = 3000;
/** A test has no time for that. */
const REDELIVERY_MS = 500;

interface Pending {
  envelope: Record<string, unknown> & { envelope_id: string };
  tries: number;
  sentAt: number;
}

export interface SlackSocket {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Delivers an envelope until it is acknowledged, now or when somebody is connected. @returns its id */
  deliver(type: string, payload: object): string;
  /** Sends a frame as it is, once. */
  raw(frame: string | Buffer): void;
  /** Asks the client to go, and answers its goodbye with nothing. */
  requestDisconnect(reason: string): void;
  /** Breaks all connections. */
  drop(): void;
  /** Keeps the hello back from those who connect from now on. */
  muteHello(): void;
  readonly connections: number;
  /** How often an envelope was sent so far. */
  tries(envelopeId: string): number;
  readonly acks: readonly string[];
  close(): void;
}

export function createSlackSocket(redeliveryMs = REDELIVERY_MS): SlackSocket {
  const server = new WebSocketServer({ noServer: true });
  const pending = new Map<string, Pending>();
  const tries = new Map<string, number>();
  const acks: string[] = [];
  let nextId = 1;
  let isMuted = false;
  let current: WebSocket | undefined;

  const send = (item: Pending) => {
    if (current === undefined || current.readyState !== current.OPEN) return;
    const retry = item.tries === 0 ? {} : { retry_attempt: item.tries, retry_reason: "timeout" };
    item.tries += 1;
    item.sentAt = performance.now();
    tries.set(item.envelope.envelope_id, item.tries);
    current.send(JSON.stringify({ ...item.envelope, ...retry }));
  };
  const again = setInterval(() => {
    for (const item of pending.values()) if (performance.now() - item.sentAt > redeliveryMs) send(item);
  }, 20);

  const greet = (socket: WebSocket) => {
    current = socket;
    socket.on("error", () => {});
    socket.on("message", (data: Buffer) => {
      const { envelope_id: id } = JSON.parse(data.toString("utf8")) as { envelope_id?: string };
      if (id === undefined) return;
      acks.push(id);
      pending.delete(id);
    });
    if (isMuted) return;
    const debug = { host: "applink-1", build_number: 1, approximate_connection_time: 18_060 };
    const hello = { type: "hello", num_connections: 1, debug_info: debug, connection_info: { app_id: "A0APP" } };
    socket.send(JSON.stringify(hello));
    socket.ping("Ping from applink-1");
    for (const item of pending.values()) send(item);
  };

  return {
    upgrade: (request, socket, head) => server.handleUpgrade(request, socket, head, greet),
    deliver(type, payload) {
      const envelopeId = `env-${nextId++}`;
      const envelope = { type, envelope_id: envelopeId, accepts_response_payload: type !== "events_api", payload };
      const item: Pending = { envelope, tries: 0, sentAt: 0 };
      pending.set(envelopeId, item);
      send(item);
      return envelopeId;
    },
    raw: (frame) => current?.send(frame, { binary: typeof frame !== "string" }),
    requestDisconnect(reason) {
      current?.send(JSON.stringify({ type: "disconnect", reason, debug_info: { host: "applink-1" } }));
      current?.pause();
    },
    drop() {
      for (const client of server.clients) client.terminate();
      current = undefined;
    },
    muteHello() {
      isMuted = true;
    },
    get connections() {
      return server.clients.size;
    },
    tries: (envelopeId) => tries.get(envelopeId) ?? 0,
    acks,
    close() {
      clearInterval(again);
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}
