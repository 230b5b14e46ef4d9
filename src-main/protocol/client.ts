/**
 * The WebSocket client that the window, the served page and the command line share. It speaks the handshake, keeps the
 * connection, matches answers to requests and notices lost events. It never replays a request: what was in flight when
 * the connection broke is rejected, and the caller decides (an idempotency key makes a second `chat.send` safe).
 */
import type { EventName, EventPayload } from "./events.ts";
import type { ConnectParams, ErrorShape, EventFrame, HelloOk, ResponseFrame } from "./frames.ts";
import type { MethodName, MethodParams, MethodResult } from "./methods/index.ts";

/** The part of the WHATWG WebSocket that is used; browsers, Node and `ws` all have it. */
export interface SocketLike {
  send(data: string): void;
  close(code?: number, reason?: string): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
}

/** A refusal by the gateway, with the code of the wire. */
export class GatewayError extends Error {
  readonly code: ErrorShape["code"];
  readonly details: unknown;
  readonly retryAfterMs: number | undefined;

  constructor(shape: ErrorShape) {
    super(shape.message);
    this.name = "GatewayError";
    this.code = shape.code;
    this.details = shape.details;
    this.retryAfterMs = shape.retryAfterMs;
  }
}

/** The connection went away, or was not there. Nothing is known about whether the request was carried out. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

export type ClientState =
  | { phase: "connecting"; attempt: number }
  | { phase: "connected"; hello: HelloOk }
  /** `retryInMs` absent: the client gave up (a refusal that trying again cannot mend) or was closed. */
  | { phase: "disconnected"; reason: string; code: number; error?: GatewayError; retryInMs?: number };

export interface ClientOptions {
  /** Asked before each attempt, so that a moved gateway is found. */
  url(): string | Promise<string>;
  open(url: string): SocketLike;
  /** Builds the connect parameters for a challenge; may sign. Called once per attempt. */
  connectParams(nonce: string): ConnectParams | Promise<ConnectParams>;
  /** False: one attempt only (the command line). */
  reconnect: boolean;
  onState?(state: ClientState): void;
  onEvent?<N extends EventName>(event: N, payload: EventPayload<N>, frame: EventFrame): void;
  /** Events were missed on this connection: load again. */
  onGap?(expected: number, got: number): void;
  /** Calls `run` after `ms`; the result cancels. Real timers unless a test turns the hands. */
  after?(ms: number, run: () => void): () => void;
  /** 0 ≤ x < 1, for the jitter of reconnects. */
  random?(): number;
}

interface PendingRequest {
  resolve(payload: unknown): void;
  reject(error: Error): void;
  /** Set for two-phase methods: the first answer goes here, the second to `resolve`. */
  onAccepted?(payload: unknown): void;
  cancelTimer(): void;
}

/** Refusals that another attempt with the same credentials cannot mend. */
const FINAL_CLOSES = new Set([1002, 1008, 4001]);
const CONNECT_TIMEOUT_MS = 15_000;

function realAfter(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

/** 1 s doubling to 30 s, ± 20 %, so that many clients do not come back in the same moment. */
export function toBackoffMs(attempt: number, random: number): number {
  const base = Math.min(30_000, 1000 * 2 ** Math.min(attempt, 10));
  return Math.round(base * (0.8 + 0.4 * random));
}

export class GatewayClient {
  readonly #options: ClientOptions;
  readonly #after: (ms: number, run: () => void) => () => void;
  readonly #pending = new Map<string, PendingRequest>();
  #socket: SocketLike | undefined;
  #state: ClientState = { phase: "disconnected", reason: "not started", code: 0 };
  #attempt = 0;
  #nextId = 1;
  #lastSeq = 0;
  #closed = false;
  #cancelRetry: () => void = () => {};
  #cancelWatch: () => void = () => {};
  #lastError: GatewayError | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#after = options.after ?? realAfter;
  }

  get state(): ClientState {
    return this.#state;
  }

  /** Starts connecting. Watch `onState`; with `reconnect: false` prefer `connectOnce`. */
  start(): void {
    this.#closed = false;
    this.#attempt = 0;
    void this.#connect();
  }

  /** Tries again now, if it waits for a later attempt. */
  retryNow(): void {
    if (this.#closed || this.#state.phase !== "disconnected") return;
    this.#cancelRetry();
    void this.#connect();
  }

  /** Closes for good. Requests in flight are rejected with ConnectionLost. */
  close(): void {
    this.#closed = true;
    this.#cancelRetry();
    this.#cancelWatch();
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(1000, "client closed");
    this.#rejectAll("the client was closed");
    this.#setState({ phase: "disconnected", reason: "closed", code: 1000 });
  }

  /**
   * Calls a method.
   * @param options.timeoutMs rejects with ConnectionLost after it (default 30 s; 0: never)
   * @param options.onAccepted for two-phase methods: gets the first answer, the promise the second
   * Throws GatewayError when the gateway refuses, ConnectionLost when there is no connection or it breaks.
   */
  request<N extends MethodName>(
    method: N,
    params: MethodParams<N>,
    options: { timeoutMs?: number; onAccepted?: (payload: MethodResult<N>) => void } = {},
  ): Promise<MethodResult<N>> {
    return this.requestAny(
      method,
      params,
      options as { timeoutMs?: number; onAccepted?: (p: unknown) => void },
    ) as Promise<MethodResult<N>>;
  }

  /** `request` for a method whose name is only known at run time (`gatehouse call`). */
  requestAny(
    method: string,
    params: unknown,
    options: { timeoutMs?: number; onAccepted?: (payload: unknown) => void } = {},
  ): Promise<unknown> {
    if (this.#state.phase !== "connected" || this.#socket === undefined) {
      return Promise.reject(new ConnectionLost("not connected to the gateway"));
    }
    return this.#send(method, params, options);
  }

  #send(
    method: string,
    params: unknown,
    options: { timeoutMs?: number; onAccepted?: (payload: unknown) => void },
  ): Promise<unknown> {
    const id = String(this.#nextId++);
    const timeoutMs = options.timeoutMs ?? 30_000;
    return new Promise((resolve, reject) => {
      const cancelTimer =
        timeoutMs === 0
          ? () => {}
          : this.#after(timeoutMs, () => {
              this.#pending.delete(id);
              reject(new ConnectionLost(`no answer to ${method} within ${timeoutMs} ms`));
            });
      this.#pending.set(id, {
        resolve,
        reject,
        cancelTimer,
        ...(options.onAccepted ? { onAccepted: options.onAccepted } : {}),
      });
      this.#socket?.send(JSON.stringify({ type: "req", id, method, params }));
    });
  }

  async #connect(): Promise<void> {
    this.#setState({ phase: "connecting", attempt: this.#attempt });
    this.#lastSeq = 0;
    this.#lastError = undefined;
    let socket: SocketLike;
    try {
      const url = await this.#options.url();
      if (this.#closed) return;
      socket = this.#options.open(url);
    } catch (error) {
      this.#lost(0, error instanceof Error ? error.message : "cannot open a connection");
      return;
    }
    this.#socket = socket;
    const isCurrent = () => this.#socket === socket;
    this.#cancelWatch();
    this.#cancelWatch = this.#after(CONNECT_TIMEOUT_MS, () => {
      if (isCurrent()) this.#drop(socket, "no handshake within 15 s");
    });
    socket.onmessage = (event: { data: unknown }) => {
      if (isCurrent() && typeof event.data === "string") this.#receive(socket, event.data);
    };
    socket.onclose = (event: { code: number; reason: string }) => {
      if (isCurrent()) this.#lost(event.code, event.reason || `connection closed (${event.code})`);
    };
    // The close event that follows an error says the same; without a handler `ws` would throw.
    socket.onerror = () => {};
  }

  #receive(socket: SocketLike, data: string): void {
    let frame: EventFrame | ResponseFrame;
    try {
      frame = JSON.parse(data) as EventFrame | ResponseFrame;
    } catch {
      this.#drop(socket, "the gateway sent something that is not JSON");
      return;
    }
    if (this.#state.phase === "connected") this.#watchSilence(socket);
    if (frame.type === "res") this.#answer(frame);
    else if (frame.event === "connect.challenge") void this.#handshake(socket, frame.payload as { nonce: string });
    else {
      if (frame.seq !== undefined) {
        if (this.#lastSeq > 0 && frame.seq !== this.#lastSeq + 1) this.#options.onGap?.(this.#lastSeq + 1, frame.seq);
        this.#lastSeq = frame.seq;
      }
      this.#options.onEvent?.(frame.event as EventName, frame.payload as EventPayload<EventName>, frame);
    }
  }

  async #handshake(socket: SocketLike, challenge: { nonce: string }): Promise<void> {
    try {
      const params = await this.#options.connectParams(challenge.nonce);
      if (this.#socket !== socket) return;
      const hello = (await this.#send("connect", params, { timeoutMs: CONNECT_TIMEOUT_MS })) as HelloOk;
      if (this.#socket !== socket) return;
      this.#attempt = 0;
      this.#setState({ phase: "connected", hello });
      this.#watchSilence(socket);
    } catch (error) {
      if (this.#socket !== socket) return;
      if (error instanceof GatewayError) this.#lastError = error;
      this.#drop(socket, error instanceof Error ? error.message : "the handshake failed");
    }
  }

  #answer(frame: ResponseFrame): void {
    const pending = this.#pending.get(frame.id);
    if (!pending) return;
    if (frame.ok && pending.onAccepted) {
      const { onAccepted } = pending;
      delete pending.onAccepted;
      pending.cancelTimer();
      pending.cancelTimer = () => {};
      onAccepted(frame.payload);
      return;
    }
    this.#pending.delete(frame.id);
    pending.cancelTimer();
    if (frame.ok) pending.resolve(frame.payload);
    else pending.reject(new GatewayError(frame.error ?? { code: "INTERNAL", message: "refused without a reason" }));
  }

  /** Two ticks without a word: the other side is gone, whatever TCP believes. */
  #watchSilence(socket: SocketLike): void {
    if (this.#state.phase !== "connected") return;
    const limit = this.#state.hello.policy.tickIntervalMs * 2 + 5000;
    this.#cancelWatch();
    this.#cancelWatch = this.#after(limit, () => {
      if (this.#socket === socket) this.#drop(socket, "the gateway fell silent");
    });
  }

  #drop(socket: SocketLike, reason: string): void {
    socket.onclose = null;
    socket.close();
    this.#lost(1006, reason);
  }

  #lost(code: number, reason: string): void {
    this.#socket = undefined;
    this.#cancelWatch();
    const error = this.#lastError;
    this.#rejectAll(reason);
    if (this.#closed) return;
    const isFinal =
      !this.#options.reconnect || (FINAL_CLOSES.has(code) && reason !== "slow consumer") || isRefusal(error);
    const base = {
      phase: "disconnected",
      reason: error?.message ?? reason,
      code,
      ...(error ? { error } : {}),
    } as const;
    if (isFinal) {
      this.#setState(base);
      return;
    }
    const wait = error?.retryAfterMs ?? toBackoffMs(this.#attempt, (this.#options.random ?? Math.random)());
    this.#attempt += 1;
    this.#cancelRetry = this.#after(wait, () => void this.#connect());
    this.#setState({ ...base, retryInMs: wait });
  }

  #rejectAll(reason: string): void {
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const pending of waiting) {
      pending.cancelTimer();
      pending.reject(new ConnectionLost(reason));
    }
  }

  #setState(state: ClientState): void {
    this.#state = state;
    this.#options.onState?.(state);
  }
}

function isRefusal(error: GatewayError | undefined): boolean {
  return error !== undefined && error.code !== "UNAVAILABLE" && error.code !== "RATE_LIMITED";
}

/** Connects once and resolves when connected. Throws GatewayError or ConnectionLost. The command line's way in. */
export function connectOnce(options: Omit<ClientOptions, "reconnect">): Promise<GatewayClient> {
  return new Promise((resolve, reject) => {
    const client: GatewayClient = new GatewayClient({
      ...options,
      reconnect: false,
      onState(state) {
        options.onState?.(state);
        if (state.phase === "connected") resolve(client);
        else if (state.phase === "disconnected" && state.code !== 1000) {
          reject(state.error ?? new ConnectionLost(state.reason));
        }
      },
    });
    client.start();
  });
}
