/**
 * The gateway's own configuration, secrets, database and record are closed to every tool, even where the owner chose a
 * workspace that holds them (FS-10, AP-28, AP-38), and to commands behind walls.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { whyNoBwrap } from "#test/fakes/walls.ts";
import { startActing, WAY_NAMES, type ActingWorld, type Way } from "./world.ts";

const CLOSED = [
  ...["config.json", "gatehouse.db", "gatehouse.db-wal", "gatehouse.db-shm", "secrets.enc", "secret.key"],
  ...["gateway.lock", "custom-tools.json", "logs/gatehouse.log", "backups/x.db", "audit/x.jsonl"],
];

describe.each(WAY_NAMES)("the gateway's own files, by %s", (name) => {
  let world: ActingWorld;
  let way: Way;

  beforeAll(async () => {
    world = await startActing();
    way = world.ways.find((one) => one.name === name) as Way;
    for (const file of CLOSED) {
      const path = join(world.stateDir, file);
      mkdirSync(dirname(path), { recursive: true });
      if (!existsSync(path)) writeFileSync(path, "canary-of-a-closed-file");
    }
    // The workspace is the state directory itself: what is closed lies in it, reachable by plain paths.
    await world.configure({ agents: { main: { workspace: world.stateDir } } });
  });
  afterAll(() => world.dispose());

  it("[FS-10] [AP-28] [AP-38] cannot be read, written, edited, patched or searched, and what lies beside them can", async () => {
    for (const path of CLOSED) {
      const before = readFileSync(join(world.stateDir, path));
      for (const [tool, args] of [
        ["read", { path }],
        ["edit", { path, old_string: "a", new_string: "b" }],
        ["write", { path, content: "taken" }],
        ["apply_patch", { patch: `*** Begin Patch\n*** Delete File: ${path}\n*** End Patch` }],
        ["grep", { pattern: "canary", path }],
      ] as const) {
        const outcome = await world.decided(way, tool, args, "allow-once");
        expect([path, tool, outcome.text.includes("canary-of")]).toEqual([path, tool, false]);
        if (tool !== "grep") expect([path, tool, outcome.isError]).toEqual([path, tool, true]);
      }
      expect(existsSync(join(world.stateDir, path))).toBe(true);
      if (!path.startsWith("gatehouse.db") && !path.startsWith("logs")) {
        expect(readFileSync(join(world.stateDir, path)).equals(before)).toBe(true);
      }
    }
    const searched = await world.decided(way, "grep", { pattern: "canary-of-a-closed-file" }, "allow-once");
    expect(searched.text).not.toContain("secret.key");
    await world.decided(way, "write", { path: "notes.txt", content: "mine" }, "allow-once");
    expect(readFileSync(join(world.stateDir, "notes.txt"), "utf8")).toBe("mine");
  });

  it("[AP-28] [FS-10] are closed to looking commands that run unasked", async () => {
    await world.configure({ tools: { approvals: { autoApproveLevels: [1, 2, 3, 5] } } });
    for (const file of ["secret.key", "config.json", "secrets.enc"]) {
      const { end } = await way.start("bash", { command: `cat ${file}` });
      const outcome = await end;
      expect([file, outcome.isError, outcome.text.includes("canary-of")]).toEqual([file, true, false]);
    }
  });
});

describe.skipIf(whyNoBwrap() !== undefined)("commands behind walls", () => {
  let world: ActingWorld;
  beforeAll(async () => {
    world = await startActing({ config: { sandbox: { mode: "bwrap" } } });
  });
  afterAll(() => world.dispose());

  it("[FS-10] [AP-28] see nothing of the gateway even when the owner allowed them, and without walls they would", async () => {
    const way = world.ways[1] as Way;
    const command = `cat ${world.configPath} ${world.stateDir}/gatehouse.db; ls ${world.stateDir}; echo >> ${world.configPath}`;
    const before = readFileSync(world.configPath, "utf8");
    const walled = await world.decided(way, "bash", { command }, "allow-once");
    expect(walled.text).not.toContain("gatehouse.db-wal");
    expect(walled.text).not.toContain("baseUrl");
    expect(readFileSync(world.configPath, "utf8")).toBe(before);
    await world.configure({ sandbox: { mode: "off" } });
    const bare = await world.decided(way, "bash", { command: `cat ${world.configPath} | cat` }, "allow-once");
    expect(bare.text).toContain("baseUrl");
    // What the walls did not hold back is cut out all the same: the key itself never comes back.
    expect(bare.text).not.toContain("sk-fake-canary-key");
  });

  it("[AP-28] cannot reach the gateway's port", async () => {
    await world.configure({ sandbox: { mode: "bwrap" } });
    const way = world.ways[1] as Way;
    const command = `exec 3<>/dev/tcp/127.0.0.1/${world.port} && echo reached`;
    const walled = await world.decided(way, "bash", { command }, "allow-once");
    expect(walled.text).not.toContain("reached");
    await world.configure({ sandbox: { mode: "off" } });
    expect((await world.decided(way, "bash", { command }, "allow-once")).text).toContain("reached");
  });
});

describe("a workspace", () => {
  it("[FS-02] that another folder takes the place of is used by no tool", async () => {
    const world = await startActing();
    try {
      world.put("a.txt", "mine");
      const outside = join(world.stateDir, "outside");
      mkdirSync(outside);
      writeFileSync(join(outside, "a.txt"), "private words");
      expect((await (await (world.ways[1] as Way).start("read", { path: "a.txt" })).end).text).toContain("mine");
      renameSync(world.workspace, `${world.workspace}-away`);
      symlinkSync(outside, world.workspace);
      for (const way of world.ways) {
        for (const [tool, args] of [
          ["read", { path: "a.txt" }],
          ["bash", { command: "cat a.txt" }],
          ["write", { path: "b.txt", content: "x" }],
        ] as const) {
          const outcome = await world.decided(way, tool, args, "allow-once");
          expect([way.name, tool, outcome.isError]).toEqual([way.name, tool, true]);
          expect(outcome.text).not.toContain("private words");
        }
      }
      expect(existsSync(join(outside, "b.txt"))).toBe(false);
    } finally {
      await world.dispose();
    }
  });
});
