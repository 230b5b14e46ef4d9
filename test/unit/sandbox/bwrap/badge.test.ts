import { describe, expect, it } from "vitest";
import { bwrapBadge } from "#main/sandbox/bwrap/badge.ts";
import type { Means } from "#main/sandbox/bwrap/means.ts";
import { settingsWith } from "#test/fakes/walls.ts";

const means = (given: Partial<Means> = {}): Means => ({
  ...{ bwrap: "/b", prlimit: "/p", sh: "/s", system: [], user: "own", holdsProcesses: true },
  hard: { processes: Infinity, fileBytes: Infinity, dataBytes: Infinity },
  ...given,
});
const cpus = { limits: { cpus: 2, memoryMb: 100, processes: 7, fileMb: 3 } };

describe("the badge of bubblewrap", () => {
  it("[I06] says of each limit whether it is held", () => {
    const bare = bwrapBadge(means({ holdsProcesses: false }), settingsWith({ ...cpus, network: "bridge" }));
    expect(bare.confined.join(" ")).not.toMatch(/at a time|Cores|Network/);
    expect(bare.notConfined.join(" ")).toMatch(
      /Network: it reaches.*limit of 7 is not held.*together.*limit of 2 is not held/s,
    );
    const whole = bwrapBadge(means({ groups: { dir: "/g", hasCpu: true } }), settingsWith(cpus));
    expect(whole.confined.join(" ")).toMatch(
      /Network: none.*at most 7 at a time.*100 MB for a command as a whole.*3 MB.*at most 2/s,
    );
    expect(whole.notConfined.join(" ")).not.toMatch(/Network|Memory|Processes|Cores/);
  });
  it("[I06] says what a command does with the workspace", () => {
    const files = (workspace: "none" | "ro" | "rw") => bwrapBadge(means(), settingsWith({ workspace })).confined[0];
    expect(files("none")).toContain("sees nothing of the workspace");
    expect(files("ro")).toContain("cannot change it");
    expect(files("rw")).toContain("reads and changes");
  });
});
