/** Figures about acting: what deciding and recording cost beside the tool itself. */
import { connectWire } from "../campaign/wire.ts";
import { nowUs, percentile, type Figure } from "./figures.ts";
import type { Stage } from "./stage.ts";

/**
 * `tools.invoke` of `time`, which does next to nothing, minus `health` on the same connection, which decides and records
 * nothing: what is left is validation, policy, the gate and a committed entry of the record. After 200 that warm up.
 */
export async function measureGuard(stage: Stage): Promise<Figure[]> {
  const gateway = await stage.start();
  const wire = await connectWire(gateway.url);
  const time = async (work: () => Promise<unknown>) => {
    const from = nowUs();
    await work();
    return (nowUs() - from) / 1000;
  };
  const invoke = () => wire.call("tools.invoke", { name: "time", args: {} });
  for (let n = 0; n < 200; n++) await invoke();
  const count = stage.isQuick ? 300 : 2000;
  const [calls, empty]: [number[], number[]] = [[], []];
  for (let n = 0; n < count; n++) {
    calls.push(await time(invoke));
    empty.push(await time(() => wire.call("health")));
  }
  await wire.close();
  await gateway.stop();
  const base = percentile(empty, 0.5);
  const own = calls.map((one) => one - base);
  return [
    {
      name: "guard, policy and audit per call, p50",
      value: percentile(own, 0.5),
      unit: "ms",
      budget: 1,
      bound: "most",
    },
    {
      name: "guard, policy and audit per call, p95",
      value: percentile(own, 0.95),
      unit: "ms",
      budget: 2,
      bound: "most",
    },
  ];
}
