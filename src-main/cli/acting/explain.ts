/** `gatehouse explain`: what would happen if a tool were called now, and by which rule. Runs nothing, asks nobody. */
import { escapeHidden } from "#main/approvals/show.ts";
import type { MethodResult } from "#main/protocol/methods/index.ts";
import { toParams } from "../call.ts";
import { textOption, usageError, type Invocation } from "../command.ts";
import { ask } from "../owner.ts";

const WORDS = { allow: "runs without asking", ask: "asks you first", deny: "is refused" } as const;

/** `write: level 4, asks you first: level 4 asks the owner (autoApproveLevels)` */
export function toExplanation(tool: string, told: MethodResult<"tools.explain">): string {
  const rule = told.rule === undefined ? "" : ` (${told.rule})`;
  return escapeHidden(`${tool}: level ${told.level}, ${WORDS[told.decision]}: ${told.reason}${rule}`);
}

export async function run(invocation: Invocation): Promise<number> {
  const [tool, json, ...rest] = invocation.positionals;
  if (tool === undefined) throw usageError("name a tool: gatehouse explain TOOL [JSON]");
  if (rest.length > 0) throw usageError("put the arguments into one: gatehouse explain TOOL '{…}'");
  const args = await toParams(json);
  if (typeof args !== "object" || args === null || Array.isArray(args)) {
    throw usageError('the arguments are a JSON object: \'{"path": "notes.md"}\'');
  }
  const session = textOption(invocation, "session");
  const where = session === undefined ? {} : { sessionKey: session };
  const params = { tool, args: args as Record<string, unknown>, ...where };
  return ask(invocation, "tools.explain", params, (told) => toExplanation(tool, told));
}
