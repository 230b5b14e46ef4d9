/**
 * What the Engine is asked to make: the container of a place, and its names. Pure. Must never ask for a right, a mount
 * or a network that the settings do not name. Source: Docker Engine API, "Create a container".
 */
import { hash } from "node:crypto";
import type { SandboxSettings } from "../contract.ts";
import type { PlaceFolders } from "../places.ts";
import type { WorkFolder } from "../workspace.ts";

/** Never pulled by us: a person decides what is loaded. */
export const DEFAULT_IMAGE = "debian:stable-slim";
export const LABEL = { instance: "gatehouse.instance", place: "gatehouse.place" } as const;
/** Where a command works that may not see the workspace; and its home. */
export const SCRATCH = "/scratch";
export const HOME = "/home/user";

export interface ContainerPlan {
  image: string;
  /** Tells gateways on one computer apart. */
  instance: string;
  place: string;
  folders: PlaceFolders;
  work: WorkFolder;
  settings: SandboxSettings;
  /** `uid:gid` to whom written files belong. */
  user: string;
}

/** The body of POST /containers/create. */
export function toContainer(plan: ContainerPlan): Record<string, unknown> {
  const { limits, network } = plan.settings;
  const mb = 1024 * 1024;
  return {
    Image: plan.image,
    Cmd: ["tail", "-f", "/dev/null"],
    Entrypoint: [],
    Env: [`HOME=${HOME}`],
    User: plan.user,
    WorkingDir: "/",
    Labels: { [LABEL.instance]: plan.instance, [LABEL.place]: plan.place },
    NetworkDisabled: network === "none",
    HostConfig: {
      Memory: limits.memoryMb * mb,
      MemorySwap: limits.memoryMb * mb,
      ...(limits.cpus === undefined ? {} : { NanoCpus: Math.round(limits.cpus * 1e9) }),
      // Two more: the first process of the container and what reaps.
      PidsLimit: limits.processes + 2,
      Ulimits: [
        { Name: "fsize", Soft: limits.fileMb * mb, Hard: limits.fileMb * mb },
        { Name: "core", Soft: 0, Hard: 0 },
      ],
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges:true"],
      Privileged: false,
      ReadonlyRootfs: true,
      Init: true,
      NetworkMode: network,
      IpcMode: "private",
      Tmpfs: { "/tmp": `rw,nosuid,nodev,size=${Math.max(64, Math.floor(limits.memoryMb / 4))}m,mode=1777` },
      Mounts: mounts(plan),
      RestartPolicy: { Name: "no" },
    },
  };
}

function mounts({ settings, work, folders }: ContainerPlan): Record<string, unknown>[] {
  const bind = (Source: string, Target: string, ReadOnly: boolean) => ({ Type: "bind", Source, Target, ReadOnly });
  const home = bind(folders.home, HOME, false);
  if (settings.workspace === "none") return [home, bind(folders.scratch, SCRATCH, false)];
  return [
    home,
    bind(work.real, work.path, settings.workspace === "ro"),
    ...work.covered.map(({ path, isFolder }) =>
      isFolder
        ? { Type: "tmpfs", Target: path, ReadOnly: true, TmpfsOptions: { SizeBytes: 4096 } }
        : bind("/dev/null", path, true),
    ),
  ];
}

/** A name that says what the container is made of: other settings, another container. */
export function containerName(plan: ContainerPlan): string {
  const made = hash("sha256", JSON.stringify(toContainer(plan))).slice(0, 12);
  return `gatehouse-${plan.instance}-${plan.place.slice(0, 12)}-${made}`;
}
