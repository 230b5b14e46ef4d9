/** Quitting stops the work first, and ends in any case. */
import { describe, expect, it } from "vitest";
import { createQuitter, QUIT_LIMIT_MS } from "#main/shell/quit.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";

/** An app that asks `before-quit` and ends when nobody objects, like Electron's. */
function setUp(stop: () => Promise<void>) {
  const clock = createManualClock();
  const done: string[] = [];
  let onBeforeQuit: (event: { preventDefault(): void }) => void = () => {};
  const app = {
    on: (_event: "before-quit", listener: typeof onBeforeQuit) => void (onBeforeQuit = listener),
    quit() {
      let isStopped = false;
      onBeforeQuit({ preventDefault: () => (isStopped = true) });
      if (!isStopped) done.push("ended");
    },
    exit: (code: number) => void done.push(`exit ${code}`),
  };
  const quitter = createQuitter({
    app,
    clock,
    stop: () => {
      done.push("stopping");
      return stop();
    },
  });
  return { clock, done, quitter };
}

describe("createQuitter", () => {
  it("[EL-19] stops the gateway before the app ends, once", async () => {
    let finish = () => {};
    const { clock, done, quitter } = setUp(() => new Promise((resolve) => (finish = resolve)));
    expect(quitter.isQuitting).toBe(false);
    quitter.quit();
    quitter.quit();
    expect(quitter.isQuitting).toBe(true);
    await clock.advance(1000);
    expect(done).toEqual(["stopping"]);
    finish();
    await clock.advance(0);
    expect(done).toEqual(["stopping", "ended"]);
  });

  it("[EL-19] ends after five seconds when stopping hangs", async () => {
    const { clock, done, quitter } = setUp(() => new Promise(() => {}));
    quitter.quit();
    await clock.advance(QUIT_LIMIT_MS - 1);
    expect(done).toEqual(["stopping"]);
    await clock.advance(1);
    expect(done).toEqual(["stopping", "exit 0"]);
  });

  it("[EL-19] ends when stopping fails", async () => {
    const { clock, done, quitter } = setUp(() => Promise.reject(new Error("disk full")));
    quitter.quit();
    await clock.advance(0);
    expect(done).toEqual(["stopping", "ended"]);
  });
});
