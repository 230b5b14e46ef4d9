/** When a question may be answered, how long is left, what stays invisible. Pure. Must never let a yes through unread. */
import type { Approval, GrantRule } from "#main/protocol/methods/approvals.ts";

/** A yes counts this long after the question came into view, in milliseconds: nobody reads faster. */
export const ARM_MS = 1500;

interface Arming {
  /** When the question came into view, milliseconds; undefined: it is not in view. */
  shownAt: number | undefined;
  /** The last line was in view. */
  isRead: boolean;
  now: number;
}

/** True when "allow" may be pressed. */
export function isArmed({ shownAt, isRead, now }: Arming): boolean {
  return isRead && shownAt !== undefined && now - shownAt >= ARM_MS;
}

/** A key that is held down repeats; only its first press is meant. */
export function mayAllow(press: { isRepeat: boolean; isArmed: boolean }): boolean {
  return press.isArmed && !press.isRepeat;
}

/** Milliseconds left, never negative. @param skewMs this clock minus the gateway's */
export function toLeft(approval: Pick<Approval, "expiresAtMs">, now: number, skewMs: number): number {
  return Math.max(0, approval.expiresAtMs + skewMs - now);
}

/** What is told of the time left: whole minutes, then steps of ten seconds, so that a screen reader is not flooded. */
export function toSpokenLeft(leftMs: number): { unit: "minute" | "second"; count: number } {
  const seconds = Math.ceil(leftMs / 1000);
  if (seconds > 60) return { unit: "minute", count: Math.ceil(seconds / 60) };
  return { unit: "second", count: Math.ceil(seconds / 10) * 10 };
}

/** 1:05 */
export function toClock(leftMs: number): string {
  const seconds = Math.ceil(leftMs / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu;

/** The text with what an eye cannot see written out. The gateway does so too; here nothing depends on that. */
export function toVisible(text: string): string {
  return text.replace(HIDDEN, (character) =>
    character === "\n" || character === "\t" ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

interface FocusFacts {
  /** The person started the run in this window, and looks at it. */
  isOwn: boolean;
  isWindowFocused: boolean;
  /** What has the focus now. */
  focused: "nothing" | "composer" | "elsewhere";
  /** What stands in the composer. */
  draft: string;
  /** Milliseconds since the last key; undefined: none yet. */
  sinceKeyMs: number | undefined;
}

/** A pause this long after the last key means that nobody is typing, in milliseconds. */
const PAUSE_MS = 600;

/** Whether the focus may go to "Deny": never away from someone who types. */
export function mayTakeFocus(facts: FocusFacts): boolean {
  if (!facts.isOwn || !facts.isWindowFocused || facts.focused === "elsewhere") return false;
  const isTyping = facts.sinceKeyMs !== undefined && facts.sinceKeyMs < PAUSE_MS;
  return facts.focused === "nothing" || (facts.draft === "" && !isTyping);
}

export const DURATIONS = ["hour", "today", "month", "revoked"] as const;
export type Duration = (typeof DURATIONS)[number];
export type Reach = "session" | "agent";

/** When a permission ends: in an hour, at midnight, in thirty days, or when it is taken back. */
export function toExpiry(duration: Duration, now: number): number | undefined {
  if (duration === "hour") return now + 3_600_000;
  if (duration === "today") return new Date(now).setHours(24, 0, 0, 0);
  return duration === "month" ? now + 30 * 86_400_000 : undefined;
}

type Proposal = Approval["request"]["proposals"][number];

/** The proposals that differ in what they match, narrowest first: where they hold is asked apart. */
export function toMatches(proposals: readonly Proposal[]): Proposal[] {
  const matches = proposals.map(({ rule }) => JSON.stringify(rule.match));
  return proposals.filter((_, at) => matches.indexOf(matches[at] ?? "") === at);
}

/** The rule that the person put together. */
export function toRule(
  proposal: GrantRule,
  choice: { reach: Reach; duration: Duration },
  request: Pick<Approval["request"], "sessionKey" | "agentId">,
  now: number,
): GrantRule {
  const { expiresAtMs: _, ...rest } = proposal;
  const expiresAtMs = toExpiry(choice.duration, now);
  const where: GrantRule["where"] =
    choice.reach === "session"
      ? { kind: "session", sessionKey: request.sessionKey }
      : { kind: "agent", agentId: request.agentId };
  return { ...rest, where, ...(expiresAtMs === undefined ? {} : { expiresAtMs }) };
}
