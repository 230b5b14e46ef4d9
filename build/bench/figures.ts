/** Numbers of a bench: percentiles, what a process used, and each figure beside its budget. Pure but for reading /proc. */
import { readdirSync, readFileSync } from "node:fs";

/** One measured value. `budget` comes from the design, §7. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  budget: number;
  /** `most`: the value must not be above; `least`: not below. */
  bound: "most" | "least";
}

export function isMet({ value, budget, bound }: Figure): boolean {
  return bound === "most" ? value <= budget : value >= budget;
}

/** @param share 0 to 1 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export const median = (values: readonly number[]) => percentile(values, 0.5);

/** Microseconds of the machine's monotonic clock, the same for all processes. */
export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** CPU that all living threads of a process have used, milliseconds (proc(5): schedstat, nanoseconds on the CPU). */
export function cpuMs(pid: number): number {
  let total = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    total += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]);
  }
  return total / 1e6;
}

/**
 * Resident memory of a process and its children, megabytes (proc(5): smaps_rollup). Not the proportional share: other
 * programs on the same Node would make that look smaller than it is for a person who runs only this.
 */
export function memoryMb(pid: number): number {
  const rss = /^Rss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
  return Number(rss) / 1024 + children.reduce((sum, child) => sum + memoryMb(Number(child)), 0);
}

export function toTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const sign = figure.bound === "most" ? "≤" : "≥";
    const verdict = isMet(figure) ? "met" : "MISSED";
    return [figure.name, `${round(figure.value)} ${figure.unit}`, `${sign} ${figure.budget}`, verdict];
  });
  const head = ["figure", "measured", "budget", ""];
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => row[at]?.length ?? 0)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function round(value: number): number {
  return value >= 100 ? Math.round(value) : Math.round(value * 1000) / 1000;
}
