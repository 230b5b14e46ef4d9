import { describe, expect, it } from "vitest";
import { jobObjectAdapter } from "#main/sandbox/job-object/index.ts";
import { toJobLimits } from "#main/sandbox/job-object/limits.ts";
import { createGround } from "#test/fakes/walls.ts";

describe("the limits of a Job Object", () => {
  it("[I07] are Windows' own numbers", () => {
    const limits = toJobLimits({ cpus: 1, memoryMb: 2, processes: 3, fileMb: 4 }, 4);
    expect(limits).toEqual({
      flags: 0x2608,
      memoryBytes: 2_097_152,
      activeProcesses: 3,
      cpuRate: 2500,
      notHeld: ["file size"],
    });
    expect(toJobLimits({ memoryMb: 2, processes: 3, fileMb: 4 }, 4)).not.toHaveProperty("cpuRate");
    expect(toJobLimits({ cpus: 99, memoryMb: 2, processes: 3, fileMb: 4 }, 4).cpuRate).toBe(10_000);
  });
  it("[I07] are not claimed to work", async () => {
    const ground = createGround();
    expect(await jobObjectAdapter.probe(ground.context)).toMatchObject({
      ok: false,
      reason: expect.stringContaining("native helper"),
    });
    await ground.dispose();
  });
});
