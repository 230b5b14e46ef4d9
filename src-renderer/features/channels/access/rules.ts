/** Who may write to a channel: the settings as rules, the rules as parts of a sentence. Pure. */

export const DM_POLICIES = ["pairing", "allowlist", "open", "disabled"] as const;
export const GROUP_POLICIES = ["allowlist", "open", "disabled"] as const;
export type DmPolicy = (typeof DM_POLICIES)[number];
export type GroupPolicy = (typeof GROUP_POLICIES)[number];

export interface AccessRules {
  dmPolicy: DmPolicy;
  groupPolicy: GroupPolicy;
  requireMention: boolean;
  /** Ids of people, one per line as typed. */
  allowFrom: string;
  /** Messages of one person per minute, as typed. */
  perMinute: string;
  /** Messages of one person at once, as typed. */
  burst: string;
}

type Settings = Readonly<Record<string, unknown>>;

export function readAccess(settings: Settings): AccessRules {
  const { allowFrom, rateLimit } = settings as { allowFrom?: unknown; rateLimit?: Record<string, unknown> };
  return {
    dmPolicy: DM_POLICIES.find((policy) => policy === settings["dmPolicy"]) ?? "pairing",
    groupPolicy: GROUP_POLICIES.find((policy) => policy === settings["groupPolicy"]) ?? "allowlist",
    requireMention: settings["requireMention"] !== false,
    allowFrom: Array.isArray(allowFrom) ? allowFrom.join("\n") : "",
    perMinute: String(rateLimit?.["perMinute"] ?? 20),
    burst: String(rateLimit?.["burst"] ?? 10),
  };
}

function toCount(typed: string): number | undefined {
  const count = Number(typed);
  return Number.isInteger(count) && count > 0 ? count : undefined;
}

/** True when both limits are whole numbers above zero. */
export function hasSoundLimits(rules: Pick<AccessRules, "perMinute" | "burst">): boolean {
  return toCount(rules.perMinute) !== undefined && toCount(rules.burst) !== undefined;
}

/** What to write: only what differs from what is kept. */
export function toAccessSettings(rules: AccessRules, kept: Settings): Record<string, unknown> {
  const before = readAccess(kept);
  const ids = rules.allowFrom.split("\n").flatMap((line) => line.trim() || []);
  const wanted: Record<string, unknown> = {
    dmPolicy: rules.dmPolicy,
    groupPolicy: rules.groupPolicy,
    requireMention: rules.requireMention,
    allowFrom: ids,
    rateLimit: { perMinute: toCount(rules.perMinute), burst: toCount(rules.burst) },
  };
  const isChanged: Record<string, boolean> = {
    dmPolicy: rules.dmPolicy !== before.dmPolicy,
    groupPolicy: rules.groupPolicy !== before.groupPolicy,
    requireMention: rules.requireMention !== before.requireMention,
    allowFrom: ids.join("\n") !== before.allowFrom,
    rateLimit: rules.perMinute !== before.perMinute || rules.burst !== before.burst,
  };
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => isChanged[name]));
}

export type SentencePart =
  | `dm_${DmPolicy}`
  | "group_disabled"
  | `group_${Exclude<GroupPolicy, "disabled">}_${"mention" | "always"}`;

/** Who may write and what happens, as parts of a sentence. @param hasGroups the platform has groups */
export function toSentence(rules: AccessRules, hasGroups: boolean): SentencePart[] {
  const { dmPolicy, groupPolicy, requireMention } = rules;
  const parts: SentencePart[] = [`dm_${dmPolicy}`];
  if (!hasGroups) return parts;
  if (groupPolicy === "disabled") parts.push("group_disabled");
  else parts.push(`group_${groupPolicy}_${requireMention ? "mention" : "always"}`);
  return parts;
}
