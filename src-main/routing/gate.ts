/**
 * Who may write: allow, ask the owner (pair), or drop with the reason. Pure. Access is decided by the platform's
 * unchangeable ids alone; names and titles are never looked at. What is not known is not let in.
 */
import type { InboundMessage } from "#main/channels/contract.ts";
import type { ChannelConfig } from "#main/config/schema.ts";
import type { PersonRole } from "#main/protocol/methods/channels.ts";

export type GateDecision =
  | { decision: "allow"; isOwner: boolean }
  /** A stranger in a direct chat: they get a code, and what they wrote waits. */
  | { decision: "pair" }
  | { decision: "drop"; reason: string };

export interface GateInput {
  message: Pick<InboundMessage, "chat" | "sender" | "text" | "mentionsMe" | "replyTo">;
  rules: ChannelConfig;
  /** What the owner decided about this sender, if anything. */
  role: PersonRole | undefined;
}

const lists = (ids: readonly (string | number)[] | undefined, id: string) =>
  ids?.some((entry) => String(entry) === id) === true;

/** The sender's standing from the configuration and from what the owner decided; a block wins over everything. */
export function toRole({
  message,
  rules,
  role,
}: Pick<GateInput, "rules" | "role"> & { message: { sender: { id: string } } }): PersonRole | undefined {
  if (role === "blocked") return role;
  const { id } = message.sender;
  if (role === "owner" || lists(rules.owners, id)) return "owner";
  return role === "allowed" || lists(rules.allowFrom, id) ? "allowed" : undefined;
}

export function decideAccess(input: GateInput): GateDecision {
  const { message, rules } = input;
  const role = toRole(input);
  if (role === "blocked") return { decision: "drop", reason: "blocked by the owner" };
  if (message.sender.isBot === true && role === undefined) return { decision: "drop", reason: "another bot" };
  return message.chat.kind === "direct" ? decideDirect(role, rules) : decideGroup(input, role);
}

function decideDirect(role: PersonRole | undefined, rules: ChannelConfig): GateDecision {
  const policy = rules.dmPolicy ?? "pairing";
  if (policy === "disabled") return { decision: "drop", reason: "direct messages are switched off" };
  const isWelcome = role !== undefined || policy === "open" || lists(rules.allowFrom, "*");
  if (isWelcome) return { decision: "allow", isOwner: role === "owner" };
  return policy === "pairing" ? { decision: "pair" } : { decision: "drop", reason: "not on the list" };
}

function decideGroup({ message, rules }: GateInput, role: PersonRole | undefined): GateDecision {
  const policy = rules.groupPolicy ?? "allowlist";
  if (policy === "disabled") return { decision: "drop", reason: "groups are switched off" };
  const { chat } = message;
  const listed = [...Object.keys(rules.groups ?? {}), ...Object.keys(rules.guilds ?? {})];
  const group =
    own(rules.groups, chat.id) ?? own(rules.guilds, chat.spaceId) ?? own(rules.groups, "*") ?? own(rules.guilds, "*");
  if (policy === "allowlist") {
    // Without a list of groups the people decide: whoever may write, may write in any group.
    const isListed = listed.length > 0 ? group !== undefined : role !== undefined;
    if (!isListed) return { decision: "drop", reason: "this group is not on the list" };
  }
  if (group?.allowFrom !== undefined && role !== "owner" && !lists(group.allowFrom, message.sender.id)) {
    return { decision: "drop", reason: "the sender is not on the list of this group" };
  }
  const needsMention = group?.requireMention ?? rules.requireMention ?? true;
  if (needsMention && !isMeant(message, rules.mentionPatterns ?? [])) {
    return { decision: "drop", reason: "not mentioned" };
  }
  return { decision: "allow", isOwner: role === "owner" };
}

function own<T>(record: Readonly<Record<string, T>> | undefined, key: string | undefined): T | undefined {
  return record !== undefined && key !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

function isMeant(message: GateInput["message"], patterns: readonly string[]): boolean {
  if (message.mentionsMe || message.replyTo?.isToMe === true) return true;
  return patterns.some((pattern) => toPattern(pattern)?.test(message.text.slice(0, 2000)) === true);
}

/** A pattern that is none matches nothing: it must never let anyone in. */
function toPattern(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, "iu");
  } catch {
    return undefined;
  }
}
