/**
 * A client that a test drives frame by frame. It keeps every frame, hides nothing, sends whatever it is told, well
 * formed or not, and can stop reading. Waits end when the connection does: a test never hangs on a closed socket.
 */
import { connect as connectTcp, type Socket } from "node:net";
import { WebSocket } from "ws";
import type {
  ConnectParams,
  ErrorShape,
  EventFrame,
  HelloOk,
  ResponseFrame,
  ServerFrame,
} from "#main/protocol/frames.ts";
import { OWNER_SCOPES } from "#main/protocol/scopes.ts";
import { toProof, type ProofOptions, type TestDevice } from "./device.ts";

export interface Closed {
  code: number;
  reason: string;
}

export interface OpenOptions {
  headers?: Record<string, string>;
  origin?: string;
  /** Connects through this socket of the file system instead of TCP. */
  socketPath?: string;
  /** Address to come from, for example `127.0.0.2`. */
  localAddress?: string;
  protocolVersion?: number;
}

/** What is said at the handshake, beside what is always said. */
export interface ConnectOptions extends OpenOptions {
  min?: number;
  max?: number;
  client?: Partial<ConnectParams["client"]>;
  role?: string;
  scopes?: readonly string[] | undefined;
  caps?: string[];
  auth?: ConnectParams["auth"];
  device?: TestDevice;
  proof?: ProofOptions;
  /** Properties added to the parameters as they are. */
  extra?: Record<string, unknown>;
}

/** The connection was closed while something was waited for. */
export class WireClosed extends Error {
  readonly closed: Closed;
  constructor(closed: Closed) {
    super(`the connection was closed: ${closed.code} ${closed.reason}`);
    this.closed = closed;
  }
}

/** The upgrade was answered with an HTTP status instead. */
export class UpgradeRefused extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`the upgrade was answered with ${status}`);
    this.status = status;
  }
}

interface Waiter {
  take(frame: ServerFrame): boolean;
  fail(error: Error): void;
}

export class WireClient {
  /** Every frame that came, in order. */
  readonly frames: ServerFrame[] = [];
  /** The method of every request that was posted, by its id. */
  readonly methods = new Map<string, string>();
  readonly closed: Promise<Closed>;
  /** The answer to `connect`, once there was one. */
  hello: HelloOk | undefined;
  readonly #socket: WebSocket;
  readonly #waiters = new Set<Waiter>();
  #end: Closed | undefined;
  #nextId = 1;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => this.#take(JSON.parse(data.toString("utf8")) as ServerFrame));
    socket.on("error", () => {});
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => {
        this.#end = { code, reason: reason.toString("utf8") };
        for (const waiter of this.#waiters) waiter.fail(new WireClosed(this.#end));
        this.#waiters.clear();
        resolve(this.#end);
      });
    });
  }

  /** Opens the WebSocket, without a handshake. Throws UpgradeRefused. */
  static open(url: string, options: OpenOptions = {}): Promise<WireClient> {
    const { socketPath, localAddress } = options;
    const socket = new WebSocket(url, {
      perMessageDeflate: false,
      headers: options.headers ?? {},
      ...(options.origin === undefined ? {} : { origin: options.origin }),
      ...(socketPath === undefined ? {} : { createConnection: () => connectTcp(socketPath) }),
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    const client = new WireClient(socket);
    return new Promise((resolve, reject) => {
      socket.once("open", () => resolve(client));
      socket.once("error", reject);
      socket.once("unexpected-response", (request, response) => {
        request.destroy();
        reject(new UpgradeRefused(response.statusCode ?? 0));
      });
    });
  }

  #take(frame: ServerFrame): void {
    this.frames.push(frame);
    for (const waiter of this.#waiters) if (waiter.take(frame)) this.#waiters.delete(waiter);
  }

  /** The first frame that fits, of those that came and those that come. Throws WireClosed. */
  find<F extends ServerFrame = ServerFrame>(fits: (frame: ServerFrame) => boolean, from = 0): Promise<F> {
    const known = this.frames.slice(from).find(fits);
    if (known) return Promise.resolve(known as F);
    const end = this.#end;
    if (end) return Promise.reject(new WireClosed(end));
    return new Promise((resolve, reject) => {
      this.#waiters.add({
        take(frame) {
          if (!fits(frame)) return false;
          resolve(frame as F);
          return true;
        },
        fail: reject,
      });
    });
  }

  /** The first event of this name, after the frame number `from`. */
  event(name: string, fits: (payload: never) => boolean = () => true, from = 0): Promise<EventFrame> {
    return this.find<EventFrame>(
      (frame) => frame.type === "event" && frame.event === name && fits(frame.payload as never),
      from,
    );
  }

  /** All events of this name so far. */
  events(name: string): EventFrame[] {
    return this.frames.filter((frame): frame is EventFrame => frame.type === "event" && frame.event === name);
  }

  answers(id: string): ResponseFrame[] {
    return this.frames.filter((frame): frame is ResponseFrame => frame.type === "res" && frame.id === id);
  }

  send(frame: unknown): void {
    this.#socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  sendBinary(bytes: Uint8Array): void {
    this.#socket.send(bytes);
  }

  /** Sends a request and waits for its first answer. */
  async request(method: string, params?: unknown): Promise<ResponseFrame> {
    const id = this.post(method, params);
    return this.find<ResponseFrame>((frame) => frame.type === "res" && frame.id === id);
  }

  /** Sends a request without waiting. @returns its id */
  post(method: string, params?: unknown): string {
    const id = `r${this.#nextId++}`;
    this.methods.set(id, method);
    this.send({ type: "req", id, method, ...(params === undefined ? {} : { params }) });
    return id;
  }

  /** Sends a request and gives its payload. Throws when it is refused. */
  async call<T = Record<string, unknown>>(method: string, params?: unknown): Promise<T> {
    const answer = await this.request(method, params);
    if (!answer.ok) throw new Error(`${method} was refused: ${answer.error?.code} ${answer.error?.message}`);
    return answer.payload as T;
  }

  /** Sends a request that must be refused, and gives the error. */
  async refusal(method: string, params?: unknown): Promise<ErrorShape> {
    const answer = await this.request(method, params);
    if (answer.ok || !answer.error) throw new Error(`${method} was not refused`);
    return answer.error;
  }

  async nonce(): Promise<string> {
    const challenge = await this.event("connect.challenge");
    return (challenge.payload as { nonce: string }).nonce;
  }

  /** Sends `connect` and gives its answer, whatever it is. */
  async handshake(options: ConnectOptions): Promise<ResponseFrame> {
    const nonce = await this.nonce();
    const answer = await this.request("connect", toConnectParams(options, nonce));
    if (answer.ok) this.hello = answer.payload as HelloOk;
    return answer;
  }

  /** Stops reading; what comes stays with the gateway. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(code = 1000): Promise<Closed> {
    this.#socket.close(code);
    return this.closed;
  }

  /** Breaks off without a word. */
  terminate(): Promise<Closed> {
    this.#socket.terminate();
    return this.closed;
  }
}

/** The parameters of `connect`: those of a command line with the owner's scopes unless told otherwise. */
export function toConnectParams(options: ConnectOptions, nonce: string): ConnectParams {
  const params = {
    minProtocol: options.min ?? 3,
    maxProtocol: options.max ?? 4,
    client: { id: "cli", version: "1.0.0", platform: "linux", mode: "cli", ...options.client },
    role: options.role ?? "operator",
    ...("scopes" in options && options.scopes === undefined ? {} : { scopes: options.scopes ?? [...OWNER_SCOPES] }),
    ...(options.caps === undefined ? {} : { caps: options.caps }),
    ...(options.auth === undefined ? {} : { auth: options.auth }),
    ...options.extra,
  } as ConnectParams;
  return options.device ? { ...params, device: toProof(options.device, params, nonce, options.proof) } : params;
}

/** Connects and shows who it is. Throws an Error with the refusal when it is not let in. */
export async function connectClient(url: string, options: ConnectOptions): Promise<WireClient> {
  const client = await WireClient.open(url, options);
  const answer = await client.handshake(options);
  if (!answer.ok) {
    await client.closed;
    throw new Error(`refused: ${JSON.stringify(answer.error)}`);
  }
  return client;
}

/** Tries to connect and gives the refusal and the close. Throws when it is let in. */
export async function expectRefused(
  url: string,
  options: ConnectOptions,
): Promise<{ error: ErrorShape; closed: Closed }> {
  const client = await WireClient.open(url, options);
  const answer = await client.handshake(options);
  if (answer.ok || !answer.error) {
    await client.close();
    throw new Error("the connection was accepted");
  }
  return { error: answer.error, closed: await client.closed };
}

/** A TCP connection for faults below the frames. */
export interface RawWire {
  socket: Socket;
  /** Everything that came so far. */
  received(): Buffer;
  /** Resolves when the other side has closed. */
  ended: Promise<void>;
  /** Resolves when what came fits. */
  until(fits: (received: Buffer) => boolean): Promise<Buffer>;
}

export const UPGRADE_KEY = "dGhlIHNhbXBsZSBub25jZQ==";

export function openRaw(port: number): Promise<RawWire> {
  const socket = connectTcp({ port, host: "127.0.0.1" });
  const parts: Buffer[] = [];
  const checks = new Set<() => void>();
  socket.on("data", (part: Buffer) => {
    parts.push(part);
    for (const check of checks) check();
  });
  socket.on("error", () => {});
  const ended = new Promise<void>((resolve) => {
    socket.on("close", () => {
      for (const check of checks) check();
      resolve();
    });
  });
  const received = () => Buffer.concat(parts);
  const until = (fits: (all: Buffer) => boolean) =>
    new Promise<Buffer>((resolve, reject) => {
      const check = () => {
        const isThere = fits(received());
        if (!isThere && !socket.closed && !socket.destroyed) return;
        checks.delete(check);
        if (isThere) resolve(received());
        else reject(new Error(`closed before it came: ${received().toString("latin1").slice(0, 200)}`));
      };
      checks.add(check);
      check();
    });
  return new Promise((resolve, reject) => {
    socket.once("connect", () => resolve({ socket, received, ended, until }));
    socket.once("error", reject);
  });
}

/** The text of an upgrade request. */
export function toUpgrade(port: number, headers: Record<string, string> = {}): string {
  const all = {
    Host: `127.0.0.1:${port}`,
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": UPGRADE_KEY,
    "Sec-WebSocket-Version": "13",
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET / HTTP/1.1\r\n${lines.join("")}\r\n`;
}

/** Opens a raw connection and upgrades it; resolves after the challenge has come. */
export async function openRawWebSocket(port: number): Promise<RawWire> {
  const raw = await openRaw(port);
  raw.socket.write(toUpgrade(port));
  await raw.until((all) => all.includes("connect.challenge"));
  return raw;
}

/** A frame of a client, masked with zeros (RFC 6455 §5.2). `firstByte`: 0x81 is a whole text. */
export function toFrame(payload: string | Uint8Array, firstByte = 0x81, length?: number): Buffer {
  const body = Buffer.from(payload as string);
  const said = length ?? body.length;
  const head =
    said < 126
      ? Buffer.from([firstByte, 0x80 | said])
      : said < 65_536
        ? Buffer.from([firstByte, 0x80 | 126, said >> 8, said & 0xff])
        : Buffer.concat([Buffer.from([firstByte, 0x80 | 127]), toUint64(said)]);
  return Buffer.concat([head, Buffer.alloc(4), body]);
}

function toUint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** The code of the close frame at the end of what came, or undefined. */
export function toCloseCode(received: Buffer): number | undefined {
  const at = received.lastIndexOf(0x88);
  return at < 0 || at + 4 > received.length ? undefined : received.readUInt16BE(at + 2);
}
