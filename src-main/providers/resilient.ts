/**
 * The one place for retry, idle limit and failover, the same for every provider. Before the first visible piece of an
 * answer a call may be made again; after it nothing is repeated and nothing received is lost: what was yielded stays
 * with the caller, and the break is thrown. Must never undercut a `Retry-After` and never know a provider by name.
 */
import { sleep, type Clock } from "#main/base/clock.ts";
import { toDisposable } from "#main/base/disposable.ts";
import { Bug } from "#main/base/errors.ts";
import {
  ProviderError,
  type ModelRequest,
  type Provider,
  type ProviderEvent,
  type ProviderFailure,
} from "./contract.ts";

/** A model that may answer: `provider/model`, its provider, and the request as that model is asked. */
export interface Target {
  ref: string;
  provider: Provider;
  request: ModelRequest;
}

export interface RetryInfo {
  ref: string;
  /** 1 for the first retry. */
  attempt: number;
  waitMs: number;
  error: ProviderError;
}

export interface FailoverInfo {
  from: string;
  to: string;
  error: ProviderError;
}

export interface ResilientOptions {
  signal: AbortSignal;
  clock: Clock;
  /** A stream that is silent for so long is cut. Time the caller takes between events does not count. */
  idleTimeoutMs: number;
  /** 0 up to 1, for jitter. */
  random(): number;
  /** Before each wait. Must not throw. */
  onRetry?(info: RetryInfo): void;
  /** Before the next target is asked. Must not throw. */
  onFailover?(info: FailoverInfo): void;
}

/** A provider's event, with the `provider/model` that sent it. */
export type ResilientEvent = ProviderEvent & { ref: string };

export const MAX_RETRIES = 3;
/** No retry begins later than this after the first call, all targets together. */
export const GIVE_UP_MS = 40_000;
const FIRST_WAIT_MS = 1000;

const RETRYABLE: readonly ProviderFailure[] = ["rate_limit", "overloaded", "server", "network"];
const FAILOVER: readonly ProviderFailure[] = [...RETRYABLE, "timeout", "auth", "billing", "no_model"];

/**
 * Streams one answer from the first target that gives one. Ends with `end`, or throws: the signal's reason on abort,
 * else a ProviderError (a thrown value that is neither passes through untouched).
 * @param targets in order of preference, at least one
 */
export async function* streamResilient(
  targets: readonly Target[],
  options: ResilientOptions,
): AsyncGenerator<ResilientEvent> {
  const startedAt = options.clock.monotonic();
  const failures: { ref: string; error: ProviderError }[] = [];
  for (const [index, target] of targets.entries()) {
    const error = yield* streamTarget(target, startedAt, options);
    if (error === undefined) return;
    failures.push({ ref: target.ref, error });
    const next = targets[index + 1];
    if (next === undefined || !FAILOVER.includes(error.failure)) throw summarize(failures);
    options.onFailover?.({ from: target.ref, to: next.ref, error });
  }
  throw new Bug("streamResilient needs at least one target");
}

/** Asks one target until it answers. Returns the failure when it gave up before anything visible was yielded. */
async function* streamTarget(
  target: Target,
  startedAt: number,
  options: ResilientOptions,
): AsyncGenerator<ResilientEvent, ProviderError | undefined> {
  for (let attempt = 1; ; attempt++) {
    const progress = { visible: false };
    try {
      for await (const event of streamChecked(target, options, progress)) yield { ...event, ref: target.ref };
      return undefined;
    } catch (thrown) {
      if (options.signal.aborted) throw options.signal.reason;
      if (progress.visible || !(thrown instanceof ProviderError)) throw thrown;
      const waitMs = waitBefore(attempt, thrown, options);
      if (waitMs === undefined) return thrown;
      if (options.clock.monotonic() - startedAt + waitMs > GIVE_UP_MS) return withWait(thrown);
      options.onRetry?.({ ref: target.ref, attempt, waitMs, error: thrown });
      await sleep(options.clock, waitMs, options.signal);
    }
  }
}

/** Milliseconds until the retry with this number; undefined: do not retry. */
function waitBefore(attempt: number, error: ProviderError, options: ResilientOptions): number | undefined {
  if (attempt > MAX_RETRIES || !RETRYABLE.includes(error.failure)) return undefined;
  if (error.retryAfterMs !== undefined) return error.retryAfterMs;
  return Math.round(FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + options.random() / 2));
}

/**
 * One call, with what every answer must hold to: an `end`, and something in it. Events that show nothing (usage) are
 * held back until something shows, so that a retry does not count them twice.
 */
async function* streamChecked(
  target: Target,
  options: ResilientOptions,
  progress: { visible: boolean },
): AsyncGenerator<ProviderEvent> {
  const held: ProviderEvent[] = [];
  let answered = false;
  for await (const event of streamWatched(target, options)) {
    if (event.type === "text" ? event.delta.trim() !== "" : event.type.startsWith("tool-call")) answered = true;
    if (event.type === "end" && !answered && event.stopReason !== "refusal") {
      throw emptyAnswer(target.ref, event.stopReason);
    }
    progress.visible ||= event.type === "end" || isVisible(event);
    held.push(event);
    if (progress.visible) yield* held.splice(0);
    if (event.type === "end") return;
  }
  throw new ProviderError(
    "network",
    `The answer of ${target.ref} broke off before it was complete. Send the message again.`,
  );
}

function isVisible(event: ProviderEvent): boolean {
  if (event.type === "text" || event.type === "thinking") return event.delta !== "";
  return event.type === "tool-call-start" || event.type === "tool-call";
}

function emptyAnswer(ref: string, stopReason: string): ProviderError {
  const why =
    stopReason === "length"
      ? "it used up its tokens before it wrote anything; allow it more tokens or less thinking"
      : "it ended without text and without a tool call; send the message again or choose another model";
  return new ProviderError("format", `${ref} gave an empty answer: ${why}.`);
}

/** One call under watch: ends at once on abort and after the idle limit, even if the provider does not. */
async function* streamWatched(target: Target, options: ResilientOptions): AsyncGenerator<ProviderEvent> {
  const watch = startWatch(target.ref, options);
  let whole = false;
  const iterator = target.provider.stream(target.request, watch.signal)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await watch.next(iterator);
      if (step.done) break;
      // An answer is over with `end`, whatever its connection does; whoever reads it leaves there.
      whole = step.value.type === "end";
      yield step.value;
      if (whole) break;
    }
  } finally {
    watch.dispose();
    if (!whole) watch.abandon();
    // Not awaited: a provider that hangs, or still tidies up its connection, must not hold up the turn.
    void leave(iterator, whole);
  }
}

/** After a whole answer the provider may run to its own end first. Never rejects. */
async function leave(iterator: AsyncIterator<ProviderEvent>, whole: boolean): Promise<void> {
  try {
    if (whole) await iterator.next();
    await iterator.return?.();
  } catch {
    // The answer is already told, or its failure is.
  }
}

/** Watches one iteration: `next` rejects on abort or on silence, whichever comes first. */
function startWatch(ref: string, { signal, clock, idleTimeoutMs }: ResilientOptions) {
  const controller = new AbortController();
  let interrupt: ((reason: unknown) => void) | undefined;
  let waitingSince: number | undefined;
  const stop = (reason: unknown) => {
    controller.abort(reason);
    interrupt?.(reason);
  };
  const onAbort = () => stop(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  const check = () => {
    const silentMs = waitingSince === undefined ? 0 : clock.monotonic() - waitingSince;
    if (silentMs >= idleTimeoutMs) stop(silence(ref, idleTimeoutMs));
    else timer = clock.after(idleTimeoutMs - silentMs, check);
  };
  let timer = clock.after(idleTimeoutMs, check);
  const over = toDisposable(() => {
    void timer.dispose();
    signal.removeEventListener("abort", onAbort);
  });
  return {
    signal: controller.signal,
    dispose: () => void over.dispose(),
    abandon: () => controller.abort(),
    async next(iterator: AsyncIterator<ProviderEvent>): Promise<IteratorResult<ProviderEvent>> {
      controller.signal.throwIfAborted();
      waitingSince = clock.monotonic();
      try {
        return await new Promise((resolve, reject) => {
          interrupt = reject;
          iterator.next().then(resolve, reject);
        });
      } finally {
        interrupt = undefined;
        waitingSince = undefined;
      }
    },
  };
}

function silence(ref: string, idleTimeoutMs: number): ProviderError {
  const seconds = Math.round(idleTimeoutMs / 100) / 10;
  return new ProviderError(
    "timeout",
    `${ref} sent nothing for ${seconds} seconds, so the call was cut. Try again, or raise llm.idleTimeoutSeconds.`,
  );
}

/** The same failure with the service's waiting time in words, where it is too long to sit out. */
function withWait(error: ProviderError): ProviderError {
  if (error.retryAfterMs === undefined) return error;
  const seconds = Math.ceil(error.retryAfterMs / 1000);
  const wait = seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
  return copyOf(error, `${error.message} The service asks to wait ${wait}.`);
}

/** One clear error: the only one, or all in a row with the last one's kind. */
function summarize(failures: readonly { ref: string; error: ProviderError }[]): ProviderError {
  const last = failures.at(-1);
  if (last === undefined) throw new Bug("no failure to tell of");
  if (failures.length === 1) return last.error;
  const told = failures.map(({ ref, error }) => `${ref}: ${error.message}`).join(" ");
  return copyOf(last.error, `No model answered. ${told}`);
}

function copyOf(error: ProviderError, message: string): ProviderError {
  return new ProviderError(error.failure, message, {
    cause: error,
    ...(error.status === undefined ? {} : { status: error.status }),
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    ...(error.details === undefined ? {} : { details: error.details }),
  });
}
