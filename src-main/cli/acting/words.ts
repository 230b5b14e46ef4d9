/** Approvals as a terminal shows them: everything that is asked, nothing that an eye cannot see. Pure. */
import { escapeHidden } from "#main/approvals/show.ts";
import type { Approval } from "#main/protocol/methods/approvals.ts";

/** `90` → `1:30`. */
function toMinutes(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** What became of it, or how long it still waits. @param now milliseconds since 1970 */
export function toState(approval: Approval, now: number): string {
  if (approval.status === "pending") {
    const left = Math.max(0, Math.ceil((approval.expiresAtMs - now) / 1000));
    return `waits, ${toMinutes(left)} left`;
  }
  const by = approval.resolvedBy === undefined ? "" : ` by ${escapeHidden(approval.resolvedBy)}`;
  const run = approval.run === undefined ? "" : `; the run: ${approval.run}`;
  return `${approval.outcome ?? "resolved"}${by}${run}`;
}

/** One line: id, level, what, how long. */
export function toApprovalLine(approval: Approval, now: number): string {
  const { id, request } = approval;
  const alarm = request.warnings.length > 0 ? "  !" : "";
  return `${id}  level ${request.level}  ${escapeHidden(request.summary)}  (${toState(approval, now)})${alarm}`;
}

/** All of it. Texts of several lines stand indented under their name, whole. */
export function toApprovalText(approval: Approval, now: number): string {
  const { request } = approval;
  const rows: [string, string | undefined][] = [
    ["What", request.summary],
    ["Command", request.command],
    ["Folder", request.cwd],
    ["Program", request.resolvedPath],
    ["Variables", request.envKeys?.join(", ")],
    ["Hosts", request.hosts?.join(", ")],
    ["Tool", `${request.tool}, level ${request.level}`],
    ["Why asked", request.why],
    ["Asked by", `${request.requester ?? "unknown"} over ${request.channel ?? "unknown"}, agent ${request.agentId}`],
    ["Session", request.sessionKey],
    ["Runs on", request.host],
    ["State", toState(approval, now)],
    ["Change", request.diff],
  ];
  const lines = rows.flatMap(([name, text]) => (text === undefined || text === "" ? [] : toLines(name, text)));
  const warnings = request.warnings.map((warning) => `  Warning: ${escapeHidden(warning)}`);
  return [escapeHidden(approval.id), ...warnings, ...lines].join("\n");
}

function toLines(name: string, text: string): string[] {
  const [first = "", ...rest] = escapeHidden(text, true).split("\n");
  const label = `  ${`${name}:`.padEnd(11)}`;
  if (rest.length === 0) return [`${label}${first}`];
  return [label.trimEnd(), ...[first, ...rest].map((line) => `    ${line}`)];
}
