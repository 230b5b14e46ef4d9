/**
 * Which tools a model is told of. Pure. Not a guard: a call of a tool that was not offered is decided like any other.
 */
import type { ToolSpec } from "#main/providers/contract.ts";

/** Tokens: a model that reads no more gets only what it needs most, so that its window is left for the conversation. */
export const SMALL_WINDOW = 16_384;
const SMALL_SET: ReadonlySet<string> = new Set(["read", "write", "bash", "web_fetch", "time"]);

/**
 * @param contextWindow tokens that the model reads at most; undefined: not known, which counts as enough
 * @param isDenied true for a tool that the rules deny whatever its arguments: offering it would only cost tokens
 */
export function toOffered(
  specs: readonly ToolSpec[],
  contextWindow: number | undefined,
  isDenied: (tool: string) => boolean,
): readonly ToolSpec[] {
  const isSmall = contextWindow !== undefined && contextWindow <= SMALL_WINDOW;
  return specs.filter(({ name }) => (!isSmall || SMALL_SET.has(name)) && !isDenied(name));
}
