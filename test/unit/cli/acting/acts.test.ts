/** What would happen, taking it back, and the record. */
import { describe, expect, it } from "vitest";
import type { ChangeRow } from "#main/protocol/methods/changes.ts";
import { callWith } from "../call-with.ts";

describe("gatehouse explain", () => {
  const told = { level: 4, decision: "ask", reason: "level 4 asks the owner\u200b", rule: "autoApproveLevels" };

  it("tells level, decision and rule without running anything", async () => {
    const methods = { "tools.explain": () => told };
    const { code, out, calls } = await callWith(methods, "explain", "write", "{path: 'a', content: ''}");
    expect([code, out]).toEqual([
      0,
      "write: level 4, asks you first: level 4 asks the owner\\u{200b} (autoApproveLevels)\n",
    ]);
    expect(calls).toEqual([{ method: "tools.explain", params: { tool: "write", args: { path: "a", content: "" } } }]);
    const more = await callWith(methods, "explain", "time", "-s", "work", "--json");
    expect(JSON.parse(more.out)).toEqual(told);
    expect(more.calls[0]?.params).toEqual({ tool: "time", args: {}, sessionKey: "work" });
  });

  it("takes a missing tool and arguments that are no object for bad usage", async () => {
    for (const words of [[], ["write", "[1]"], ["write", "{"], ["write", "{}", "{}"]]) {
      expect((await callWith({}, "explain", ...words)).code).toBe(2);
    }
  });
});

describe("gatehouse undo", () => {
  const change = (changeId: string, more: Partial<ChangeRow> = {}): ChangeRow => ({
    ...{ changeId, path: "notes.md", kind: "changed", sessionKey: "agent:main:main", runId: "r", callId: "c1" },
    ...{ tool: "write", at: 0, bytesBefore: 10, bytesAfter: 12 },
    ...more,
  });
  const changes = [
    change("chg_4", { tool: "undo", callId: "undo_1" }),
    change("chg_3", { undoneAt: 5, callId: "c3" }),
    change("chg_2", { path: "a\u202eb", callId: "c2" }),
    change("chg_1"),
  ];
  const methods = {
    "changes.list": () => ({ changes }),
    "changes.undo": () => ({ ok: true, undone: [changes[2]] }),
  };

  it("lists what can be taken back", async () => {
    const { code, out } = await callWith(methods, "undo");
    expect(code).toBe(0);
    expect(out).toContain("chg_3  1970-01-01 00:00  changed notes.md (10 → 12 bytes) by write, undone\n");
    expect(out).toContain("changed a\\u{202e}b");
  });

  it("takes back one change, by force when told", async () => {
    const { code, out, calls } = await callWith(methods, "undo", "chg_2", "--force");
    expect([code, calls[0]?.params]).toEqual([0, { changeId: "chg_2", force: true }]);
    expect(out).toContain("Undone: chg_2");
  });

  it("takes back with --last the whole newest call that stands, which an undoing is not", async () => {
    const { calls } = await callWith(methods, "undo", "--last");
    expect(calls.at(-1)).toEqual({ method: "changes.undo", params: { callId: "c2" } });
  });

  it("says when there is nothing to take back, and refuses a name beside --last", async () => {
    const none = await callWith({ "changes.list": () => ({ changes: changes.slice(0, 2) }) }, "undo", "--last");
    expect([none.code, none.err]).toEqual([
      1,
      "gatehouse undo: NOTHING_TO_UNDO: there is no change that could be undone\n",
    ]);
    expect((await callWith(methods, "undo", "chg_1", "--last")).code).toBe(2);
  });
});

describe("gatehouse audit", () => {
  const entry = {
    ...{ seq: 12, id: "aud_1", ts: 0, type: "tool.denied", level: "warning", actor: "agent:main" },
    message: "bash was denied\u001b[2J",
  };

  it("[I09] says that the record holds, or ends with 1 and names the entry", async () => {
    const good = await callWith({ "audit.verify": () => ({ ok: true, entries: 40 }) }, "audit", "verify");
    expect([good.code, good.out]).toEqual([0, "The record holds: 40 entries, none altered or missing.\n"]);
    const proof = { ok: false, entries: 40, broken: { seq: 17, id: "aud_17", reason: "its digest does not fit" } };
    const bad = await callWith({ "audit.verify": () => proof }, "audit", "verify");
    expect([bad.code, bad.err]).toEqual([1, "The record does not hold: entry 17 (aud_17): its digest does not fit\n"]);
    const json = await callWith({ "audit.verify": () => proof }, "audit", "verify", "--json");
    expect([json.code, JSON.parse(json.out)]).toEqual([1, proof]);
  });

  it("[I09] lists by filter, the newest first, with hidden characters written out", async () => {
    const methods = { "audit.list": () => ({ entries: [entry] }) };
    const { code, out, calls } = await callWith(methods, "audit", "list", "--type", "tool.denied", "--limit", "5");
    expect([code, calls[0]?.params]).toEqual([0, { type: "tool.denied", limit: 5 }]);
    expect(out).toBe("12  1970-01-01 00:00:00  warning  tool.denied  agent:main  bash was denied\\u{1b}[2J\n");
    expect((await callWith({ "audit.list": () => ({ entries: [] }) }, "audit")).out).toBe("No entries.\n");
  });

  it("[I09] exports to standard output as it is, and says when it is not all", async () => {
    const file = { fileName: "a.csv", mimeType: "text/csv", content: "seq,ts\r\n", truncated: true };
    const { code, out, err, calls } = await callWith(
      { "audit.export": () => file },
      ...["audit", "export", "--format", "csv", "--actor", "owner", "-s", "main"],
    );
    expect([code, out]).toEqual([0, "seq,ts\r\n"]);
    expect(err).toContain("Only the newest entries");
    expect(calls[0]?.params).toEqual({ format: "csv", actor: "owner", sessionKey: "main" });
  });

  it("takes unknown words, formats and limits for bad usage", async () => {
    for (const words of [["forget"], ["verify", "x"], ["export", "--format", "pdf"], ["list", "--limit", "0"]]) {
      expect((await callWith({}, "audit", ...words)).code).toBe(2);
    }
  });
});
