/** When a yes counts, how long is left, whom the focus belongs to, and what "always" becomes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ARM_MS,
  isArmed,
  mayAllow,
  mayTakeFocus,
  toClock,
  toExpiry,
  toLeft,
  toMatches,
  toRule,
  toSpokenLeft,
  toVisible,
} from "#renderer/features/approvals/questions.ts";
import { toRequest } from "#test/fakes/renderer-acting-scenes.ts";

describe("allowing", () => {
  it("[EL-14] counts only after a second and a half in view, and only when the end was in view", () => {
    expect(isArmed({ shownAt: 0, isRead: true, now: ARM_MS - 1 })).toBe(false);
    expect(isArmed({ shownAt: 0, isRead: true, now: ARM_MS })).toBe(true);
    expect(isArmed({ shownAt: 0, isRead: false, now: 60_000 })).toBe(false);
    expect(isArmed({ shownAt: undefined, isRead: true, now: 60_000 })).toBe(false);
  });

  it("[EL-14] is never possible within half a second, whatever else holds", () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(499), fc.boolean(), (shownAt, after, isRead) => {
        expect(isArmed({ shownAt, isRead, now: shownAt + after })).toBe(false);
      }),
    );
  });

  it("[EL-14] ignores a key that is held and the second half of a double press", () => {
    expect(mayAllow({ isRepeat: true, isArmed: true })).toBe(false);
    expect(mayAllow({ isRepeat: false, isArmed: false })).toBe(false);
    expect(mayAllow({ isRepeat: false, isArmed: true })).toBe(true);
  });
});

describe("the focus", () => {
  const facts = { isOwn: true, isWindowFocused: true, focused: "nothing", draft: "", sinceKeyMs: undefined } as const;

  it("goes to deny when the question came of what the person did here", () => {
    expect(mayTakeFocus(facts)).toBe(true);
    expect(mayTakeFocus({ ...facts, focused: "composer" })).toBe(true);
    expect(mayTakeFocus({ ...facts, isOwn: false })).toBe(false);
    expect(mayTakeFocus({ ...facts, isWindowFocused: false })).toBe(false);
  });

  it("[EL-14] is never taken from someone who types or works elsewhere", () => {
    expect(mayTakeFocus({ ...facts, focused: "composer", draft: "Half a sen" })).toBe(false);
    expect(mayTakeFocus({ ...facts, focused: "composer", sinceKeyMs: 120 })).toBe(false);
    expect(mayTakeFocus({ ...facts, focused: "elsewhere" })).toBe(false);
  });
});

describe("the time left", () => {
  it("[AP-22] follows the gateway's clock and is never negative", () => {
    expect(toLeft({ expiresAtMs: 10_000 }, 4000, 0)).toBe(6000);
    expect(toLeft({ expiresAtMs: 10_000 }, 4000, -3000)).toBe(3000);
    expect(toLeft({ expiresAtMs: 10_000 }, 50_000, 0)).toBe(0);
    expect(toClock(65_000)).toBe("1:05");
    expect(toClock(0)).toBe("0:00");
  });

  it("is told in minutes and then in tens of seconds, so that it changes at most every ten seconds", () => {
    expect(toSpokenLeft(118_000)).toEqual({ unit: "minute", count: 2 });
    expect(toSpokenLeft(60_000)).toEqual({ unit: "second", count: 60 });
    expect(toSpokenLeft(41_000)).toEqual({ unit: "second", count: 50 });
    expect(toSpokenLeft(0)).toEqual({ unit: "second", count: 0 });
    const told = Array.from({ length: 121 }, (_, second) => JSON.stringify(toSpokenLeft(second * 1000)));
    const changes = told.filter((words, at) => at > 0 && words !== told[at - 1]);
    expect(changes.length).toBeLessThanOrEqual(8);
  });

  it("never tells less than there is", () => {
    fc.assert(
      fc.property(fc.nat(3_600_000), (left) => {
        const { unit, count } = toSpokenLeft(left);
        expect(count * (unit === "minute" ? 60_000 : 1000)).toBeGreaterThanOrEqual(left);
      }),
    );
  });
});

describe("what is shown", () => {
  it("[AP-18] has no invisible character left, and loses none", () => {
    expect(toVisible("rm \u202etxt.exe\u200b\u001b[31m")).toBe("rm \\u{202e}txt.exe\\u{200b}\\u{1b}[31m");
    expect(toVisible("one\n\ttwo")).toBe("one\n\ttwo");
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const shown = toVisible(text);
        expect(/[\p{Cf}\p{Zl}\p{Zp}]/u.test(shown)).toBe(false);
        const back = shown.replace(/\\u\{([0-9a-f]+)\}/g, (_, hex: string) => String.fromCodePoint(parseInt(hex, 16)));
        if (!text.includes("\\u{")) expect(back).toBe(text);
      }),
    );
  });
});

describe("what always means", () => {
  const request = toRequest();

  it("is chosen among what differs in what it matches, narrowest first", () => {
    const [first, second] = request.proposals;
    if (!first || !second) throw new Error("the scene has two proposals");
    const agent = { ...first, rule: { ...first.rule, where: { kind: "agent", agentId: "main" } as const } };
    expect(toMatches([first, agent, second])).toEqual([first, second]);
  });

  it("[I04] holds where and as long as the person chose, and no longer", () => {
    const rule = request.proposals[0]?.rule;
    if (!rule) throw new Error("the scene has a proposal");
    const now = new Date(2026, 10, 20, 8).getTime();
    const hour = toRule(rule, { reach: "session", duration: "hour" }, request, now);
    expect(hour).toEqual({
      ...rule,
      where: { kind: "session", sessionKey: "asked" },
      expiresAtMs: now + 3_600_000,
    });
    const forever = toRule(hour, { reach: "agent", duration: "revoked" }, request, now);
    expect(forever.where).toEqual({ kind: "agent", agentId: "main" });
    expect("expiresAtMs" in forever).toBe(false);
    expect(toExpiry("today", now)).toBe(new Date(2026, 10, 21).getTime());
  });
});
