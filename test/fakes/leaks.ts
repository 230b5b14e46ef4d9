/**
 * What a test file leaves open. Sockets, servers, child processes and watchers that were not there before it must be
 * gone after it; vitest's own pipes and timers do not count.
 */
import { setImmediate as nextTurn } from "node:timers/promises";

/** Kinds of Node's active resources that somebody opened and somebody must close. */
const OWNED: ReadonlySet<string> = new Set([
  "TCPServerWrap",
  "TCPSocketWrap",
  "TLSWrap",
  "UDPWrap",
  "ProcessWrap",
  "FSEventWrap",
  "StatWatcher",
  "Worker",
]);

/** Counts of what is open now, by kind. */
export type OpenHandles = ReadonlyMap<string, number>;

export function openHandles(): OpenHandles {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (OWNED.has(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** What is open now and was not before: `["TCPServerWrap ×1"]`. */
export function newHandles(before: OpenHandles): string[] {
  return [...openHandles()]
    .map(([kind, count]) => ({ kind, extra: count - (before.get(kind) ?? 0) }))
    .filter(({ extra }) => extra > 0)
    .map(({ kind, extra }) => `${kind} ×${extra}`);
}

/**
 * Resolves when nothing new is open. A closed socket takes a few turns of the event loop to go; what is still there
 * after `turns` of them is a leak.
 * Throws an Error that names the kinds.
 */
export async function assertNoNewHandles(before: OpenHandles, turns = 200): Promise<void> {
  for (let turn = 0; turn < turns && newHandles(before).length > 0; turn++) await nextTurn();
  const left = newHandles(before);
  if (left.length > 0) throw new Error(`this file leaves open: ${left.join(", ")}. Dispose what it started`);
}
