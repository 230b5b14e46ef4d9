import { describe, expect, it } from "vitest";
import { toApproval } from "../../shell/approvals/approval.ts";
import { toApprovalText } from "#main/cli/acting/words.ts";
import { callWith } from "../call-with.ts";
import { Refusal } from "../fake-gateway.ts";

const waiting = { ...toApproval("apr_1"), expiresAtMs: Number.MAX_SAFE_INTEGER };
const tricky = toApproval("apr_2", {
  command: "rm -rf ~\u202e\u001b[2J\nls",
  warnings: ["holds 2 invisible characters"],
  diff: "-old\n+new",
});

describe("gatehouse approvals", () => {
  it("[I02] lists what waits, with level and time left", async () => {
    const methods = { "exec.approval.list": () => [waiting, tricky] };
    const { code, out } = await callWith(methods, "approvals");
    expect(code).toBe(0);
    expect(out).toMatch(/^apr_1  level 4  Create notes\/apr_1.md with 12 bytes  \(waits, \d+:\d\d left\)$/m);
    expect(out).toMatch(/^apr_2 .*0:00 left\)  !$/m);
    expect(JSON.parse((await callWith(methods, "approvals", "list", "--json")).out)).toEqual([waiting, tricky]);
    expect((await callWith({ "exec.approval.list": () => [] }, "approvals")).out).toBe("Nothing waits for you.\n");
  });

  it("[AP-18] shows the whole request, with hidden characters written out", async () => {
    const methods = { "exec.approval.get": () => ({ approval: tricky }) };
    const { code, out, calls } = await callWith(methods, "approvals", "show", "apr_2");
    expect(code).toBe(0);
    expect(calls[0]?.params).toEqual({ id: "apr_2" });
    expect(out).toContain("    rm -rf ~\\u{202e}\\u{1b}[2J\n    ls\n");
    expect(out).toContain("Warning: holds 2 invisible characters");
    expect(out).toContain("    -old\n    +new");
    expect(out).not.toMatch(/[\u001b\u202e]/);
  });

  it("[I04] allows once and denies by id", async () => {
    const methods = {
      "exec.approval.get": () => ({ approval: waiting }),
      "exec.approval.resolve": () => ({ ok: true }),
    };
    const allow = await callWith(methods, "approvals", "allow", "apr_1");
    expect(allow.calls[1]?.params).toEqual({ id: "apr_1", decision: "allow-once" });
    expect(allow.out).toContain("Allowed once: apr_1  level 4  Create notes/apr_1.md");
    const deny = await callWith(methods, "approvals", "deny", "apr_1", "--json");
    expect(deny.calls[1]?.params).toEqual({ id: "apr_1", decision: "deny" });
    expect(JSON.parse(deny.out)).toEqual({ ok: true, id: "apr_1", decision: "deny" });
  });

  it("[AP-20] ends with 1 when it was answered elsewhere, and says how", async () => {
    const methods = {
      "exec.approval.get": () => ({ approval: waiting }),
      "exec.approval.resolve": () => {
        throw new Refusal({ code: "ALREADY_RESOLVED", message: "already resolved: denied" });
      },
    };
    const { code, err } = await callWith(methods, "approvals", "allow", "apr_1");
    expect([code, err]).toEqual([1, "gatehouse approvals: ALREADY_RESOLVED: already resolved: denied\n"]);
  });

  it("takes a missing id, two ids and an unknown word for bad usage", async () => {
    for (const words of [["allow"], ["deny", "a", "b"], ["forget", "a"]]) {
      expect((await callWith({}, "approvals", ...words)).code).toBe(2);
    }
  });

  it("says what became of an approval that is over", () => {
    const over = { ...waiting, status: "resolved" as const, outcome: "allowed" as const, resolvedBy: "device:d1" };
    expect(toApprovalText({ ...over, run: "unknown" }, 0)).toContain("allowed by device:d1; the run: unknown");
    expect(toApprovalText({ ...over, outcome: "could-not-show" }, 0)).toContain("could-not-show");
  });
});
