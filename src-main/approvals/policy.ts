/**
 * What may happen: allow, ask or deny, from the level of a call, the rules in force and who asked. Pure, and monotone: a
 * stricter setting never allows what a looser one would not. What is not known is denied.
 */
import type { Config, ToolRules } from "#main/config/schema.ts";
import { toToolName, type Level, type ToolGroup } from "#main/tools/contract.ts";
import type { Requester, Verdict } from "./contract.ts";

/** What the decision looks at. */
export interface PolicyInput {
  tool: string;
  /** Undefined: there is no such tool. */
  group: ToolGroup | undefined;
  level: Level;
  agentId: string;
  requester: Requester;
  /** `/elevated on` was said by the owner in this session. */
  isElevated: boolean;
}

/** The rules in force, gathered from the configuration. */
export interface PolicyRules {
  required: boolean;
  autoApproveLevels: readonly number[];
  /** In the order of their reach: everywhere, agent, channel, sender. */
  layers: readonly { name: string; rules: ToolRules }[];
}

/** Above this nothing runs without the owner's word, whatever the configuration says. */
const ALWAYS_ASK_FROM: Level = 8;
/** What someone else than the owner may cause without asking the owner. */
const STRANGER_LEVELS: readonly number[] = [1, 2];
const GROUP = "group:";

export function toPolicyRules(config: Config, agentId: string, requester: Requester): PolicyRules {
  const { approvals, allow, deny, elevated, byChannel, bySender } = config.tools;
  const sender = `${requester.channel}:${requester.sender}`;
  const found = [
    { name: "tools", rules: { allow, deny, elevated } },
    { name: `agents.${agentId}.tools`, rules: config.agents[agentId]?.tools },
    {
      name: `tools.byChannel.${requester.channel}`,
      rules: Object.hasOwn(byChannel, requester.channel) ? byChannel[requester.channel] : undefined,
    },
    { name: `tools.bySender.${sender}`, rules: Object.hasOwn(bySender, sender) ? bySender[sender] : undefined },
  ];
  const layers = found.flatMap(({ name, rules }) => (rules === undefined ? [] : [{ name, rules }]));
  return { required: approvals.required, autoApproveLevels: approvals.autoApproveLevels, layers };
}

/** A rule names a tool, by our name or another program's, a group, or everything (`*`). */
function names(list: readonly string[] | undefined, input: PolicyInput): string | undefined {
  return list?.find((entry) => {
    const name = toToolName(entry.trim().toLowerCase());
    return name === "*" || name === input.tool || (name.startsWith(GROUP) && name.slice(GROUP.length) === input.group);
  });
}

/** True for a tool of which every call is denied, whatever its arguments and its level. */
export function isDenied(tool: Omit<PolicyInput, "level" | "isElevated">, rules: PolicyRules): boolean {
  return decide({ ...tool, level: 1, isElevated: false }, rules).decision === "deny";
}

export function decide(input: PolicyInput, rules: PolicyRules): Verdict {
  if (input.group === undefined)
    return { decision: "deny", reason: `there is no tool ${input.tool}`, rule: "unknown tool" };
  for (const { name, rules: layer } of rules.layers) {
    const denied = names(layer.deny, input);
    if (denied !== undefined) return { decision: "deny", reason: `${name}.deny lists ${denied}`, rule: `${name}.deny` };
    const isListed = layer.allow === undefined || layer.allow.length === 0 || names(layer.allow, input) !== undefined;
    if (!isListed)
      return { decision: "deny", reason: `${name}.allow does not list ${input.tool}`, rule: `${name}.allow` };
  }
  if (input.level >= ALWAYS_ASK_FROM) {
    return { decision: "ask", reason: `level ${input.level} always asks the owner`, rule: "level" };
  }
  if (!input.requester.isOwner) {
    const mayRun = STRANGER_LEVELS.includes(input.level) && rules.autoApproveLevels.includes(input.level);
    return mayRun
      ? { decision: "allow", reason: `level ${input.level} runs without asking`, rule: "autoApproveLevels" }
      : {
          decision: "ask",
          reason: `level ${input.level}, asked for by someone else than the owner`,
          rule: "requester",
        };
  }
  const elevatedRule = rules.layers.find(({ rules: layer }) => names(layer.elevated, input) !== undefined);
  if (input.isElevated) return { decision: "allow", reason: "the owner elevated this session", rule: "elevated" };
  if (elevatedRule) {
    return {
      decision: "ask",
      reason: `${elevatedRule.name}.elevated lists ${input.tool}`,
      rule: `${elevatedRule.name}.elevated`,
    };
  }
  if (!rules.required)
    return { decision: "allow", reason: "tools.approvals.required is false", rule: "approvals.required" };
  if (rules.autoApproveLevels.includes(input.level)) {
    return { decision: "allow", reason: `level ${input.level} runs without asking`, rule: "autoApproveLevels" };
  }
  return { decision: "ask", reason: `level ${input.level} asks the owner`, rule: "autoApproveLevels" };
}
