/**
 * `gatehouse undo`: takes back what a tool changed in files; without a name it lists what can be taken back. The gateway
 * refuses when a file changed since, unless it is forced.
 */
import { escapeHidden } from "#main/approvals/show.ts";
import { Refused } from "#main/base/errors.ts";
import type { GatewayClient } from "#main/protocol/client.ts";
import type { ChangeRow } from "#main/protocol/methods/changes.ts";
import { isSet, printAnswer, usageError, type Invocation } from "../command.ts";
import { ask, withOwner } from "../owner.ts";

const LISTED = 20;
/** Looked through for the last change that still stands. */
const SEARCHED = 500;

/** `chg_1  2026-01-01 12:00  changed notes.md (10 → 12 bytes) by write` */
export function toChangeLine(change: ChangeRow): string {
  const at = new Date(change.at).toISOString().replace("T", " ").slice(0, 16);
  const size = `${change.bytesBefore} → ${change.bytesAfter} bytes`;
  const undone = change.undoneAt === undefined ? "" : ", undone";
  return escapeHidden(`${change.changeId}  ${at}  ${change.kind} ${change.path} (${size}) by ${change.tool}${undone}`);
}

/** The whole call of the newest change that stands: one file of a patch is not undone without the others. */
async function findLast(client: GatewayClient): Promise<{ callId: string }> {
  const { changes } = await client.request("changes.list", { limit: SEARCHED });
  // An undoing is a change too, but "the last" said twice means the one before.
  const last = changes.find((change) => change.undoneAt === undefined && change.tool !== "undo");
  if (!last) throw new Refused("NOTHING_TO_UNDO", "there is no change that could be undone");
  return { callId: last.callId };
}

export async function run(invocation: Invocation): Promise<number> {
  const [changeId, ...rest] = invocation.positionals;
  const isLast = isSet(invocation, "last");
  if (rest.length > 0 || (isLast && changeId !== undefined)) throw usageError("name one change, or --last");
  const force = isSet(invocation, "force");
  if (changeId === undefined && !isLast) {
    return ask(invocation, "changes.list", { limit: LISTED }, ({ changes }) => {
      return changes.map(toChangeLine).join("\n") || "No tool has changed a file.";
    });
  }
  return withOwner(invocation, async (client) => {
    const what = changeId === undefined ? await findLast(client) : { changeId };
    const answer = await client.request("changes.undo", { ...what, ...(force ? { force } : {}) });
    return printAnswer(invocation, answer, answer.undone.map((change) => `Undone: ${toChangeLine(change)}`).join("\n"));
  });
}
