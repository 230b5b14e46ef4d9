import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createAppendMemoryTool } from "#main/tools/append_memory/index.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import { createWorkspace, refusalOf } from "#test/fakes/workspace.ts";

// Local time, as the tool writes it, wherever the test runs.
const MORNING = new Date(2026, 1, 3, 8, 5).getTime();
const at = (now: number) => ({ clock: createManualClock(now) });

describe("append_memory", () => {
  const tool = createAppendMemoryTool();

  it("[H19] adds a note with its time to the file of the day, at level 3", async () => {
    const workspace = createWorkspace();
    expect(tool.level({ text: "x" } as never)).toBe(3);
    const told = await workspace.act(tool, { text: "likes tea" }, at(MORNING));
    expect(told).toEqual({ text: "Noted in 'memory/2026-02-03.md'." });
    await workspace.act(tool, { text: "  two\nlines \n" }, at(MORNING + 3_600_000));
    expect(workspace.get("memory/2026-02-03.md")).toBe("- 08:05 likes tea\n- 09:05 two\n  lines\n");
    await workspace.act(tool, { text: "tomorrow" }, at(MORNING + 86_400_000));
    expect(workspace.get("memory/2026-02-04.md")).toBe("- 08:05 tomorrow\n");
  });

  it("[H19] keeps what it changes before it writes, and writes nothing when that fails", async () => {
    const workspace = createWorkspace();
    workspace.put("memory/2026-02-03.md", "by hand");
    await workspace.act(tool, { text: "more" }, at(MORNING));
    const after = Buffer.from("by hand\n- 08:05 more\n");
    expect(workspace.changes).toEqual([{ path: "memory/2026-02-03.md", before: Buffer.from("by hand"), after }]);
    const recordChange = async () => {
      throw new Error("disk full");
    };
    await expect(workspace.act(tool, { text: "x" }, { ...at(MORNING), recordChange })).rejects.toThrow("disk full");
    expect(workspace.get("memory/2026-02-03.md")).toBe(String(after));
  });

  it("[H19] loses no note of many at once", async () => {
    const workspace = createWorkspace();
    const notes = Array.from({ length: 20 }, (_, index) => `note-${index}`);
    await Promise.all(notes.map((text) => workspace.act(tool, { text }, at(MORNING))));
    expect(workspace.get("memory/2026-02-03.md")).toBe(notes.map((text) => `- 08:05 ${text}\n`).join(""));
  });

  it("shows the owner the note as it is, the same before and after midnight", async () => {
    const workspace = createWorkspace();
    const plan = await workspace.plan(tool, { text: "a\nb" }, at(MORNING));
    expect(plan).toEqual({ summary: "Add a note to today's file in memory/", diff: "+a\n+b" });
    expect(await workspace.plan(tool, { text: "a\nb" }, at(MORNING + 86_400_000))).toEqual(plan);
    expect(workspace.tree()).toEqual({});
  });

  it("[FS-01] follows no link out of the workspace", async () => {
    const workspace = createWorkspace();
    symlinkSync(workspace.outside, join(workspace.dir, "memory"));
    expect(await refusalOf(workspace.act(tool, { text: "x" }, at(MORNING)))).toMatch(/leads out|link/);
    const other = createWorkspace();
    mkdirSync(join(other.dir, "memory"));
    symlinkSync(join(other.outside, "secret.txt"), join(other.dir, "memory/2026-02-03.md"));
    expect(await refusalOf(other.act(tool, { text: "x" }, at(MORNING)))).toMatch(/leads out|link/);
    expect(other.tree(other.outside)).toEqual({ "secret.txt": "secret" });
  });

  it("says when the day is full or its file is no text", async () => {
    const workspace = createWorkspace();
    workspace.put("memory/2026-02-03.md", "x".repeat(256 * 1024));
    expect(await refusalOf(workspace.act(tool, { text: "x" }, at(MORNING)))).toContain("is full");
    workspace.put("memory/2026-02-03.md", new Uint8Array([0, 1, 2]));
    expect(await refusalOf(workspace.act(tool, { text: "x" }, at(MORNING)))).toContain("binary");
  });
});
