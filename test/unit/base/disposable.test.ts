import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { withFirstOf } from "#main/base/disposable.ts";

const make = () => [new AbortController(), new AbortController()] as const;
const held = (...controllers: readonly AbortController[]) =>
  controllers.flatMap(({ signal }) => getEventListeners(signal, "abort")).length;

it("aborts with the first of several, with its reason", async () => {
  for (const which of [0, 1] as const) {
    const both = make();
    const reason = new Error("enough");
    const seen = await withFirstOf(
      both.map(({ signal }) => signal),
      async (signal) => {
        expect(signal.aborted).toBe(false);
        both[which].abort(reason);
        return signal;
      },
    );
    expect([seen.aborted, seen.reason]).toEqual([true, reason]);
  }
});

it("is aborted from the start when one of them is", async () => {
  const [first, second] = make();
  second.abort("over");
  const seen = await withFirstOf([first.signal, second.signal], async (signal) => [signal.aborted, signal.reason]);
  expect(seen).toEqual([true, "over"]);
});

it("leaves nothing on signals that live on, also when the work fails and somebody still listens", async () => {
  const both = make();
  const signals = both.map(({ signal }) => signal);
  const work = withFirstOf(signals, async (signal) => {
    signal.addEventListener("abort", () => {});
    expect(held(...both)).toBe(2);
    throw new Error("failed");
  });
  await expect(work).rejects.toThrow("failed");
  expect(held(...both)).toBe(0);
});
