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
  #lastAt = -Infinity;

  constructor(context: Pick<ChannelContext, "clock" | "memory" | "log">) {
    this.#context = context;
  }

  /**
   * Resolves when a session may begin; it is counted then. Rejects when the signal aborts.
   * @param onWait told when the window is used up, with milliseconds until the next
   */
  async take(signal: AbortSignal, onWait: (ms: number) => void): Promise<void> {
    const { clock, memory, log } = this.#context;
    const spacing = this.#lastAt + SPACING_MS - clock.monotonic();
    if (spacing > 0) await sleep(clock, spacing, signal);
    let { since, count } = readWindow(memory.get(KEY));
    const left = since + WINDOW_MS - clock.now();
    // A clock that was set back must not lock the bot out.
    if (left <= 0 || left > WINDOW_MS) count = 0;
    else if (count >= IDENTIFIES_PER_WINDOW) {
      onWait(left);
      await sleep(clock, left, signal);
      count = 0;
    }
    if (count === 0) since = clock.now();
    this.#lastAt = clock.monotonic();
    await memory.set(KEY, `${since}:${count + 1}`).catch((error: unknown) => {
      log.warn("the count of sessions could not be kept", { error: messageOf(error) });
    });
  }
}

function readWindow(written = ""): { since: number; count: number } {
  const [, since, count] = /^(\d+):(\d+)$/.exec(written) ?? [];
  return { since: Number(since ?? 0), count: Number(count ?? 0) };
}
