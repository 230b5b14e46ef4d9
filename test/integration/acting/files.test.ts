/** The cases about files (FS) on every way that leads to a file tool, and a configuration that cannot be read (AP-30). */
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startActing, WAY_NAMES, type ActingWorld, type Way } from "./world.ts";

let world: ActingWorld;
let outside: string;
let number = 0;

beforeAll(async () => {
  world = await startActing();
  outside = join(world.stateDir, "outside");
  mkdirSync(outside);
});
afterAll(() => world.dispose());

const wayOf = (name: string): Way => world.ways.find((way) => way.name === name) as Way;

describe.each(WAY_NAMES)("a file tool, by %s", (name) => {
  const decided = (tool: string, args: Record<string, unknown>) => world.decided(wayOf(name), tool, args, "allow-once");

  it("[FS-03] does not follow a second name of a file outside", async () => {
    const secret = join(outside, `hard-${number}`);
    writeFileSync(secret, "private words");
    const link = `hard-${number++}`;
    linkSync(secret, join(world.workspace, link));
    for (const [tool, args] of [
      ["read", { path: link }],
      ["write", { path: link, content: "taken" }],
      ["edit", { path: link, old_string: "private", new_string: "taken" }],
    ] as const) {
      const outcome = await decided(tool, args);
      expect([tool, outcome.isError, outcome.text.includes("private words")]).toEqual([tool, true, false]);
    }
    expect(readFileSync(secret, "utf8")).toBe("private words");
  });

  it("[FS-02] [FS-17] makes nothing outside, through a link of a folder, a dangling link or a patch", async () => {
    const dir = `door-${number}`;
    symlinkSync(outside, join(world.workspace, dir));
    const dangling = `dangling-${number++}`;
    symlinkSync(join(outside, `made-${number}`), join(world.workspace, dangling));
    const add = (path: string) => `*** Begin Patch\n*** Add File: ${path}\n+taken\n*** End Patch`;
    for (const [tool, args] of [
      ["write", { path: `${dir}/made`, content: "taken" }],
      ["write", { path: dangling, content: "taken" }],
      ["apply_patch", { patch: add(`${dir}/made`) }],
      ["apply_patch", { patch: add("../outside/made") }],
      ["apply_patch", { patch: add(join(outside, "made")) }],
    ] as const) {
      expect([tool, args, (await decided(tool, args)).isError]).toEqual([tool, args, true]);
    }
    expect(existsSync(join(outside, "made"))).toBe(false);
    expect(existsSync(join(outside, `made-${number}`))).toBe(false);
    const inside = `patched-${number}-${name.length}`;
    expect((await decided("apply_patch", { patch: add(inside) })).isError).toBe(false);
    expect(world.content(inside)).toBe("taken\n");
  });

  it("[FS-06] [FS-08] reads a part of what is huge, quickly, and says that it is one", async () => {
    const path = world.put("huge.txt", "a line of words\n".repeat(1000));
    truncateSync(path, 2 ** 31);
    const from = performance.now();
    const outcome = await (await wayOf(name).start("read", { path: "huge.txt" })).end;
    expect(performance.now() - from).toBeLessThan(1000);
    expect(outcome.text.length).toBeLessThan(300_000);
  });

  it("[FS-11] writes for this account alone", async () => {
    const path = `private-${number++}/new.txt`;
    await decided("write", { path, content: "x" });
    expect(statSync(join(world.workspace, path)).mode & 0o077).toBe(0);
  });
});

describe("a configuration that cannot be read", () => {
  it("[AP-30] [CF-01] at the start lets nothing run unasked, and is said", async () => {
    const broken = await startActing({
      config: { tools: { approvals: { autoApproveLevels: [1, 2, 3, 4, 5, 6, 7] } } },
    });
    try {
      const explain = () =>
        broken.owner.call<{ decision: string }>("tools.explain", { tool: "bash", args: { command: "true | true" } });
      expect((await explain()).decision).toBe("allow");
      writeFileSync(broken.configPath, '{ "tools": { "approvals": { "autoApproveLevels": [1, 2');
      await broken.restart();
      await broken.reconnect();
      expect((await explain()).decision).not.toBe("allow");
      const way = broken.ways[1] as Way;
      const { asked, end } = await way.start("read", { path: "a.txt" });
      const id = await asked;
      expect(id).toMatch(/^apr_/);
      await broken.answer(id ?? "", "deny");
      await end;
      const { issues } = await broken.owner.call<{ issues: unknown[] }>("config.get");
      expect(issues.length).toBeGreaterThan(0);
    } finally {
      await broken.dispose();
    }
  });
});
