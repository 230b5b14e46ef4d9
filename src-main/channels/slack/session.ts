/**
 * Keeps an account connected: who we are, then the connection, then again with growing pauses until it is stopped. Tells
 * each change of state. Must never go on knocking when the credentials count no more.
 */
import { backoffMs } from "#main/base/backoff.ts";
import { sleep } from "#main/base/clock.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { ChannelError, type ChannelContext, type ChannelState } from "../contract.ts";
import { toText, type Json, type Self } from "./inbound.ts";
import type { SlackApi } from "./web-api.ts";

/** `apps.connections.open` is of rate tier 1 (docs.slack.dev): about one call a minute, more in bursts. */
const PAUSE = { firstMs: 1000, maxMs: 60_000 };
/** A connection that held so long, in milliseconds, was a good one. */
const STABLE_MS = 30_000;

export interface Session extends Disposable {
  /** Undefined until Slack has said who we are. */
  self(): Self | undefined;
  isConnected(): boolean;
  /** Ends it for good: the credentials count no more. */
  fail(error: ChannelError): void;
  /** Connects anew, and so asks again whether the credentials count. */
  recheck(): void;
}

export interface SessionOptions {
  context: ChannelContext;
  api: SlackApi;
  stop: AbortController;
  /** Opens the connection, and tells the reason of its end. In HTTP mode there is none that could end. */
  open(signal: AbortSignal): Promise<{ ended: Promise<ChannelError> }>;
}

export function startSession(options: SessionOptions): Session {
  const { context, api, stop } = options;
  let self: Self | undefined;
  let state: ChannelState = "connecting";
  let failed: ChannelError | undefined;
  let round = new AbortController();

  const report = (next: ChannelState, reason?: string) => {
    if (stop.signal.aborted) return;
    state = next;
    const identity = self?.name === undefined ? {} : { identity: `@${self.name}` };
    context.setStatus({ state: next, ...(reason === undefined ? {} : { reason }), ...identity });
  };

  /** Connects and holds the connection. Throws ChannelError when it ended. */
  const hold = async (signal: AbortSignal): Promise<never> => {
    self = toSelf(await api.call("auth.test", {}, signal));
    signal.throwIfAborted();
    const { ended } = await options.open(signal);
    report("connected");
    throw await ended;
  };

  const run = async () => {
    let failures = 0;
    report("connecting", "Connecting to Slack.");
    while (!stop.signal.aborted) {
      round = new AbortController();
      const since = context.clock.monotonic();
      const signal = AbortSignal.any([stop.signal, round.signal]);
      const error = failed ?? (await hold(signal).catch(toEnd));
      const final = failed ?? (error.failure === "auth" || error.failure === "rejected" ? error : undefined);
      if (final !== undefined) return report("error", final.message);
      failures = context.clock.monotonic() - since > STABLE_MS ? 1 : failures + 1;
      report("disconnected", `${error.message} Trying again.`);
      const pauseMs = Math.max(error.retryAfterMs ?? 0, backoffMs(failures, PAUSE, context.random));
      await sleep(context.clock, pauseMs, signal).catch(() => {});
    }
  };
  const running = run();

  return {
    self: () => self,
    isConnected: () => state === "connected" && !stop.signal.aborted,
    fail(error) {
      failed ??= error;
      round.abort();
    },
    recheck: () => round.abort(),
    async dispose() {
      stop.abort(new Error("the channel is stopped"));
      await running;
    },
  };
}

function toEnd(thrown: unknown): ChannelError {
  if (thrown instanceof ChannelError) return thrown;
  return new ChannelError("retry", "Connecting to Slack failed.", { cause: thrown });
}

/** The answer of `auth.test`. Throws ChannelError when it does not say who we are. */
function toSelf(answer: Json): Self {
  const userId = toText(answer["user_id"]);
  if (userId === undefined) throw new ChannelError("retry", "Slack did not say who we are.");
  const botId = toText(answer["bot_id"]);
  return { userId, botId, teamId: toText(answer["team_id"]), name: toText(answer["user"]) };
}
