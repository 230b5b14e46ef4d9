/** Who may write to a channel: the settings as rules, the rules as parts of a sentence. Pure. */

export const DM_POLICIES = ["pairing", "allowlist", "open", "disabled"] as const;
export const GROUP_POLICIES = ["allowlist", "open", "disabled"] as const;
type DmPolicy = (typeof DM_POLICIES)[number];
type GroupPolicy = (typeof GROUP_POLICIES)[number];

/** Lists and numbers stay as they were typed: ids of people one per line, messages of one person. */
export interface AccessRules {
  dmPolicy: DmPolicy;
  groupPolicy: GroupPolicy;
  requireMention: boolean;
  allowFrom: string;
  perMinute: string;
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

/** A whole number above zero. */
export function isLimit(typed: string): boolean {
  return Number.isInteger(Number(typed)) && Number(typed) > 0;
}

export function hasSoundLimits(rules: Pick<AccessRules, "perMinute" | "burst">): boolean {
  return isLimit(rules.perMinute) && isLimit(rules.burst);
}

function toSettings({ allowFrom, perMinute, burst, ...policies }: AccessRules): Record<string, unknown> {
  return {
    ...policies,
    allowFrom: allowFrom.split("\n").flatMap((line) => line.trim() || []),
    rateLimit: { perMinute: Number(perMinute), burst: Number(burst) },
  };
}

/** What to write: only what differs from what is kept. */
export function toAccessSettings(rules: AccessRules, kept: Settings): Record<string, unknown> {
  const before = toSettings(readAccess(kept));
  const isChanged = ([name, value]: [string, unknown]) => JSON.stringify(value) !== JSON.stringify(before[name]);
  return Object.fromEntries(Object.entries(toSettings(rules)).filter(isChanged));
}

/** Who may write and what happens, as parts of a sentence. @param hasGroups the platform has groups */
export function toSentence({ dmPolicy, groupPolicy, requireMention }: AccessRules, hasGroups: boolean) {
  const direct = `dm_${dmPolicy}` as const;
  if (!hasGroups) return [direct];
  if (groupPolicy === "disabled") return [direct, "group_disabled" as const];
  return [direct, `group_${groupPolicy}_${requireMention ? "mention" : "always"}` as const];
}
