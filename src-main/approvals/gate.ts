/**
 * The only way to a tool's `run`: decides, plans, asks, checks that what was shown is still what would run, runs, and
 * records each step. The loop, `tools.invoke` and every later caller go through here. A fault anywhere before the run
 * denies; nothing is retried.
 */
import { AppError, messageOf } from "#main/base/errors.ts";
import type { Clock } from "#main/base/clock.ts";
import type { Audit, AuditEvent } from "#main/audit/contract.ts";
import type { Config } from "#main/config/schema.ts";
import type { GrantRule } from "#main/protocol/methods/approvals.ts";
import type { AnyTool, Plan, ToolContext, ToolResult } from "#main/tools/contract.ts";
import type { Explanation, Guard, GuardedCall, GuardProgress, Verdict } from "./contract.ts";
import type { Answer, Desk } from "./desk.ts";
import { describeDrift, toDigest } from "./digest.ts";
import { proposeGrants } from "./grant-rules.ts";
import type { Grants } from "./grants.ts";
import { decide, toPolicyRules } from "./policy.ts";
import { toApprovalRequest } from "./show.ts";

export interface GateDeps {
  clock: Clock;
  desk: Desk;
  grants: Grants;
  audit: Audit;
  /** Undefined: there is no such tool. Custom tools included. */
  findTool(name: string): AnyTool | undefined;
  /** The world of one call. Made anew for each, so that nothing leaks between sessions. */
  createContext(call: GuardedCall, signal: AbortSignal): ToolContext | Promise<ToolContext>;
  config(): Config;
  isElevated(sessionKey: string): boolean;
  /** Where commands run and behind which walls, in words: `this computer · bubblewrap`. */
  host(call: GuardedCall): string;
  /** Cuts the gateway's own secrets out of what a tool gave back. */
  cutSecrets(text: string): string;
}

/** A refusal that the model reads. Says what happened and that nothing was done. */
function refused(text: string): ToolResult {
  return { text: `${text} Nothing was done.`, isError: true };
}

export function createGate(deps: GateDeps): Guard {
  return {
    execute: (call, progress, signal) => execute(deps, call, progress, signal),
    explain: (call) => explain(deps, { ...call, callId: "explain", runId: "explain" }),
  };
}

function judge(deps: GateDeps, call: GuardedCall): Verdict {
  const tool = deps.findTool(call.tool);
  const input = { ...call, group: tool?.group, isElevated: deps.isElevated(call.sessionKey) };
  return decide(input, toPolicyRules(deps.config(), call.agentId, call.requester));
}

async function explain(deps: GateDeps, call: GuardedCall): Promise<Explanation> {
  const verdict = judge(deps, call);
  if (verdict.decision !== "ask") return { level: call.level, ...verdict };
  const tool = deps.findTool(call.tool);
  if (!tool) return { level: call.level, ...verdict };
  try {
    const context = await deps.createContext(call, new AbortController().signal);
    const plan = await toPlan(tool, call, context);
    const grant = await deps.grants.find(call, plan, context.workspace);
    if (grant) return { level: call.level, decision: "allow", reason: grant.sentence, rule: `grant ${grant.grantId}` };
    const why = plan.why === undefined ? verdict.reason : `${verdict.reason}: ${plan.why}`;
    return { level: call.level, ...verdict, reason: why };
  } catch (error) {
    return { level: call.level, ...verdict, reason: `${verdict.reason}; it would fail: ${messageOf(error)}` };
  }
}

async function toPlan(tool: AnyTool, call: GuardedCall, context: ToolContext): Promise<Plan> {
  return (
    (await tool.plan?.(call.args as never, context)) ?? {
      summary: `${call.tool} ${JSON.stringify(call.args)}`.slice(0, 500),
    }
  );
}

async function execute(
  deps: GateDeps,
  call: GuardedCall,
  progress: GuardProgress,
  signal: AbortSignal,
): Promise<ToolResult> {
  signal.throwIfAborted();
  const tool = deps.findTool(call.tool);
  const verdict = judge(deps, call);
  if (!tool || verdict.decision === "deny") {
    await record(deps, call, { type: "tool.denied", message: `${call.tool} was denied: ${verdict.reason}` });
    return refused(`${call.tool} is not allowed: ${verdict.reason}.`);
  }
  let context: ToolContext;
  let plan: Plan;
  try {
    context = await deps.createContext(call, signal);
    plan = await toPlan(tool, call, context);
  } catch (error) {
    signal.throwIfAborted();
    const reason = deps.cutSecrets(messageOf(error));
    await record(deps, call, { type: "tool.denied", message: `${call.tool} cannot be done: ${reason}` });
    return refused(`${call.tool} cannot be done: ${reason}`);
  }
  const grant = verdict.decision === "ask" ? await deps.grants.find(call, plan, context.workspace) : undefined;
  if (verdict.decision === "allow" || grant) {
    const reason = grant ? grant.sentence : verdict.reason;
    await record(deps, call, {
      type: "tool.allowed",
      message: `${plan.summary}: ${reason}`,
      data: { level: call.level },
    });
    if (grant) await deps.grants.used(grant.grantId);
    progress.onStart();
    return run(deps, { tool, call, context, plan, approvalId: undefined }, signal);
  }
  return askAndRun(deps, { tool, call, context, plan, progress }, signal);
}

interface Asked {
  tool: AnyTool;
  call: GuardedCall;
  context: ToolContext;
  plan: Plan;
  progress: GuardProgress;
}

async function askAndRun(deps: GateDeps, asked: Asked, signal: AbortSignal): Promise<ToolResult> {
  const { tool, call, context, plan, progress } = asked;
  const digest = toDigest(call, plan);
  const proposals = proposeGrants(call, plan, context.workspace);
  const request = toApprovalRequest(call, plan, digest, deps.host(call), proposals);
  const timeoutMs = deps.config().tools.approvals.timeoutSeconds * 1000;
  await record(deps, call, { type: "approval.requested", message: plan.summary, data: { level: call.level, digest } });
  let answer: Answer & { id: string };
  try {
    answer = await deps.desk.ask({ call, request, timeoutMs }, signal, (id) => progress.onWaiting(id));
  } catch (error) {
    signal.throwIfAborted();
    return refused(`${call.tool} needs the owner's approval, and could not be asked: ${messageOf(error)}.`);
  }
  progress.onResolved(answer.outcome);
  const type = answer.outcome === "expired" ? "approval.expired" : "approval.resolved";
  await record(deps, call, {
    type,
    actor: answer.by,
    message: `${answer.outcome}: ${plan.summary}`,
    data: { id: answer.id, digest },
  });
  signal.throwIfAborted();
  const refusal = toRefusal(call, answer);
  if (refusal) return refusal;
  // The policy may have become stricter while the question waited: the new one counts.
  const verdict = judge(deps, call);
  if (verdict.decision === "deny")
    return failStart(deps, call, answer.id, `${call.tool} is no longer allowed: ${verdict.reason}.`);
  // The world is looked at anew: another workspace, other settings or another environment void the answer too.
  let world: ToolContext;
  let now: Plan;
  try {
    world = await deps.createContext(call, signal);
    now = await toPlan(tool, call, world);
  } catch (error) {
    return failStart(deps, call, answer.id, `${call.tool} cannot be done any more: ${messageOf(error)}`);
  }
  if (toDigest(call, now) !== digest) {
    const drift = describeDrift(plan, now) ?? "what would happen changed";
    return failStart(deps, call, answer.id, `Not run: ${drift} since the owner was asked.`);
  }
  if (!(await deps.desk.start(answer.id))) return refused("Not run: this approval was used already.");
  if (answer.decision === "allow-always")
    await saveGrant(deps, call, plan, context.workspace, answer, proposals[0]?.rule);
  progress.onStart();
  return run(deps, { tool, call, context: world, plan, approvalId: answer.id }, signal);
}

function toRefusal(call: GuardedCall, answer: Answer): ToolResult | undefined {
  switch (answer.outcome) {
    case "allowed":
      return undefined;
    case "denied":
      return refused(`The owner said no to ${call.tool}. Do not try the same again; ask what to do instead.`);
    case "expired":
      return refused(`Nobody answered whether ${call.tool} may run (${answer.by}).`);
    case "could-not-show":
      return refused(`The question whether ${call.tool} may run could not be shown to the owner.`);
  }
}

/** Ends an approval that was given but whose run may not begin. */
async function failStart(deps: GateDeps, call: GuardedCall, approvalId: string, text: string): Promise<ToolResult> {
  if (await deps.desk.start(approvalId)) await deps.desk.end(approvalId, "failed", text, true);
  await record(deps, call, { type: "tool.denied", level: "warning", message: text });
  return refused(text);
}

async function saveGrant(
  deps: GateDeps,
  call: GuardedCall,
  plan: Plan,
  workspace: string,
  answer: Answer & { id: string },
  proposed: GrantRule | undefined,
): Promise<void> {
  const rule = answer.rule ?? proposed;
  if (rule === undefined) return;
  try {
    const grant = await deps.grants.save(rule, { call, plan, workspace, by: answer.by, approvalId: answer.id });
    await record(deps, call, {
      type: "grant.created",
      actor: answer.by,
      message: grant.sentence,
      data: { grantId: grant.grantId },
    });
  } catch (error) {
    // The one run was allowed all the same; only the "always" is not kept.
    await record(deps, call, {
      type: "grant.created",
      level: "warning",
      actor: answer.by,
      message: `not kept: ${messageOf(error)}`,
    });
  }
}

interface Allowed {
  tool: AnyTool;
  call: GuardedCall;
  context: ToolContext;
  plan: Plan;
  approvalId: string | undefined;
}

async function run(deps: GateDeps, allowed: Allowed, signal: AbortSignal): Promise<ToolResult> {
  const { tool, call, context, plan, approvalId } = allowed;
  const isChange = call.level >= 3 || approvalId !== undefined;
  if (isChange) await record(deps, call, { type: "tool.started", message: plan.summary });
  let result: ToolResult;
  try {
    result = await tool.run(call.args as never, context, plan);
  } catch (error) {
    const text = deps.cutSecrets(error instanceof AppError || error instanceof Error ? messageOf(error) : "it failed");
    result = { text: `${call.tool} failed: ${text}`, isError: true };
    if (approvalId !== undefined) await deps.desk.end(approvalId, "failed", result.text, true);
    await record(deps, call, { type: "tool.failed", message: result.text.slice(0, 500) });
    signal.throwIfAborted();
    return result;
  }
  result = { ...result, text: deps.cutSecrets(result.text) };
  const unkept = await keepOutcome(deps, allowed, result, isChange);
  if (unkept !== undefined) result = { ...result, text: `${result.text}\n[${unkept}]` };
  return result;
}

/**
 * Writes down what came of a run. It has happened: where that cannot be written, the model still reads the outcome, or
 * it would take it for a failure and do it again.
 * @returns what could not be done, in words
 */
async function keepOutcome(
  deps: GateDeps,
  { call, plan, approvalId }: Allowed,
  result: ToolResult,
  isChange: boolean,
): Promise<string | undefined> {
  const isError = result.isError === true;
  try {
    if (approvalId !== undefined) await deps.desk.end(approvalId, isError ? "failed" : "done", result.text, isError);
    const type = isError ? "tool.failed" : "tool.finished";
    const data = { characters: result.text.length };
    if (isChange) await record(deps, call, { type, message: plan.summary, data });
    return undefined;
  } catch (error) {
    return `It was done, but this could not be recorded: ${messageOf(error)}`;
  }
}

function record(
  deps: GateDeps,
  call: GuardedCall,
  event: Omit<AuditEvent, "actor"> & { actor?: string },
): Promise<void> {
  return deps.audit.append({
    actor: `agent:${call.agentId}`,
    target: call.tool,
    sessionKey: call.sessionKey,
    correlationId: call.runId,
    ...event,
  });
}
