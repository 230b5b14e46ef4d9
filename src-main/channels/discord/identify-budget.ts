/**
 * How often a bot may begin a new session. Discord takes its token away after 1,000 in a day ("Gateway", Session Start
 * Limit), so half of that is spent in each window of 24 hours: any 24 hours touch two windows. Survives restarts.
 */
import { sleep } from "#main/base/clock.ts";
import { messageOf } from "#main/base/errors.ts";
import type { ChannelContext } from "../contract.ts";

export const IDENTIFIES_PER_WINDOW = 500;
const WINDOW_MS = 24 * 60 * 60 * 1000;
/** One per five seconds (`max_concurrency` 1). */
const SPACING_MS = 5000;
const KEY = "identifies";

export class IdentifyBudget {
  readonly #context: Pick<ChannelContext, "clock" | "memory" | "log">;
  #nextAt = -Infinity;

  constructor(context: Pick<ChannelContext, "clock" | "memory" | "log">) {
    this.#context = context;
  }

  /**
   * Resolves when a session may begin; it is counted then. Rejects when the signal aborts.
   * @param onWait told when the window is used up, with milliseconds until the next
   */
  async take(signal: AbortSignal, onWait: (ms: number) => void): Promise<void> {
    const { clock, memory, log } = this.#context;
    const spacing = this.#nextAt - clock.monotonic();
    if (spacing > 0) await sleep(clock, spacing, signal);
    let [since = 0, count = 0] = (memory.get(KEY) ?? "").split(":").map(Number);
    const left = since + WINDOW_MS - clock.now();
    // A clock that was set back must not lock the bot out.
    const isOver = !(left > 0 && left <= WINDOW_MS);
    if (!isOver && count >= IDENTIFIES_PER_WINDOW) {
      onWait(left);
      await sleep(clock, left, signal);
    }
    if (isOver || count >= IDENTIFIES_PER_WINDOW) [since, count] = [clock.now(), 0];
    this.#nextAt = clock.monotonic() + SPACING_MS;
    await memory.set(KEY, `${since}:${count + 1}`).catch((error: unknown) => {
      log.warn("the count of sessions could not be kept", { error: messageOf(error) });
    });
  }
}
