import { chmodSync, mkdirSync, realpathSync, renameSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findProgram, identifyFile } from "#main/base/process/program.ts";
import { tempState } from "#test/fakes/temp-state.ts";

function program(dir: string, name: string, mode = 0o755): string {
  writeFileSync(join(dir, name), `#!/bin/sh\necho ${name}\n`);
  chmodSync(join(dir, name), mode);
  return join(dir, name);
}

describe("finding a program", () => {
  it("[AP-03] takes its name byte for byte", async () => {
    const dir = tempState();
    const [plain, spaced] = [program(dir, "x"), program(dir, "x ")];
    expect(await findProgram("x", dir, "/")).toBe(plain);
    expect(await findProgram("x ", dir, "/")).toBe(spaced);
    expect(await findProgram(" x", dir, "/")).toBeUndefined();
  });
  it("takes the first of the folders, and none that is not absolute", async () => {
    const [one, two] = [tempState(), tempState()];
    program(one, "x", 0o644);
    mkdirSync(join(one, "y"));
    const found = program(two, "x");
    expect(await findProgram("x", `:.:${one}:${two}`, two)).toBe(found);
    expect(await findProgram("x", ".", two)).toBeUndefined();
    expect(await findProgram("y", one, "/")).toBeUndefined();
    expect(await findProgram("x", undefined, two)).toBeUndefined();
  });
  it("takes a name with a slash as a path", async () => {
    const dir = tempState();
    const found = program(dir, "x");
    expect(await findProgram("./x", "/usr/bin", dir)).toBe(found);
    expect(await findProgram(found, "", "/")).toBe(found);
    expect(await findProgram("", dir, dir)).toBeUndefined();
    expect(await findProgram("x\0", dir, dir)).toBeUndefined();
  });
});

describe("what a file is", () => {
  it("[AP-05] changes with its content", async () => {
    const path = join(realpathSync(tempState()), "x");
    writeFileSync(path, "abc");
    const before = await identifyFile(path);
    expect(before).toEqual({
      path,
      identity: expect.stringMatching(/^\d+:\d+$/),
      sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    });
    writeFileSync(path, "abd");
    const after = await identifyFile(path);
    expect([after.identity, after.sha256 === before.sha256]).toEqual([before.identity, false]);
  });
  it("[AP-06] changes with the file behind the name", async () => {
    const dir = realpathSync(tempState());
    for (const name of ["a", "b"]) writeFileSync(join(dir, name), "same");
    const before = await identifyFile(join(dir, "a"));
    renameSync(join(dir, "b"), join(dir, "a"));
    const after = await identifyFile(join(dir, "a"));
    expect([after.sha256, after.identity === before.identity]).toEqual([before.sha256, false]);
  });
  it("is that of what a link leads to", async () => {
    const dir = realpathSync(tempState());
    writeFileSync(join(dir, "a"), "x");
    symlinkSync("a", join(dir, "link"));
    expect(await identifyFile(join(dir, "link"))).toEqual(await identifyFile(join(dir, "a")));
  });
  it("is known by size and time of change when it is too long to hash", async () => {
    const path = join(realpathSync(tempState()), "x");
    writeFileSync(path, "x");
    truncateSync(path, 65 * 1024 * 1024);
    const before = await identifyFile(path);
    expect(before).toEqual({ path, identity: expect.stringMatching(/^\d+:\d+:68157440:\d+$/) });
    truncateSync(path, 65 * 1024 * 1024 + 1);
    expect((await identifyFile(path)).identity).not.toBe(before.identity);
  });
  it("has no identity when nothing is there, and no hash when it is a folder", async () => {
    const dir = realpathSync(tempState());
    expect(await identifyFile(join(dir, "gone"))).toEqual({ path: join(dir, "gone") });
    expect(await identifyFile(dir)).toEqual({ path: dir, identity: expect.stringMatching(/^\d+:\d+$/) });
  });
});
