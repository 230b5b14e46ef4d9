import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GuardedCall } from "#main/approvals/contract.ts";
import { escapeHidden, findWarnings, toApprovalRequest } from "#main/approvals/show.ts";

const call: GuardedCall = {
  ...{ callId: "c", tool: "bash", args: {}, level: 7, agentId: "main", sessionKey: "agent:main:main", runId: "r" },
  requester: { channel: "webchat", sender: "d", isOwner: true },
};

describe("what is shown", () => {
  it("[AP-18] writes out what an eye cannot see", () => {
    expect(escapeHidden("rm\u202e -rf\u200b /\u0007\u001b[2K")).toBe("rm\\u{202e} -rf\\u{200b} /\\u{7}\\u{1b}[2K");
    expect(escapeHidden("a\u{e0041}b\u00a0c\u3000d\ud800")).toBe("a\\u{e0041}b\\u{a0}c\\u{3000}d\\u{d800}");
    expect(escapeHidden("one\ntwo\tthree\r", true)).toBe("one\ntwo\tthree\\u{d}");
    expect(escapeHidden("naïve 日本語 🙂 größer")).toBe("naïve 日本語 🙂 größer");
  });

  it("[AP-18] leaves nothing hidden, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(escapeHidden(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u00a0\u3000]/u);
      }),
    );
  });

  it("warns of hidden characters and of letters that look alike", () => {
    expect(findWarnings("ls -la")).toEqual([]);
    expect(findWarnings("größe naïve 日本語")).toEqual([]);
    expect(findWarnings("cat\u200b x")).toEqual(["holds 1 invisible character, shown as \\u{…}"]);
    expect(findWarnings("curl pаypal.com").join()).toContain("mixes Latin and Cyrillic");
    expect(findWarnings("ｒｍ file").join()).toContain("full-width");
  });

  it("[AP-19] shows the whole command, its parts, folder and program, and names of the environment only", () => {
    const exec = {
      command: `echo ${"x".repeat(5000)}\nrm -rf \u202e/`,
      argv: ["/bin/bash", "-c", "echo"],
      cwd: "/w",
      env: { PATH: "/bin", TOKEN: "hidden" },
      resolvedPath: "/bin/bash",
    };
    const shown = toApprovalRequest(
      call,
      { summary: "Run a command", exec, why: "two lines" },
      "d",
      "this computer",
      [],
    );
    expect(shown.command).toBe(`echo ${"x".repeat(5000)}\nrm -rf \\u{202e}/`);
    expect(shown).toMatchObject({
      argv: exec.argv,
      cwd: "/w",
      resolvedPath: "/bin/bash",
      envKeys: ["PATH", "TOKEN"],
      why: "two lines",
    });
    expect(JSON.stringify(shown)).not.toContain("hidden");
    expect(shown.warnings).toEqual(["holds 1 invisible character, shown as \\u{…}"]);
  });

  it("offers always only with something to offer, and never for level 8", () => {
    const rule = {
      tool: "bash",
      match: { kind: "tool" as const, workspace: "/w" },
      where: { kind: "everywhere" as const },
      maxLevel: 7,
    };
    const proposals = [{ rule, sentence: "s" }];
    const decisions = (level: GuardedCall["level"], offered: typeof proposals) =>
      toApprovalRequest({ ...call, level }, { summary: "s" }, "d", "h", offered).allowedDecisions;
    expect(decisions(7, proposals)).toEqual(["allow-once", "allow-always", "deny"]);
    expect(decisions(7, [])).toEqual(["allow-once", "deny"]);
    expect(decisions(8, proposals)).toEqual(["allow-once", "deny"]);
  });
});
