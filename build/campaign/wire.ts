/**
 * A client of the gateway over a bare WebSocket: for programs that measure and break things, where the product's own
 * client would hide what happens. Sends requests, matches answers, hands events on; never reconnects, never retries.
 */
import { WebSocket } from "ws";
import { TOKEN } from "./gateway-process.ts";

/** A refusal by the gateway. */
export class WireRefusal extends Error {
  readonly code: string;
  readonly details: unknown;

  constructor(error: { code: string; message: string; details?: unknown }) {
    super(error.message);
    this.code = error.code;
    this.details = error.details;
  }
}

export type EventListener = (event: string, payload: Record<string, unknown>) => void;

export interface Wire {
  /** Rejects with WireRefusal, or with an Error when the connection went away. */
  call<T = Record<string, unknown>>(method: string, params?: unknown): Promise<T>;
  /** Sends a request and does not wait; the answer goes to `take`. */
  send(method: string, params: unknown, take: (ok: boolean, payload: unknown) => void): void;
  onEvent(listener: EventListener): () => void;
  close(): Promise<void>;
  closed: Promise<void>;
}

interface Waiting {
  take(ok: boolean, payload: unknown): void;
  lost(): void;
}

const SCOPES = ["operator.read", "operator.write", "operator.admin"];

/** The parameters of `connect` for this machine's own command line, which needs no device. */
export function toConnectParams(caps: readonly string[] = []): Record<string, unknown> {
  return {
    minProtocol: 4,
    maxProtocol: 4,
    client: { id: "gatehouse-cli", version: "0", platform: process.platform, mode: "cli" },
    role: "operator",
    scopes: SCOPES,
    caps,
    auth: { token: TOKEN },
  };
}

/** Opens a connection and shakes hands. @param url as the gateway prints it, http:// */
export async function connectWire(
  url: string,
  options: { caps?: readonly string[]; params?: (nonce: string) => Record<string, unknown> } = {},
): Promise<Wire> {
  const socket = new WebSocket(url.replace(/^http/, "ws"), { perMessageDeflate: false });
  const waiting = new Map<string, Waiting>();
  const listeners = new Set<EventListener>();
  let nextId = 1;
  const send = (method: string, params: unknown, one: Waiting) => {
    const id = String(nextId++);
    waiting.set(id, one);
    socket.send(JSON.stringify({ type: "req", id, method, params }));
  };
  const call = <T>(method: string, params: unknown = {}): Promise<T> =>
    new Promise((resolve, reject) => {
      if (socket.readyState !== socket.OPEN) return reject(new Error("the connection is gone"));
      return send(method, params, {
        take: (ok, payload) => (ok ? resolve(payload as T) : reject(new WireRefusal(payload as WireRefusal))),
        lost: () => reject(new Error(`the connection went away during ${method}`)),
      });
    });
  const challenge = Promise.withResolvers<string>();
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => {
      challenge.reject(new Error("the connection was closed before the handshake"));
      for (const one of waiting.values()) one.lost();
      waiting.clear();
      resolve();
    });
  });
  socket.on("error", () => {});
  socket.on("message", (data: Buffer) => {
    const frame = JSON.parse(data.toString("utf8")) as Frame;
    if (frame.type === "res") {
      const one = waiting.get(frame.id ?? "");
      waiting.delete(frame.id ?? "");
      one?.take(frame.ok === true, frame.ok === true ? frame.payload : frame.error);
    } else if (frame.event === "connect.challenge") challenge.resolve(String(frame.payload?.["nonce"]));
    else for (const listener of listeners) listener(frame.event ?? "", frame.payload ?? {});
  });
  const nonce = await challenge.promise;
  await call("connect", options.params?.(nonce) ?? toConnectParams(options.caps));
  return {
    call,
    send: (method, params, take) => send(method, params, { take, lost: () => {} }),
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      socket.close();
      return closed;
    },
    closed,
  };
}

interface Frame {
  type: string;
  id?: string;
  ok?: boolean;
  payload?: Record<string, unknown>;
  error?: unknown;
  event?: string;
}
