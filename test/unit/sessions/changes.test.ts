import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { silentLogger } from "#main/base/logger.ts";
import { createChanges } from "#main/sessions/changes.ts";
import type { FileChange } from "#main/tools/contract.ts";
import { applyPatchTool } from "#main/tools/apply_patch/index.ts";
import { editTool } from "#main/tools/edit/index.ts";
import { writeTool } from "#main/tools/write/index.ts";
import { createWorkspace, refusalOf } from "#test/fakes/workspace.ts";
import { openStore } from "../store/open-store.ts";

async function start() {
  const { db, clock } = await openStore();
  const workspace = createWorkspace();
  const changes = createChanges({ db, clock, log: silentLogger });
  onTestFinished(() => changes.dispose());
  let calls = 0;
  const placeOf = (callId: string, runId = "run_1") => ({
    sessionKey: "agent:main:main",
    ...{ runId, callId, tool: "write", workspace: workspace.dir },
  });
  /** Runs a tool as the guard does; returns the id of the call. */
  const act = async (tool: Parameters<typeof workspace.act>[0], args: object) => {
    const callId = `call_${++calls}`;
    const recordChange = (change: FileChange) => changes.record(placeOf(callId), change);
    await workspace.act(tool, args, { recordChange });
    await clock.advance(1000);
    return callId;
  };
  return { db, clock, workspace, changes, act, placeOf };
}

it("undoes a change, and undoes the undoing", async () => {
  const { workspace, changes, act } = await start();
  workspace.put("a.txt", "old");
  const callId = await act(writeTool, { path: "a.txt", content: "new" });
  const [row] = await changes.list({ callId });
  expect(row).toMatchObject({ path: "a.txt", kind: "changed", bytesBefore: 3, bytesAfter: 3, tool: "write" });
  expect(row).not.toHaveProperty("undoneAt");
  const [undone] = await changes.undo({ changeId: row?.changeId });
  expect(undone?.undoneAt).toBeGreaterThan(0);
  expect(workspace.get("a.txt")).toBe("old");
  expect(await refusalOf(changes.undo({ callId }))).toContain("undone already");
  const [redo] = await changes.list({});
  expect(redo?.tool).toBe("undo");
  await changes.undo({ changeId: redo?.changeId });
  expect(workspace.get("a.txt")).toBe("new");
  // In force again: it can be undone once more.
  await changes.undo({ callId });
  expect(workspace.get("a.txt")).toBe("old");
});

it("removes what a call made and brings back what it removed", async () => {
  const { workspace, changes, act } = await start();
  workspace.put("gone.txt", "bye\n");
  workspace.put("old.txt", "x\n");
  const patch =
    "*** Begin Patch\n*** Add File: n.txt\n+n\n*** Delete File: gone.txt\n*** Update File: old.txt\n" +
    "*** Move to: moved.txt\n@@\n-x\n+y\n*** End Patch\n";
  const callId = await act(applyPatchTool, { patch });
  expect(workspace.tree()).toEqual({ "moved.txt": "y\n", "n.txt": "n\n" });
  expect((await changes.list({ callId })).map(({ path, kind }) => `${kind} ${path}`)).toEqual([
    "removed old.txt",
    "removed gone.txt",
    "created moved.txt",
    "created n.txt",
  ]);
  await changes.undo({ callId });
  expect(workspace.tree()).toEqual({ "gone.txt": "bye\n", "old.txt": "x\n" });
});

it("undoes nothing of a call when one file was changed after it, unless forced", async () => {
  const { workspace, changes, act } = await start();
  workspace.put("a.txt", "a\n");
  workspace.put("b.txt", "b\n");
  const patch =
    "*** Begin Patch\n*** Update File: a.txt\n@@\n-a\n+A\n*** Update File: b.txt\n@@\n-b\n+B\n*** End Patch\n";
  const callId = await act(applyPatchTool, { patch });
  workspace.put("b.txt", "mine");
  expect(await refusalOf(changes.undo({ callId }))).toContain("'b.txt' has 4 bytes now, but was left with 2 bytes");
  expect(workspace.tree()).toEqual({ "a.txt": "A\n", "b.txt": "mine" });
  rmSync(join(workspace.dir, "b.txt"));
  expect(await refusalOf(changes.undo({ callId }))).toContain("'b.txt' is gone");
  workspace.put("b.txt", "mine");
  await changes.undo({ callId, force: true });
  expect(workspace.tree()).toEqual({ "a.txt": "a\n", "b.txt": "b\n" });
  const [newest] = await changes.list({ limit: 1 });
  expect(newest).toMatchObject({ tool: "undo" });
});

it("undoes several changes of one file in one call back to the first", async () => {
  const { workspace, changes, placeOf } = await start();
  workspace.put("a.txt", "3");
  const bytes = (text: string) => Buffer.from(text);
  for (const [before, after] of [
    ["1", "2"],
    ["2", "3"],
  ] as const) {
    await changes.record(placeOf("call"), { path: "a.txt", before: bytes(before), after: bytes(after) });
  }
  expect(await changes.undo({ callId: "call" })).toHaveLength(2);
  expect(workspace.get("a.txt")).toBe("1");
});

it("takes a change that never came about as undone", async () => {
  const { workspace, changes, placeOf } = await start();
  workspace.put("a.txt", "old");
  await changes.record(placeOf("call"), { path: "a.txt", before: Buffer.from("old"), after: Buffer.from("new") });
  await changes.undo({ callId: "call" });
  expect(workspace.get("a.txt")).toBe("old");
  expect(await changes.list({})).toHaveLength(1);
});

it("asks for the run when several have a call of that name", async () => {
  const { workspace, changes, placeOf } = await start();
  workspace.put("a.txt", "2");
  const change = { path: "a.txt", before: Buffer.from("1"), after: Buffer.from("2") };
  await changes.record(placeOf("call", "run_1"), change);
  await changes.record(placeOf("call", "run_2"), change);
  expect(await refusalOf(changes.undo({ callId: "call" }))).toContain("Several runs");
  await changes.undo({ callId: "call", runId: "run_2" });
  expect(workspace.get("a.txt")).toBe("1");
});

it("refuses what it cannot keep, and then nothing is changed", async () => {
  const { changes, placeOf } = await start();
  const before = Buffer.alloc(10 * 1024 * 1024 + 1);
  expect(await refusalOf(changes.record(placeOf("c"), { path: "a", before, after: null }))).toContain("10 MB");
  expect(await refusalOf(changes.undo({}))).toContain("either");
  expect(await refusalOf(changes.undo({ changeId: "chg_no" }))).toContain("no such change");
});

it("[FS-02] undoes nothing outside when a folder became a link meanwhile", async () => {
  const { workspace, changes, act } = await start();
  const callId = await act(writeTool, { path: "d/secret.txt", content: "mine" });
  rmSync(join(workspace.dir, "d"), { recursive: true });
  symlinkSync(workspace.outside, join(workspace.dir, "d"));
  expect(await refusalOf(changes.undo({ callId, force: true }))).toContain("leads out");
  expect(workspace.tree(workspace.outside)).toEqual({ "secret.txt": "secret" });
});

it("undoes each change once, whoever asks at the same time", async () => {
  const { workspace, changes, act } = await start();
  workspace.put("a.txt", "old");
  const callId = await act(editTool, { path: "a.txt", old_string: "old", new_string: "new" });
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => changes.undo({ callId })));
  expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected", "rejected"]);
  expect(await changes.list({})).toHaveLength(2);
});

it("forgets changes after 30 days", async () => {
  const { clock, changes, act } = await start();
  await act(writeTool, { path: "a.txt", content: "1" });
  await clock.advance(29 * 24 * 3_600_000);
  expect(await changes.list({})).toHaveLength(1);
  await clock.advance(2 * 24 * 3_600_000);
  expect(await changes.list({})).toEqual([]);
});
