/** The one-line summary of a tool call, and of a group. Pure. */
import type { ToolCall } from "../../gateway/chat-model.ts";

/** The arguments that tell most about a call, the best first. */
const TELLING = ["path", "command", "query", "pattern", "url", "timezone", "timeZone", "zone", "name", "text"];

/** The most telling argument as one line, or nothing. */
export function toSummary(args: unknown): string {
  if (typeof args !== "object" || args === null) return "";
  const values = args as Record<string, unknown>;
  const names = [...TELLING, ...Object.keys(values)];
  for (const name of names) {
    const value = values[name];
    if (typeof value === "string" && value.trim()) return value.replaceAll(/\s+/g, " ").slice(0, 200);
    if (typeof value === "number") return String(value);
  }
  return "";
}

/** How often each tool was called, in the order of the first call. */
export function toCounts(calls: readonly ToolCall[]): { name: string; count: number }[] {
  return [...Map.groupBy(calls, ({ name }) => name)].map(([name, { length: count }]) => ({ name, count }));
}

/** Arguments as a person can read them. */
export function toPretty(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
