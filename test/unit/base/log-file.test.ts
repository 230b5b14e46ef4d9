import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createLogFile, logFilePath } from "#main/base/log-file.ts";
import { tempState } from "#test/fakes/temp-state.ts";

describe("createLogFile", () => {
  it("[Q24] writes lines in order into a private file of a private folder", async () => {
    const path = logFilePath(join(tempState(), "logs"));
    const file = createLogFile({ path });
    for (let n = 0; n < 100; n++) file.write(`line ${n}`);
    await file.flush();
    expect(readFileSync(path, "utf8")).toBe(Array.from({ length: 100 }, (_item, n) => `line ${n}\n`).join(""));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
    await file.dispose();
  });

  it("appends to what an earlier run wrote", async () => {
    const path = join(tempState(), "gatehouse.log");
    writeFileSync(path, "before\n");
    const file = createLogFile({ path });
    file.write("after");
    await file.dispose();
    expect(readFileSync(path, "utf8")).toBe("before\nafter\n");
  });

  it("[Q16] [LG-05] keeps five files of bounded size", async () => {
    const dir = tempState();
    const file = createLogFile({ path: join(dir, "gatehouse.log"), maxBytes: 1000 });
    for (let n = 0; n < 1000; n++) file.write(`${String(n).padStart(4, "0")} ${"x".repeat(50)}`);
    await file.dispose();
    const names = readdirSync(dir).sort();
    expect(names).toEqual([1, 2, 3, 4].map((n) => `gatehouse.${n}.log`).concat("gatehouse.log"));
    for (const name of names) expect(statSync(join(dir, name)).size).toBeLessThanOrEqual(1000);
    expect(readFileSync(join(dir, "gatehouse.log"), "utf8")).toContain("0999 ");
  });

  it("never throws into a caller, says once that it fails, and goes on when it can again", async () => {
    const dir = tempState();
    const path = join(dir, "logs", "gatehouse.log");
    mkdirSync(path, { recursive: true });
    const problems: string[] = [];
    const file = createLogFile({ path, onProblem: (message) => void problems.push(message) });
    file.write("lost 1");
    await file.flush();
    file.write("lost 2");
    await file.flush();
    expect(problems).toEqual([expect.stringContaining("the log file cannot be written")]);
    rmSync(path, { recursive: true });
    file.write("kept");
    await file.dispose();
    expect(readFileSync(path, "utf8")).toBe("kept\n");
  });

  it("drops lines beyond its memory, and says how many", async () => {
    const path = join(tempState(), "gatehouse.log");
    const file = createLogFile({ path, maxBytes: 100_000_000 });
    for (let n = 0; n < 6; n++) file.write("x".repeat(1_000_000));
    await file.dispose();
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    expect(lines).toHaveLength(5);
    expect(lines.at(-1)).toContain("2 log lines were dropped");
  });

  it("ignores what is written after the end", async () => {
    const path = join(tempState(), "gatehouse.log");
    const file = createLogFile({ path });
    file.write("last");
    await file.dispose();
    file.write("later");
    await file.flush();
    expect(readFileSync(path, "utf8")).toBe("last\n");
  });
});
