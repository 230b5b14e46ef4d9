/**
 * Server-sent events over one answer. A comment goes out while nothing else does, so that proxies keep the line; the
 * reader going away aborts the run. Facts: https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
import type { Clock } from "#main/base/clock.ts";
import type { Disposable } from "#main/base/disposable.ts";

const PING_MS = 15_000;

export const SSE_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  // Proxies that buffer would hold the first words back.
  "x-accel-buffering": "no",
  // Said here, Node's adapter sends the first bytes without waiting for more.
  "transfer-encoding": "chunked",
};

/** Resolves with the next step, or with "quiet" when none came in time. The step stays pending then. */
function nextOrQuiet<T>(step: Promise<T>, clock: Clock, ms: number): Promise<T | "quiet"> {
  let timer: Disposable | undefined;
  const quiet = new Promise<"quiet">((resolve) => {
    timer = clock.after(ms, () => resolve("quiet"));
  });
  return Promise.race([step, quiet]).finally(() => void timer?.dispose());
}

/**
 * Streams the data strings of `source`, one event each.
 * @param describe the data of a last event for what `source` throws; undefined ends the stream without one
 * @param onCancel called when the reader goes away
 */
export function toEventStream(
  source: AsyncGenerator<string>,
  clock: Clock,
  handlers: { describe(thrown: unknown): string | undefined; onCancel(): void },
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  let pending: Promise<IteratorResult<string>> | undefined;
  let isCancelled = false;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        try {
          pending ??= source.next();
          const step = await nextOrQuiet(pending, clock, PING_MS);
          if (isCancelled) return;
          if (step === "quiet") {
            controller.enqueue(encoder.encode(": still working\n\n"));
            return;
          }
          pending = undefined;
          if (step.done) controller.close();
          else controller.enqueue(encoder.encode(`data: ${step.value}\n\n`));
        } catch (error) {
          if (isCancelled) return;
          const last = handlers.describe(error);
          if (last !== undefined) controller.enqueue(encoder.encode(`data: ${last}\n\n`));
          controller.close();
        }
      },
      cancel() {
        isCancelled = true;
        handlers.onCancel();
      },
    },
    { highWaterMark: 0 },
  );
}
