/** What "always" can mean for a call, what it says in words, and whether it covers another call. Pure; fails closed. */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { GrantRule } from "#main/protocol/methods/approvals.ts";
import type { Plan } from "#main/tools/contract.ts";
import type { GuardedCall } from "./contract.ts";
import { toCanonicalJson } from "./digest.ts";
import { escapeHidden } from "./show.ts";

/** Programs that run whatever they are given: a grant for one of them would be a grant for everything. */
const RUNS_ANYTHING =
  /^(?:ba|da|z|k|c|tc|fi)?sh(?:\d.*)?$|^(?:python|perl|ruby|node|nodejs|deno|bun|php|lua|tclsh|awk|gawk|mawk|osascript|pwsh|powershell|cmd)[\d.]*(?:\.exe)?$|^(?:env|xargs|sudo|doas|su|nohup|nice|timeout|time|stdbuf|setsid|watch|parallel|find|ssh|make|npm|npx|yarn|pnpm|docker|git|vi|vim|ed|less|more|man|tar|zip|rsync|script|busybox|bwrap)$/;

/** The grants to offer for a call, narrowest first. None for levels 8 and 9. */
export function proposeGrants(
  call: GuardedCall,
  plan: Plan,
  workspace: string,
): { rule: GrantRule; sentence: string }[] {
  if (call.level >= 8) return [];
  const matches: GrantRule["match"][] = [];
  if (plan.exec) {
    const { argv, cwd, resolvedPath } = plan.exec;
    const filesDigest = toFilesDigest(plan);
    matches.push({ kind: "exact", argv: [...argv], cwd, ...(filesDigest === undefined ? {} : { filesDigest }) });
    if (isSingleProgram(plan)) matches.push({ kind: "program", path: resolvedPath ?? "", cwd });
  } else {
    matches.push({ kind: "tool", workspace });
  }
  const wheres: GrantRule["where"][] = [
    { kind: "session", sessionKey: call.sessionKey },
    { kind: "agent", agentId: call.agentId },
  ];
  return matches.flatMap((match) =>
    wheres.map((where) => {
      const rule: GrantRule = { tool: call.tool, match, where, maxLevel: call.level };
      return { rule, sentence: toSentence(rule) };
    }),
  );
}

/** True when the plan starts one program directly that does not itself run others. */
function isSingleProgram(plan: Plan): boolean {
  const path = plan.exec?.resolvedPath;
  const first = plan.exec?.argv[0];
  if (path === undefined || first === undefined) return false;
  return !RUNS_ANYTHING.test(basename(path)) && !RUNS_ANYTHING.test(basename(first));
}

/** Over the files that decide what happens; undefined when there are none. */
export function toFilesDigest(plan: Plan): string | undefined {
  const files = (plan.files ?? []).flatMap(({ path, sha256 }) => (sha256 === undefined ? [] : [{ path, sha256 }]));
  return files.length === 0 ? undefined : createHash("sha256").update(toCanonicalJson(files)).digest("hex");
}

/** Whether a rule covers a call. Every part must fit; what is not there does not fit. */
export function covers(rule: GrantRule, call: GuardedCall, plan: Plan, workspace: string, now: number): boolean {
  if (call.level >= 8 || call.level > rule.maxLevel || rule.tool !== call.tool || !call.requester.isOwner) return false;
  if (rule.expiresAtMs !== undefined && rule.expiresAtMs <= now) return false;
  if (rule.where.kind === "session") {
    // A conversation belongs to one agent: its trust is not lent to another.
    if (rule.where.sessionKey !== call.sessionKey || !call.sessionKey.startsWith(`agent:${call.agentId}:`))
      return false;
  }
  if (rule.where.kind === "agent" && rule.where.agentId !== call.agentId) return false;
  const { match } = rule;
  const { exec } = plan;
  switch (match.kind) {
    case "exact":
      return (
        exec !== undefined &&
        exec.cwd === match.cwd &&
        exec.argv.length === match.argv.length &&
        exec.argv.every((part, index) => part === match.argv[index]) &&
        toFilesDigest(plan) === match.filesDigest
      );
    case "program":
      return exec !== undefined && exec.cwd === match.cwd && exec.resolvedPath === match.path && isSingleProgram(plan);
    case "tool":
      return exec === undefined && match.workspace === workspace;
  }
}

/** A rule that the owner edited must stay within what was asked: same tool, no higher level, a match that covers the call. */
export function isWithin(rule: GrantRule, call: GuardedCall, plan: Plan, workspace: string, now: number): boolean {
  if (rule.match.kind === "program" && RUNS_ANYTHING.test(basename(rule.match.path))) return false;
  return rule.maxLevel <= 7 && rule.maxLevel <= Math.max(call.level, 1) && covers(rule, call, plan, workspace, now);
}

/** The rule in words, made from the data. */
export function toSentence(rule: GrantRule): string {
  const what = {
    exact: () =>
      rule.match.kind === "exact"
        ? `run exactly "${escapeHidden(rule.match.argv.at(-1) ?? "")}" in ${escapeHidden(rule.match.cwd)}`
        : "",
    program: () =>
      rule.match.kind === "program"
        ? `run ${escapeHidden(rule.match.path)} with any arguments in ${escapeHidden(rule.match.cwd)}`
        : "",
    tool: () => (rule.match.kind === "tool" ? `use ${rule.tool} in ${escapeHidden(rule.match.workspace)}` : ""),
  }[rule.match.kind]();
  const where = {
    session: "in this conversation",
    agent: "in all conversations of this agent",
    everywhere: "everywhere",
  }[rule.where.kind];
  const until =
    rule.expiresAtMs === undefined
      ? "until you revoke it"
      : `until ${new Date(rule.expiresAtMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  return `May ${what} without asking, up to level ${rule.maxLevel}, ${where}, ${until}.`;
}
