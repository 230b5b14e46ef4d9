import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { carryEnvironment, limitArguments } from "#main/sandbox/bwrap/launch.ts";
import { parseHardLimits } from "#main/sandbox/bwrap/means.ts";

describe("an environment carried through the walls", () => {
  it("[AP-16] passes under names that mean nothing outside", () => {
    const { env, script } = carryEnvironment({ LD_PRELOAD: "/evil.so", PATH: "/evil", BASH_ENV: "x" });
    expect(Object.keys(env)).toEqual(["GATEHOUSE_VALUE_0", "GATEHOUSE_VALUE_1", "GATEHOUSE_VALUE_2"]);
    expect(script).not.toMatch(/evil/);
  });
  it.skipIf(process.platform === "win32")("arrives byte for byte", () => {
    const given = {
      A: "a b",
      B: "'\"$(id)`id`\\",
      C: "line\nline\n",
      D: "",
      É: "left out",
      "a-b": "left out",
      UID: "left out",
    };
    const { env, script } = carryEnvironment(given);
    const seen = execFileSync("/bin/sh", ["-c", script, "sh", "/usr/bin/env", "-0"], {
      env: { ...env, GATEHOUSE_COMMAND: "mark" },
    });
    const pairs = seen
      .toString("utf8")
      .split("\0")
      .filter((each) => each !== "" && !/^(_|PWD)=/.test(each));
    expect(pairs.sort()).toEqual(["A=a b", "B='\"$(id)`id`\\", "C=line\nline\n", "D="]);
  });
});

describe("the limits of a command", () => {
  const limits = { memoryMb: 100, processes: 10, fileMb: 3 };
  const open = { processes: Infinity, fileBytes: Infinity, dataBytes: Infinity };
  it("[I07] are bytes and numbers for prlimit, hard and soft", () => {
    expect(limitArguments(limits, { holdsProcesses: true, hard: open })).toEqual([
      "--fsize=3145728:3145728",
      "--data=104857600:104857600",
      "--core=0:0",
      "--nproc=11:11",
    ]);
  });
  it("are left out where they would not hold, and never above the gateway's own", () => {
    const hard = { processes: 5, fileBytes: 10, dataBytes: 20 };
    expect(limitArguments(limits, { holdsProcesses: false, hard }).join(" ")).toBe(
      "--fsize=10:10 --data=20:20 --core=0:0",
    );
    expect(limitArguments(limits, { holdsProcesses: true, hard })).toContain("--nproc=5:5");
  });
  it("are read from the system's table", () => {
    const table =
      "Limit                     Soft Limit           Hard Limit           Units     \nMax file size             unlimited            4096                 bytes     \nMax data size             unlimited            unlimited            bytes     \nMax processes             100                  200                  processes \n";
    expect(parseHardLimits(table)).toEqual({ processes: 200, fileBytes: 4096, dataBytes: Infinity });
    expect(parseHardLimits("")).toEqual(open);
  });
});
