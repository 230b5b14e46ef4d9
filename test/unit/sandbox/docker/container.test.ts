import { describe, expect, it } from "vitest";
import { containerName, toContainer, type ContainerPlan } from "#main/sandbox/docker/container.ts";
import { foldersOf } from "#main/sandbox/places.ts";
import { settingsWith } from "#test/fakes/walls.ts";

const plan = (given: Partial<ContainerPlan["settings"]> = {}): ContainerPlan => ({
  ...{
    image: "debian:stable-slim",
    instance: "0badcafe",
    place: "a".repeat(24),
    folders: foldersOf("/p"),
    user: "1000:1000",
  },
  work: {
    path: "/w",
    real: "/real/w",
    covered: [
      { path: "/w/state", isFolder: true },
      { path: "/w/c", isFolder: false },
    ],
  },
  settings: settingsWith(given),
});
const host = (given: Partial<ContainerPlan["settings"]> = {}) =>
  toContainer(plan(given))["HostConfig"] as Record<string, unknown>;

describe("the container of a place", () => {
  it("[I06] has no rights, a read-only system and every limit", () => {
    const limits = { cpus: 1.5, memoryMb: 256, processes: 10, fileMb: 5 };
    expect(host({ limits })).toMatchObject({
      ...{ Memory: 268_435_456, MemorySwap: 268_435_456, NanoCpus: 1_500_000_000, PidsLimit: 12, Privileged: false },
      ...{ CapDrop: ["ALL"], SecurityOpt: ["no-new-privileges:true"], ReadonlyRootfs: true, IpcMode: "private" },
      Ulimits: [
        { Name: "fsize", Soft: 5_242_880, Hard: 5_242_880 },
        { Name: "core", Soft: 0, Hard: 0 },
      ],
    });
    expect(toContainer(plan())).toMatchObject({ User: "1000:1000", Env: ["HOME=/home/user"] });
  });
  it("[I06] mounts the workspace as far as the settings say, and covers what is protected", () => {
    const mounts = (workspace: "none" | "ro" | "rw") =>
      host({ workspace })["Mounts"] as { Source?: string; Target: string; ReadOnly: boolean }[];
    expect(mounts("rw").slice(1)).toMatchObject([
      { Source: "/real/w", Target: "/w", ReadOnly: false },
      { Type: "tmpfs", Target: "/w/state", ReadOnly: true },
      { Source: "/dev/null", Target: "/w/c", ReadOnly: true },
    ]);
    expect(mounts("ro")[1]).toMatchObject({ Source: "/real/w", ReadOnly: true });
    expect(mounts("none").map(({ Source }) => Source)).toEqual(["/p/home", "/p/scratch"]);
  });
  it("[I06] has a network only for bridge", () => {
    expect(toContainer(plan())).toMatchObject({ NetworkDisabled: true, HostConfig: { NetworkMode: "none" } });
    expect(toContainer(plan({ network: "bridge" }))).toMatchObject({
      NetworkDisabled: false,
      HostConfig: { NetworkMode: "bridge" },
    });
  });
  it("is another one for other settings, and the same for the same", () => {
    expect(containerName(plan())).toBe(containerName(plan()));
    expect(containerName(plan({ workspace: "ro" }))).not.toBe(containerName(plan()));
    expect(containerName(plan())).toMatch(/^gatehouse-0badcafe-a{12}-[0-9a-f]{12}$/);
  });
});
