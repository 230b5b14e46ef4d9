/**
 * Keeps an account connected: who we are, then the connection, then again with growing pauses until it is stopped. Tells
 * each change of state. Must never go on knocking when the credentials count no more.
 */
import { backoffMs } from "#main/base/backoff.ts";
import { sleep } from "#main/base/clock.ts";
import { ChannelError, type ChannelState } from "../contract.ts";
import { toText, type Self } from "./inbound.ts";
import type { Call, Context } from "./web-api.ts";

/** `apps.connections.open` is of rate tier 1 (docs.slack.dev): about one call a minute, more in bursts. */
const PAUSE = { firstMs: 1000, maxMs: 60_000 };
/** A connection that held so long, in milliseconds, was a good one. */
const STABLE_MS = 30_000;

interface SessionOptions {
  context: Context;
  call: Call;
  stop: AbortController;
  /** Opens the connection and holds it. Rejects with the reason when it ends, at the latest when the signal aborts. */
  hold(signal: AbortSignal, onOpen: () => void): Promise<never>;
}

export function startSession({ context, call, stop, hold }: SessionOptions) {
  const { clock, random } = context;
  const end = new AbortController();
  const signal = AbortSignal.any([stop.signal, end.signal]);
  let self: Self | undefined;
  let isConnected = false;
  let failed: ChannelError | undefined;

  const report = (state: ChannelState, reason?: string) => {
    if (stop.signal.aborted) return;
    isConnected = state === "connected";
    const identity = self?.name === undefined ? {} : { identity: `@${self.name}` };
    context.setStatus({ state, ...(reason === undefined ? {} : { reason }), ...identity });
  };
  const fail = (error: ChannelError) => {
    failed ??= error;
    end.abort();
  };

  const connect = async (): Promise<never> => {
    const { user_id: userId, bot_id: botId, team_id: teamId, user } = await call("auth.test", {}, signal);
    if (typeof userId !== "string") throw new ChannelError("retry", "Slack did not say who we are.");
    self = { userId, botId: toText(botId), teamId: toText(teamId), name: toText(user) };
    signal.throwIfAborted();
    return hold(signal, () => report("connected"));
  };

  const run = async () => {
    report("connecting", "Connecting to Slack.");
    for (let failures = 1; ; failures++) {
      const since = clock.monotonic();
      const error = await connect().catch(toEnd);
      if (error.failure === "auth" || error.failure === "rejected") fail(error);
      if (signal.aborted) break;
      if (clock.monotonic() - since > STABLE_MS) failures = 1;
      report("disconnected", `${error.message} Trying again.`);
      const pauseMs = Math.max(error.retryAfterMs ?? 0, backoffMs(failures, PAUSE, random));
      await sleep(clock, pauseMs, signal).catch(() => {});
    }
    if (failed !== undefined) report("error", failed.message);
  };
  const running = run();

  return {
    /** Undefined until Slack has said who we are. */
    self: () => self,
    /** For calls. Throws ChannelError while not connected. */
    demand(): void {
      if (failed !== undefined) throw failed;
      if (!isConnected || stop.signal.aborted) throw new ChannelError("offline", "Slack is not connected.");
    },
    /** Ends it for good: the credentials count no more. */
    fail,
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
