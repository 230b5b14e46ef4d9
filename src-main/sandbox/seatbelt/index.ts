/**
 * Walls of sandbox-exec, on macOS. Written against its documentation and untested on a Mac: the badge says so. Must
 * never run a command without its profile.
 */
import { mkdir, realpath, stat } from "node:fs/promises";
import type { CommandSpec } from "#main/base/command.ts";
import type {
  Sandbox,
  SandboxAdapter,
  SandboxBadge,
  SandboxContext,
  SandboxPlace,
  SandboxSettings,
} from "../contract.ts";
import { placeName, Places } from "../places.ts";
import { createWalledRunner, type Walled } from "../walled-runner.ts";
import { toProfile } from "./profile.ts";

const PROGRAM = "/usr/bin/sandbox-exec";
const PROBE_MS = 2000;

export const seatbeltAdapter: SandboxAdapter = {
  id: "seatbelt",
  async probe(context) {
    const isThere = await stat(PROGRAM).catch(() => undefined);
    if (isThere === undefined) return { ok: false, reason: `there is no ${PROGRAM} on this computer` };
    const argv: CommandSpec["argv"] = [PROGRAM, "-p", "(version 1)(allow default)", "/usr/bin/true"];
    const spec = { argv, cwd: "/", env: {}, timeoutMs: PROBE_MS, maxOutputBytes: 4096 };
    const { exitCode, stderr } = await context.runner.run(spec, new AbortController().signal);
    if (exitCode !== 0) return { ok: false, reason: `sandbox-exec does not work: ${stderr.trim().slice(0, 200)}` };
    return { ok: true, sandbox: await createSeatbelt(context) };
  },
};

async function createSeatbelt(context: SandboxContext): Promise<Sandbox> {
  const places = await Places.open(context);
  return {
    adapter: "seatbelt",
    badge: seatbeltBadge,
    runnerFor: (place, settings) =>
      createWalledRunner(context.runner, (spec) => enclose(context, places, place, settings, spec)),
    prune: () => places.prune(),
    dispose() {},
  };
}

async function enclose(
  context: SandboxContext,
  places: Places,
  place: SandboxPlace,
  settings: SandboxSettings,
  spec: CommandSpec,
): Promise<Walled> {
  const name = placeName(place, settings.scope);
  const folders = await places.use(name);
  try {
    const real = (path: string) => realpath(path).catch(() => path);
    const protectedPaths = await Promise.all([...context.protectedPaths, context.dataDir].map(real));
    await mkdir(folders.tmp, { recursive: true });
    const profile = toProfile(settings, {
      ...{ workspace: await real(place.workspace), home: await real(folders.home) },
      ...{ tmp: await real(folders.tmp), scratch: await real(folders.scratch), protectedPaths },
    });
    const argv: CommandSpec["argv"] = [PROGRAM, "-p", profile, ...spec.argv];
    // There are no mounts on macOS: the command is told where its home and temporary files are. The system takes what
    // loads code (DYLD_…) out of the environment of its own programs, sandbox-exec among them.
    const env = { ...spec.env, HOME: folders.home, TMPDIR: folders.tmp };
    const cwd = settings.workspace === "none" ? folders.scratch : spec.cwd;
    return { spec: { ...spec, argv, cwd, env }, release: () => places.release(name) };
  } catch (error) {
    places.release(name);
    throw error;
  }
}

function seatbeltBadge(settings: SandboxSettings): SandboxBadge {
  const { workspace, network } = settings;
  const files = { none: "nothing of the workspace", ro: "the workspace, unchanged", rw: "the workspace" }[workspace];
  return {
    adapter: "seatbelt",
    label: "Confined by sandbox-exec (untested)",
    confined: [
      `Files: by its profile a command reaches the system's programs, a home and temporary files of its own, and ${files}.`,
      ...(network === "none" ? ["Network: none, by its profile."] : []),
    ],
    notConfined: [
      "These walls are written against Apple's documentation and were never tried on a Mac.",
      ...(network === "bridge" ? ["Network: it reaches what this computer reaches, this computer included."] : []),
      "Memory, processes, cores and file sizes are not limited.",
      "Processes: it sees those of others, though it cannot signal them.",
    ],
  };
}
