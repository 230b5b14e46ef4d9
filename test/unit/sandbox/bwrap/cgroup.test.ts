import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { enterGroup, findControlGroups, makeGroup } from "#main/sandbox/bwrap/cgroup.ts";
import { tempState } from "#test/fakes/temp-state.ts";

/** A tree that looks as the kernel's does; plain files, so nothing is limited by it. */
function tree(handedOn: string, line = "0::/user/app.scope\n") {
  const dir = tempState();
  const proc = join(dir, "proc");
  mkdirSync(join(dir, "cgroup", "user", "app.scope"), { recursive: true });
  mkdirSync(proc);
  writeFileSync(join(dir, "cgroup", "user", "cgroup.subtree_control"), `${handedOn}\n`);
  writeFileSync(join(proc, "cgroup"), `4:memory:/old\n${line}`);
  const mount = `29 1 0:26 / ${join(dir, "cgroup")} rw,nosuid shared:4 - cgroup2 cgroup2 rw\n`;
  writeFileSync(join(proc, "mountinfo"), `28 1 8:1 / / rw - ext4 /dev/vda rw\n${mount}`);
  return { dir: join(dir, "cgroup", "user"), proc };
}

describe("control groups", () => {
  it("[I07] are made beside the gateway's own, where controllers are handed on", async () => {
    const { dir, proc } = tree("cpu memory pids");
    expect(await findControlGroups(proc)).toEqual({ dir, hasCpu: true });
  });
  it("[I07] are not taken for there without their controllers, in version 1, or without a mount", async () => {
    expect(await findControlGroups(tree("cpu").proc)).toBeUndefined();
    expect(await findControlGroups(tree("memory pids", "").proc)).toBeUndefined();
    expect(await findControlGroups(join(tempState(), "nothing"))).toBeUndefined();
  });
  it("[I07] hold processes, memory without swap, and cores", async () => {
    const { dir } = tree("cpu memory pids");
    const made = await makeGroup({ dir, hasCpu: true }, { cpus: 0.5, memoryMb: 10, processes: 5, fileMb: 1 });
    const read = (name: string) => readFileSync(join(made, name), "utf8");
    expect([read("pids.max"), read("memory.max"), read("memory.swap.max"), read("cpu.max")]).toEqual([
      "8",
      "10485760",
      "0",
      "50000 100000",
    ]);
    expect(
      readdirSync(await makeGroup({ dir, hasCpu: false }, { cpus: 1, memoryMb: 10, processes: 5, fileMb: 1 })),
    ).not.toContain("cpu.max");
  });
  it("a command enters its group before it starts, or does not start", () => {
    expect(enterGroup("/bin/sh", "/group").slice(-2)).toEqual(["sh", "/group"]);
    expect(enterGroup("/bin/sh", "/group")[2]).toMatch(/\|\| exit 125; shift; exec/);
  });
});
