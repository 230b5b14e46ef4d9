/**
 * Quitting: first the work is stopped, then the app ends, and it ends even when stopping hangs. At most five seconds,
 * and nothing that the app started is left behind.
 */
import type { Clock } from "#main/base/clock.ts";

/** The part of Electron's app in use. */
export interface QuittingApp {
  on(event: "before-quit", listener: (event: { preventDefault(): void }) => void): unknown;
  quit(): void;
  exit(code: number): void;
}

/** From the first request to the end of the process. */
export const QUIT_LIMIT_MS = 5000;

/**
 * @param stop stops the gateway and saves what must be saved; may hang or fail, the app ends all the same
 * @returns isQuitting: from now on windows close without a question
 */
export function createQuitter(options: { app: QuittingApp; clock: Pick<Clock, "after">; stop: () => Promise<void> }): {
  readonly isQuitting: boolean;
  quit(): void;
} {
  const { app, clock } = options;
  let phase: "running" | "stopping" | "stopped" = "running";
  const finish = async () => {
    // Stays armed to the end: a window may hold it up after the gateway has stopped.
    clock.after(QUIT_LIMIT_MS, () => app.exit(0));
    await options.stop().catch(() => {});
    phase = "stopped";
    app.quit();
  };
  app.on("before-quit", (event) => {
    if (phase === "stopped") return;
    event.preventDefault();
    if (phase === "stopping") return;
    phase = "stopping";
    void finish();
  });
  return {
    get isQuitting() {
      return phase !== "running";
    },
    quit: () => app.quit(),
  };
}
