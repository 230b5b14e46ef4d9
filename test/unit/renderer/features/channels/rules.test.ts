/** Who may write: the sentence says what the settings do, and only what was changed is written. */
import { describe, expect, it } from "vitest";
import { en } from "#renderer/i18n/locales/en.ts";
import {
  DM_POLICIES,
  GROUP_POLICIES,
  hasSoundLimits,
  readAccess,
  toAccessSettings,
  toSentence,
} from "#renderer/features/channels/access/rules.ts";

describe("the rules of a channel", () => {
  it("are the careful ones when nothing is written", () => {
    expect(readAccess({ dmPolicy: "nonsense" })).toEqual({
      dmPolicy: "pairing",
      groupPolicy: "allowlist",
      requireMention: true,
      allowFrom: "",
      perMinute: "20",
      burst: "10",
    });
  });

  it("are written only where they differ", () => {
    const kept = { dmPolicy: "open", allowFrom: ["1", "2"], rateLimit: { perMinute: 5, burst: 2 } };
    const rules = readAccess(kept);
    expect(toAccessSettings(rules, kept)).toEqual({});
    expect(toAccessSettings({ ...rules, dmPolicy: "pairing", allowFrom: " 1 \n\n3", perMinute: "7" }, kept)).toEqual({
      dmPolicy: "pairing",
      allowFrom: ["1", "3"],
      rateLimit: { perMinute: 7, burst: 2 },
    });
  });

  it("have limits that are whole numbers above zero", () => {
    for (const perMinute of ["0", "-1", "1.5", "many", ""]) {
      expect(hasSoundLimits({ perMinute, burst: "1" })).toBe(false);
    }
    expect(hasSoundLimits({ perMinute: "20", burst: "10" })).toBe(true);
  });
});

describe("the sentence", () => {
  it("says the default in full", () => {
    const parts = toSentence(readAccess({}), true);
    expect(parts.map((part) => en.access[part]).join(" ")).toBe(
      "Anyone may write. Strangers get a code and wait until you let them in. " +
        "In groups only those you listed, and only when they mention it.",
    );
  });

  it("exists for every choice, and leaves groups out where there are none", () => {
    for (const dmPolicy of DM_POLICIES) {
      for (const groupPolicy of GROUP_POLICIES) {
        for (const requireMention of [true, false]) {
          const rules = { ...readAccess({}), dmPolicy, groupPolicy, requireMention };
          for (const part of toSentence(rules, true)) expect(en.access[part]).toMatch(/\.$/);
          expect(toSentence(rules, false)).toEqual([`dm_${dmPolicy}`]);
        }
      }
    }
  });
});
