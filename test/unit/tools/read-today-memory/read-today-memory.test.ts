import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createAppendMemoryTool } from "#main/tools/append_memory/index.ts";
import { readTodayMemoryTool } from "#main/tools/read_today_memory/index.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import { createWorkspace, refusalOf } from "#test/fakes/workspace.ts";

const NOON = new Date(2026, 1, 3, 12, 0).getTime();
const at = (now: number) => ({ clock: createManualClock(now) });

it("[H19] reads what was noted today and not what was noted on another day, at level 1", async () => {
  const workspace = createWorkspace();
  expect(readTodayMemoryTool.level({})).toBe(1);
  const read = async (now: number) => (await workspace.act(readTodayMemoryTool, {}, at(now))).text;
  expect(await read(NOON)).toBe("(no notes today)");
  await workspace.act(createAppendMemoryTool(), { text: "grüßt" }, at(NOON));
  expect(await read(NOON)).toBe("- 12:00 grüßt\n");
  expect(await read(NOON + 86_400_000)).toBe("(no notes today)");
  workspace.put("memory/2026-02-05.md", "");
  expect(await read(NOON + 2 * 86_400_000)).toBe("(no notes today)");
});

it("[FS-01] reads nothing outside the workspace", async () => {
  const workspace = createWorkspace();
  symlinkSync(workspace.outside, join(workspace.dir, "memory"));
  expect(await refusalOf(workspace.act(readTodayMemoryTool, {}, at(NOON)))).toMatch(/leads out|link/);
});

it("refuses what is no text, or too much of it", async () => {
  const workspace = createWorkspace();
  workspace.put("memory/2026-02-03.md", new Uint8Array([0, 1]));
  expect(await refusalOf(workspace.act(readTodayMemoryTool, {}, at(NOON)))).toContain("binary");
  workspace.put("memory/2026-02-03.md", "x".repeat(512 * 1024 + 1));
  expect(await refusalOf(workspace.act(readTodayMemoryTool, {}, at(NOON)))).toMatch(/larger|bytes/);
});
