/**
 * One WebSocket connection: handshake, then requests and events. Bounded in every direction before it has shown who it
 * is; afterwards a consumer that does not read is closed, whatever it is in the middle of. Knows no method by name.
 */
import type { WebSocket } from "ws";
import type { Clock } from "#main/base/clock.ts";
import { DisposableStore } from "#main/base/disposable.ts";
import { Refused } from "#main/base/errors.ts";
import { createId, createUuid } from "#main/base/ids.ts";
import type { Logger } from "#main/base/logger.ts";
import type { AuthGrant, AuthRefusal, ConnectAttempt } from "#main/identity/authorize.ts";
import type { Source } from "#main/identity/lockout.ts";
import { CLOSE, toCloseReason } from "#main/protocol/errors.ts";
import { POLICY, type ConnectParams, type ErrorShape, type HelloOk, type RequestFrame } from "#main/protocol/frames.ts";
import { explainErrors } from "#main/protocol/validate.ts";
import type { Scope } from "#main/protocol/scopes.ts";
import type { Caller, Dispatch, Outcome } from "./dispatch.ts";
import { idOf, parseFrame, readFirstFrame, type FirstRequest, type FrameValidators } from "./handshake.ts";
import { Intake } from "./intake.ts";

/** A connection that has shown who it is. */
export interface Session {
  protocol: 3 | 4;
  grant: AuthGrant;
  scopes: ReadonlySet<Scope>;
  client: ConnectParams["client"];
  caps: ReadonlySet<string>;
}

export interface ConnectionDeps {
  clock: Clock;
  log: Logger;
  validators: FrameValidators;
  dispatch: Dispatch;
  authorize(attempt: ConnectAttempt): Promise<AuthGrant | AuthRefusal>;
  /** Milliseconds until clients may connect; undefined when they may. */
  startingFor(): number | undefined;
  maxPayload(): number;
  hello(connection: Connection, session: Session): Omit<HelloOk, "type" | "protocol" | "auth" | "policy">;
  onReady(connection: Connection): void;
  onClosed(connection: Connection): void;
}

/** How long a wrong guess waits for its answer. */
const GUESS_DELAY_MS = 250;
/** Requests in a row without the right for them, and frames that are no frames, before the connection is closed. */
const MAX_FORBIDDEN = 10;
const MAX_GARBAGE = 100;
/** How long a client has to answer our goodbye. One that is behind gets the time to read why. */
const CLOSE_GRACE_MS = 1000;
const SLOW_GRACE_MS = 5000;
/** A large answer is the client's own wish: what waits of it counts against the limit only beyond the second number. */
const LARGE_ANSWER_BYTES = 64 * 1024;
const MAX_LARGE_BYTES = 16 * 1024 * 1024;

/** A stream that gathers what is written until it is let go (nodejs.org, "writable.cork()"). */
interface Corkable {
  cork(): void;
  uncork(): void;
}

export class Connection {
  readonly id = createId("conn");
  readonly source: Source;
  session: Session | undefined;
  /** What it says of itself while that is being decided: a credential revoked meanwhile must not get through. */
  deciding: ConnectParams | undefined;
  readonly subscriptions = { sessions: false, messages: new Set<string>() };
  readonly #socket: WebSocket;
  readonly #stream: Corkable;
  readonly #deps: ConnectionDeps;
  readonly #isLocalSocket: boolean;
  readonly #nonce = createUuid();
  readonly #timers = new DisposableStore();
  readonly #intake: Intake<Buffer | undefined>;
  readonly #openedAt: number;
  #isConnecting = false;
  #isRetired = false;
  #isClosing = false;
  #largeBytes = 0;
  #seq = 0;
  #forbidden = 0;
  #garbage = 0;
  #isAlive = true;
  #isGathering = false;

  /** @param stream beneath the socket */
  constructor(socket: WebSocket, stream: Corkable, source: Source, isLocalSocket: boolean, deps: ConnectionDeps) {
    this.#socket = socket;
    this.#stream = stream;
    this.source = source;
    this.#isLocalSocket = isLocalSocket;
    this.#deps = deps;
    this.#openedAt = deps.clock.monotonic();
    this.#intake = new Intake(socket, (data) => this.#request(data && parseFrame(data)));
    setMaxPayload(socket, POLICY.handshakeMaxPayload);
    socket.on("message", (data: Buffer, isBinary: boolean) => this.#receive(data, isBinary));
    socket.once("close", () => this.#closed());
    // `ws` has answered a broken frame with a close frame by now, and would wait long for the other one.
    socket.on("error", () => this.#cutAfter(CLOSE_GRACE_MS));
    socket.on("pong", () => {
      this.#isAlive = true;
    });
    this.#timers.add(
      deps.clock.after(POLICY.handshakeTimeoutMs, () => {
        if (!this.session) this.close(CLOSE.policy, "handshake timeout");
      }),
    );
    this.#send(
      `{"type":"event","event":"connect.challenge","payload":${JSON.stringify({ nonce: this.#nonce, ts: deps.clock.now() })}}`,
    );
  }

  /** For how long it has been open without a word, milliseconds; undefined once it has said something. */
  get silentFor(): number | undefined {
    return this.#isConnecting || this.session ? undefined : this.#deps.clock.monotonic() - this.#openedAt;
  }

  /** Sends an event whose payload is JSON already, shared by all receivers. */
  sendEvent(event: string, payloadJson: string, stateVersionJson?: string): void {
    if (this.#isClosing || this.#isRetired || this.#closeIfSlow(0)) return;
    this.#seq += 1;
    const version = stateVersionJson === undefined ? "" : `,"stateVersion":${stateVersionJson}`;
    this.#send(`{"type":"event","event":"${event}","payload":${payloadJson},"seq":${this.#seq}${version}}`);
  }

  /** Asks for a sign of life; a connection that gave none since the last time is cut. */
  checkAlive(): void {
    if (!this.#isAlive) {
      this.#socket.terminate();
      return;
    }
    this.#isAlive = false;
    this.#socket.ping();
  }

  /** Closes politely, and cuts what does not let itself be closed. */
  close(code: number, reason: string, graceMs: number = CLOSE_GRACE_MS): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#socket.close(code, toCloseReason(reason));
    this.#cutAfter(graceMs);
  }

  /**
   * Its credential counts no more: nothing is taken from it and no event sent to it from now on. It is closed in the next
   * turn of the event loop, so that the request that caused this is still answered.
   */
  retire(): void {
    this.#isRetired = true;
    setImmediate(() => this.close(CLOSE.credentials, "credentials rotated or revoked"));
  }

  /** Ends it at once, without a word. */
  cut(): void {
    this.#socket.terminate();
  }

  #cutAfter(ms: number): void {
    this.#timers.add(this.#deps.clock.after(ms, () => this.#socket.terminate()));
  }

  /** @param allowance bytes that may wait beside those of events and of large answers */
  #closeIfSlow(allowance: number): boolean {
    const large = Math.min(this.#largeBytes, MAX_LARGE_BYTES);
    if (this.#socket.bufferedAmount <= POLICY.maxBufferedBytes + large + allowance) return false;
    this.close(CLOSE.policy, "slow consumer", SLOW_GRACE_MS);
    return true;
  }

  /** @param isAnswer it may be large because the client asked for much */
  #send(text: string, isAnswer = false): void {
    const large = isAnswer && text.length > LARGE_ANSWER_BYTES ? text.length : 0;
    this.#largeBytes += large;
    this.#gather();
    this.#socket.send(text, () => {
      this.#largeBytes -= large;
      this.#intake.sent();
    });
  }

  /** What is sent in one go leaves in one write: a message makes a dozen events, and a write costs more than most of them. */
  #gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.#stream.cork();
    process.nextTick(() => this.release());
  }

  /** Lets what was gathered so far leave now. */
  release(): void {
    if (!this.#isGathering) return;
    this.#isGathering = false;
    this.#stream.uncork();
  }

  #closed(): void {
    this.#isClosing = true;
    this.#intake.stop();
    void this.#timers.dispose();
    this.#deps.onClosed(this);
  }

  #receive(data: Buffer, isBinary: boolean): void {
    // What comes after we began to close is not read.
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.session) this.#intake.push(isBinary ? undefined : data);
    else void this.#handshake(isBinary ? undefined : parseFrame(data));
  }

  /** @returns true when the answer takes time */
  #request(frame: unknown): boolean {
    // What waited while we began to close is not looked at either.
    if (this.#isClosing || this.#isRetired) return false;
    if (frame === undefined || !this.#deps.validators.request.Check(frame)) {
      this.#invalidFrame(frame);
      return false;
    }
    const { id, method, params } = frame as RequestFrame;
    if (method === "connect") {
      this.#refuseFrame(id, "connect is only valid as the first request");
      return false;
    }
    const outcome = this.#deps.dispatch(method, params, this.#toCaller(id));
    if (!(outcome instanceof Promise)) {
      this.#answer(id, outcome);
      return false;
    }
    void outcome.then((settled) => this.#answer(id, settled));
    return true;
  }

  #toCaller(id: string): Caller {
    const session = this.session as Session;
    return {
      connId: this.id,
      role: session.grant.role,
      scopes: session.scopes,
      caps: session.caps,
      deviceId: session.grant.deviceId,
      subscriptions: this.subscriptions,
      accept: (payload) => this.#answer(id, { ok: true, payload }),
    };
  }

  #answer(id: string, outcome: Outcome): void {
    if (this.#isClosing || this.#closeIfSlow(this.#deps.maxPayload())) return;
    const head = `{"type":"res","id":${JSON.stringify(id)},"ok":${outcome.ok}`;
    if (outcome.ok) {
      this.#forbidden = 0;
      this.#send(`${head},"payload":${JSON.stringify(outcome.payload) ?? "null"}}`, true);
      return;
    }
    this.#send(`${head},"error":${JSON.stringify(outcome.error)}}`);
    if (outcome.error.code !== "FORBIDDEN") return;
    this.#forbidden += 1;
    if (this.#forbidden >= MAX_FORBIDDEN) {
      this.#deps.log.warn("connection closed: too many requests without the right", { connId: this.id });
      this.close(CLOSE.policy, "too many unauthorized requests");
    }
  }

  #refuseFrame(id: string, message: string): void {
    this.#answer(id, { ok: false, error: { code: "INVALID_REQUEST", message } });
  }

  /** After the handshake: answered where there is an id to answer to, counted, and closed in the end. */
  #invalidFrame(frame: unknown): void {
    this.#garbage += 1;
    const id = idOf(frame);
    if (id !== undefined) {
      const reason = explainErrors(this.#deps.validators.request.Errors(frame));
      this.#refuseFrame(id, `invalid request frame: ${reason}`);
    }
    if (this.#garbage < MAX_GARBAGE) return;
    this.#deps.log.warn("connection closed: too many invalid frames", { connId: this.id });
    this.close(CLOSE.policy, "too many invalid frames");
  }

  async #handshake(frame: unknown): Promise<void> {
    if (this.#isConnecting) return this.#duringHandshake(frame);
    const first = readFirstFrame(frame, this.#deps.validators, this.#deps.startingFor());
    if (!first.ok) return this.#refuse(first.id, first.error, first.closeCode, first.reason);
    this.#isConnecting = true;
    const { params } = first;
    const attempt = { params, nonce: this.#nonce, source: this.source, isLocalSocket: this.#isLocalSocket };
    this.deciding = params;
    const grant = await this.#authorize(attempt);
    this.deciding = undefined;
    if (this.#isClosing || this.#isRetired) return undefined;
    return grant.ok ? this.#ready(first, grant) : this.#deny(first.id, grant);
  }

  /** A second frame while the first is still being decided. */
  #duringHandshake(frame: unknown): void {
    const id = idOf(frame);
    if (id === undefined) this.close(CLOSE.policy, "invalid handshake");
    else this.#refuseFrame(id, "wait for the answer to connect");
  }

  async #authorize(attempt: ConnectAttempt): Promise<AuthGrant | AuthRefusal> {
    try {
      return await this.#deps.authorize(attempt);
    } catch (error) {
      const rest = { ok: false, details: {}, isGuess: false } as const;
      if (error instanceof Refused && error.code === "RATE_LIMITED") {
        const retry = error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs };
        return { ...rest, code: "RATE_LIMITED", message: error.message, ...retry };
      }
      this.#deps.log.error("a connection could not be decided", { error });
      return { ...rest, code: "UNAVAILABLE", message: "the gateway cannot decide about connections now" };
    }
  }

  #deny(id: string, refusal: AuthRefusal): void {
    const { code, message, details, retryAfterMs } = refusal;
    const error: ErrorShape = { code, message, details, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    this.#deps.log.debug("connection refused", { connId: this.id, details });
    const answer = () => this.#refuse(id, error, CLOSE.policy, message);
    if (refusal.isGuess) this.#timers.add(this.#deps.clock.after(GUESS_DELAY_MS, answer));
    else answer();
  }

  #ready({ id, params, protocol }: FirstRequest, grant: AuthGrant): void {
    const { client } = params;
    const session = { protocol, grant, client, scopes: new Set(grant.scopes), caps: new Set(params.caps) };
    this.session = session;
    setMaxPayload(this.#socket, this.#deps.maxPayload());
    const hello: HelloOk = {
      type: "hello-ok",
      protocol: session.protocol,
      ...this.#deps.hello(this, session),
      auth: {
        role: grant.role,
        scopes: grant.scopes,
        method: grant.method,
        ...(grant.deviceToken === undefined
          ? {}
          : { deviceToken: grant.deviceToken, issuedAtMs: grant.issuedAtMs ?? 0 }),
      },
      policy: {
        maxPayload: this.#deps.maxPayload(),
        maxBufferedBytes: POLICY.maxBufferedBytes,
        tickIntervalMs: POLICY.tickIntervalMs,
      },
    };
    this.#answer(id, { ok: true, payload: hello });
    this.#deps.onReady(this);
  }

  #refuse(id: string | undefined, error: ErrorShape, code: number, reason: string): void {
    if (id !== undefined) this.#answer(id, { ok: false, error });
    this.close(code, reason);
  }
}

/**
 * `ws` takes the limit only for a whole server, but ours depends on whether the client has shown who it is. The field is
 * private in `ws` (its version is pinned); the test for HS-08 fails when it moves.
 */
function setMaxPayload(socket: WebSocket, bytes: number): void {
  const receiver = (socket as unknown as { _receiver?: { _maxPayload: number } })._receiver;
  if (receiver) receiver._maxPayload = bytes;
}
