/**
 * Fetches addresses that a model, a message or a web page may steer. Every hop is read, looked up once, checked, and
 * then reached at exactly the checked address. Must never talk to this machine or its network unless the owner said so
 * by name, and never send cookies, environment proxies or unverified TLS.
 */
import { lookup } from "node:dns/promises";
import type { Socket } from "node:net";
import type { Clock } from "./clock.ts";
import { AppError, isAbort, NetworkError, Refused, refuse } from "./errors.ts";
import { whyNotPublic } from "./address.ts";
import { networkCauseOf } from "./http/failure.ts";
import type { Logger } from "./logger.ts";
import { connectBySystem, openConnection, type Connect } from "./guarded-net/connect.ts";
import { exchange, type Answer, type Ask } from "./guarded-net/exchange.ts";
import { nextAsk } from "./guarded-net/redirect.ts";
import { checkCarriesNoSecret, checkUrl, type CheckedUrl } from "./guarded-net/url.ts";

const MAX_REDIRECTS = 5;
/** Addresses of one name that are tried in turn. */
const MAX_TRIES = 4;
/** Milliseconds for a connection while there is another address to try. */
const TRY_MS = 3_000;
/** Addresses looked at; a name with more is not an honest one. */
const MAX_ANSWERS = 64;
const DEFAULT_MAX_BYTES = 1024 * 1024;
const LARGEST_MAX_BYTES = 64 * 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 20_000;
const LARGEST_TIMEOUT_MS = 120_000;
const IDLE_TIMEOUT_MS = 10_000;

export interface GuardedFetchOptions {
  method?: "GET" | "POST";
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** Of the decoded body [1 MiB]. */
  maxBytes?: number;
  /** Milliseconds for everything, redirects included [20,000]. */
  timeoutMs?: number;
  /** Milliseconds without a byte [10,000]. */
  idleTimeoutMs?: number;
  /** Ends the call at once, with the signal's reason. */
  signal?: AbortSignal;
}

export interface GuardedFetchAnswer {
  /** After redirects. */
  url: string;
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
  /** The body was longer than `maxBytes`. */
  truncated: boolean;
}

export interface GuardedFetchWorld {
  /** All addresses of a name, in plain notation. Called once for each hop. */
  resolve: (host: string) => Promise<readonly string[]>;
  connect?: Connect;
  clock: Clock;
  log: Logger;
  /** The owner's own services, as `host:port`. Counts for the address that was asked for, never for a redirect. */
  allowPrivate?: (authority: string) => boolean;
  /** Certificates in PEM trusted instead of the usual ones. */
  ca?: readonly string[];
}

/**
 * Throws Refused for an address that may not be reached (nothing was contacted there), NetworkError for one that
 * cannot be, RemoteError for an answer that cannot be read, and the signal's reason when it aborts.
 */
export type GuardedFetch = (url: string, options?: GuardedFetchOptions) => Promise<GuardedFetchAnswer>;

/** Names as the system looks them up: the hosts file first, then DNS. */
export async function resolveBySystem(host: string): Promise<readonly string[]> {
  const answers = await lookup(host, { all: true, order: "verbatim" });
  return answers.map(({ address }) => address);
}

export function createGuardedFetch(world: GuardedFetchWorld): GuardedFetch {
  return async (address, options = {}) => {
    const method = options.method ?? "GET";
    if (method !== "GET" && method !== "POST") throw refuse("Only GET and POST can be used.");
    if (method === "GET" && options.body !== undefined) throw refuse("A GET request has no body; use POST.");
    options.signal?.throwIfAborted();
    const checked = checkUrl(address);
    for (const form of [address, checked.url.href]) checkCarriesNoSecret(form);
    const ask: Ask = { url: checked.url, method, headers: options.headers ?? {}, body: options.body };
    return await withTimeouts(world.clock, options, (limits) => follow(world, { checked, ask }, limits));
  };
}

/** What bounds one call. */
interface Limits {
  maxBytes: number;
  /** The caller's signal and both time-outs. */
  signal: AbortSignal;
  /** Something arrived: the idle time starts again. */
  onData: () => void;
}

async function withTimeouts<T>(
  clock: Clock,
  options: GuardedFetchOptions,
  run: (limits: Limits) => Promise<T>,
): Promise<T> {
  const end = new AbortController();
  const totalMs = Math.min(options.timeoutMs ?? DEFAULT_TIMEOUT_MS, LARGEST_TIMEOUT_MS);
  const idleMs = options.idleTimeoutMs ?? IDLE_TIMEOUT_MS;
  const late = (what: string) => end.abort(new NetworkError("TIMEOUT", `The address ${what}. Try again later.`));
  const total = clock.after(totalMs, () => late(`did not finish answering within ${totalMs / 1000} s`));
  const startIdle = () => clock.after(idleMs, () => late(`sent nothing for ${idleMs / 1000} s`));
  let idle = startIdle();
  const onCallerAbort = () => end.abort(options.signal?.reason);
  options.signal?.addEventListener("abort", onCallerAbort, { once: true });
  const maxBytes = Math.min(options.maxBytes ?? DEFAULT_MAX_BYTES, LARGEST_MAX_BYTES);
  const onData = () => {
    void idle.dispose();
    idle = startIdle();
  };
  try {
    return await run({ maxBytes, signal: end.signal, onData });
  } catch (error) {
    // Whatever broke because we ended it broke for our reason.
    if (end.signal.aborted) throw end.signal.reason;
    throw error;
  } finally {
    void total.dispose();
    void idle.dispose();
    options.signal?.removeEventListener("abort", onCallerAbort);
  }
}

async function follow(
  world: GuardedFetchWorld,
  start: { checked: CheckedUrl; ask: Ask },
  limits: Limits,
): Promise<GuardedFetchAnswer> {
  let { checked, ask } = start;
  const seen = new Set<string>();
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    if (seen.has(`${ask.method} ${ask.url.href}`)) throw tooManyRedirects("in a circle");
    seen.add(`${ask.method} ${ask.url.href}`);
    const isExempt = hop === 0 && world.allowPrivate?.(checked.authority) === true;
    const answer = await reach(world, { checked, ask, isExempt }, limits);
    if (answer.location === undefined) {
      const { status, headers, body, truncated } = answer;
      return { url: ask.url.href, status, headers, body, truncated };
    }
    ({ checked, ask } = nextAsk(ask, answer.status, answer.location));
    world.log.debug("a redirect is followed", { hop: hop + 1, host: checked.url.hostname });
  }
  throw tooManyRedirects(`more than ${MAX_REDIRECTS} times`);
}

/** One hop: look up, check every answer, connect to one of them, ask. */
async function reach(
  world: GuardedFetchWorld,
  { checked, ask, isExempt }: { checked: CheckedUrl; ask: Ask; isExempt: boolean },
  limits: Limits,
): Promise<Answer> {
  const addresses = (await addressesOf(world, { checked, isExempt }, limits.signal)).slice(0, MAX_TRIES);
  let failure: unknown;
  for (const [index, address] of addresses.entries()) {
    const isLast = index === addresses.length - 1;
    const socket = await tryAddress(world, { checked, address, isLast }, limits.signal).catch((error: unknown) => {
      failure = error;
    });
    limits.signal.throwIfAborted();
    if (socket === undefined) continue;
    return await exchange(ask, socket, limits).catch((error: unknown) => {
      throw tellFailure(checked, error);
    });
  }
  throw tellFailure(checked, failure);
}

/** An address that swallows everything must not use up the time of the next one. */
async function tryAddress(
  { connect = connectBySystem, clock, ca }: GuardedFetchWorld,
  { checked, address, isLast }: { checked: CheckedUrl; address: string; isLast: boolean },
  signal: AbortSignal,
): Promise<Socket> {
  const late = new AbortController();
  const timer = isLast
    ? undefined
    : clock.after(TRY_MS, () => late.abort(new NetworkError("TIMEOUT", `'${checked.url.hostname}' does not answer.`)));
  try {
    const options = { connect, signal: AbortSignal.any([signal, late.signal]), ca };
    return await openConnection({ address, port: checked.port }, checked.url, options);
  } finally {
    void timer?.dispose();
  }
}

/** Addresses to connect to, all of them allowed. Throws Refused when a single one is not. */
async function addressesOf(
  world: GuardedFetchWorld,
  { checked, isExempt }: { checked: CheckedUrl; isExempt: boolean },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { host } = checked;
  const refuse = (why: string) => {
    world.log.warn("a fetch was refused", { host: checked.url.hostname, why });
    return new Refused(
      "FORBIDDEN",
      `'${checked.url.hostname}' cannot be fetched: it is ${why}. Only addresses on the public internet can.`,
    );
  };
  if (host.why !== undefined && !isExempt) throw refuse(host.why);
  if (host.kind === "address") return [host.address];
  const answers = await unlessAborted(world.resolve(host.name), signal).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new NetworkError("NETWORK", `'${host.name}' was not found (${networkCauseOf(error)}).`, { cause: error });
  });
  if (answers.length === 0) throw new NetworkError("NETWORK", `'${host.name}' has no address.`);
  if (answers.length > MAX_ANSWERS) throw refuse("a name with too many addresses");
  const why = isExempt ? undefined : answers.map(whyNotPublic).find((reason) => reason !== undefined);
  if (why !== undefined) throw refuse(`a name for an address that is not public (${why})`);
  return answers;
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

function tellFailure(checked: CheckedUrl, error: unknown): unknown {
  if (error instanceof AppError || isAbort(error)) return error;
  const cause = networkCauseOf(error);
  return new NetworkError("NETWORK", `'${checked.url.hostname}' cannot be reached (${cause}).`, { cause: error });
}

function tooManyRedirects(how: string): Refused {
  return new Refused("FORBIDDEN", `The address leads on ${how}. Fetch the page it means instead.`);
}
