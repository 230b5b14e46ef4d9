/**
 * Whether the account counts with Twilio: asked at the start, every two minutes, and whenever a call failed. Reports
 * each change of the state and nothing after it is disposed. Must never go on asking once the credentials are refused.
 */
import { backoffMs } from "#main/base/backoff.ts";
import { type Disposable, withFirstOf } from "#main/base/disposable.ts";
import { ChannelError, type ChannelContext, type ChannelState } from "../contract.ts";

const LOOK_MS = 120_000;
const ANSWER_MS = 20_000;
const PAUSES = { firstMs: 2_000, maxMs: 120_000 };

export interface AccountWatch extends Disposable {
  readonly state: ChannelState;
  /** Asks now, unless it is asking already. */
  look(): void;
}

/**
 * @param identity our number, shown when connected
 * @param check throws ChannelError; `auth` ends the watch
 */
export function watchAccount(
  context: Pick<ChannelContext, "clock" | "random" | "setStatus">,
  identity: string,
  check: (signal: AbortSignal) => Promise<void>,
): AccountWatch {
  const { clock } = context;
  const stop = new AbortController();
  let state: ChannelState = "connecting";
  let failures = 0;
  let timer: Disposable | undefined;
  let running: Promise<void> | undefined;

  const report = (next: ChannelState, reason?: string) => {
    if (stop.signal.aborted || (next === state && next === "connected")) return;
    state = next;
    context.setStatus({ state, identity, ...(reason === undefined ? {} : { reason }) });
  };
  const ask = async () => {
    const late = new AbortController();
    const deadline = clock.after(ANSWER_MS, () => late.abort());
    try {
      await withFirstOf([stop.signal, late.signal], check);
      failures = 0;
      report("connected");
    } catch (error) {
      failures += 1;
      const isRefused = error instanceof ChannelError && error.failure === "auth";
      report(isRefused ? "error" : "disconnected", error instanceof ChannelError ? error.message : "Twilio failed.");
    } finally {
      await deadline.dispose();
    }
    if (stop.signal.aborted || state === "error") return;
    timer = clock.after(failures === 0 ? LOOK_MS : backoffMs(failures, PAUSES, context.random), look);
  };
  const look = () => {
    if (stop.signal.aborted || state === "error") return;
    void timer?.dispose();
    running ??= ask().finally(() => (running = undefined));
  };

  context.setStatus({ state, identity, reason: "Asking Twilio about the account." });
  look();
  return {
    get state() {
      return stop.signal.aborted ? "disconnected" : state;
    },
    look,
    async dispose() {
      stop.abort();
      await timer?.dispose();
      await running;
    },
  };
}
