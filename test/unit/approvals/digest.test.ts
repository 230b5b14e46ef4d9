import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GuardedCall } from "#main/approvals/contract.ts";
import { describeDrift, toCanonicalJson, toDigest } from "#main/approvals/digest.ts";
import type { Plan } from "#main/tools/contract.ts";

const call: GuardedCall = {
  ...{
    callId: "c",
    tool: "bash",
    args: { command: "sh x.sh" },
    level: 7,
    agentId: "main",
    sessionKey: "s",
    runId: "r",
  },
  requester: { channel: "webchat", sender: "d", isOwner: true },
};
const exec = { command: "sh x.sh", argv: ["sh", "x.sh"], cwd: "/w", env: { PATH: "/bin" }, resolvedPath: "/bin/sh" };
const file = { path: "/w/x.sh", identity: "1:2", sha256: "a".repeat(64) };
const plan: Plan = { summary: "Run sh x.sh", exec, files: [file], diff: "d", hosts: ["h"] };

const DRIFTS: [string, Plan, string][] = [
  ["[AP-01] argv", { ...plan, exec: { ...exec, argv: ["sh", "y.sh"] } }, "the command changed"],
  ["[AP-03] a trailing space", { ...plan, exec: { ...exec, argv: ["sh ", "x.sh"] } }, "the command changed"],
  [
    "[AP-02] the environment",
    { ...plan, exec: { ...exec, env: { PATH: "/bin", LD_PRELOAD: "x" } } },
    "the environment changed",
  ],
  ["[AP-04] the folder", { ...plan, exec: { ...exec, cwd: "/v" } }, "the folder changed"],
  ["[AP-05] the script's content", { ...plan, files: [{ ...file, sha256: "b".repeat(64) }] }, "/w/x.sh changed"],
  ["[AP-06] the program", { ...plan, exec: { ...exec, resolvedPath: "/tmp/sh" } }, "another program would run"],
  ["[AP-04] the identity of a file", { ...plan, files: [{ ...file, identity: "1:3" }] }, "/w/x.sh changed"],
  ["a further file", { ...plan, files: [file, { ...file, path: "/w/z" }] }, "/w/z changed"],
  ["the diff", { ...plan, diff: "e" }, "what would happen changed"],
  ["the host", { ...plan, hosts: ["i"] }, "what would happen changed"],
];

describe("the digest", () => {
  it.each(DRIFTS)("changes with %s", (_what, changed, words) => {
    expect(toDigest(call, changed)).not.toBe(toDigest(call, plan));
    expect(describeDrift(plan, changed)).toBe(words);
  });

  it("changes with tool, arguments, level, agent and session, and not with the run", () => {
    const digest = toDigest(call, plan);
    for (const more of [
      { tool: "python" },
      { args: { command: "sh y.sh" } },
      { level: 5 as const },
      { agentId: "b" },
      { sessionKey: "t" },
    ]) {
      expect(toDigest({ ...call, ...more }, plan)).not.toBe(digest);
    }
    expect(toDigest({ ...call, runId: "other", callId: "d" }, plan)).toBe(digest);
    expect(describeDrift(plan, structuredClone(plan))).toBeUndefined();
  });

  it("does not depend on the order of keys, and tells different values apart", () => {
    expect(toCanonicalJson({ b: 1, a: [{ d: 1, c: undefined }] })).toBe('{"a":[{"d":1}],"b":1}');
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        if (same) expect(toCanonicalJson(a)).toBe(toCanonicalJson(b));
        expect(JSON.parse(toCanonicalJson(a))).toEqual(JSON.parse(JSON.stringify(a)));
      }),
    );
  });
});
