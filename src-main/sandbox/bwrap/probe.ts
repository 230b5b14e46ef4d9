/**
 * Finds with what walls can be built here, and measures what they hold: by building them once. Must never take a limit
 * for held because a program exists.
 */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { CommandResult, CommandSpec } from "#main/base/command.ts";
import { messageOf } from "#main/base/errors.ts";
import { findProgram } from "#main/base/process/program.ts";
import type { SandboxContext, SandboxSettings } from "../contract.ts";
import { Places } from "../places.ts";
import { createWalledRunner } from "../walled-runner.ts";
import { findControlGroups } from "./cgroup.ts";
import { enclose } from "./enclose.ts";
import { parseHardLimits, type Means } from "./means.ts";
import { MOUNT_POINTS, otherUserArguments } from "./other-user.ts";
import { readSystemFolders } from "./system.ts";

/** Where the system's own programs are; the gateway's PATH may hold folders that commands write to. */
const SYSTEM_PATH = "/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin";
/** Milliseconds for everything together. */
const BUDGET = 2000;
const OLDEST = [0, 8] as const;

const SETTINGS: SandboxSettings = {
  ...{ mode: "bwrap", scope: "shared", workspace: "rw", network: "none" },
  limits: { memoryMb: 256, processes: 4, fileMb: 16 },
};
/** Forks twelve times under a limit of four: says whether it may fork at all, and whether nothing stops it. */
const TRIAL = "(:) && echo forks; i=0; while [ $i -lt 12 ]; do sleep 9 & i=$((i+1)); done; echo unbounded";

export type Found = { ok: true; means: Means; places: Places } | { ok: false; reason: string };

/** @param uid of the gateway: 0 is root */
export async function findMeans(context: SandboxContext, uid: number | undefined): Promise<Found> {
  const deadline = context.clock.monotonic() + BUDGET;
  const [bwrap, prlimit, sh, perl] = await Promise.all(
    ["bwrap", "prlimit", "sh", "perl"].map((name) => findProgram(name, SYSTEM_PATH, "/")),
  );
  if (bwrap === undefined) return no("bubblewrap is not installed (on Debian and Ubuntu: apt install bubblewrap)");
  if (prlimit === undefined || sh === undefined) return no("the system lacks prlimit (package util-linux) or sh");
  const old = await tooOld(context, bwrap);
  if (old !== undefined) return no(old);
  const places = await Places.open(context);
  const groups = await findControlGroups();
  const hard = parseHardLimits(await readFile("/proc/self/limits", "utf8").catch(() => ""));
  const plain: Means = {
    ...{ bwrap, prlimit, sh, hard, system: await readSystemFolders(), user: uid === 0 ? "root" : "own" },
    holdsProcesses: true,
  };
  const other = uid === 0 && perl !== undefined ? await otherUser(perl) : undefined;
  const users: Means[] = other === undefined ? [plain] : [{ ...plain, user: "other", other }, plain];
  // A group that can be made need not be one that a command may enter: without it is the next try.
  const ways = users.flatMap((means) => (groups === undefined ? [means] : [{ ...means, groups }, means]));
  let reason = "";
  for (const means of ways) {
    const left = deadline - context.clock.monotonic();
    if (left <= 0) return no(`trying bubblewrap took longer than ${BUDGET / 1000} s`);
    const tried = await tryOnce(context, places, means, Math.min(left, BUDGET / 2));
    if (tried.ok) return { ok: true, places, means: { ...means, holdsProcesses: tried.holdsProcesses } };
    reason = tried.reason;
    context.log.debug("bubblewrap does not work this way", { user: means.user, reason });
  }
  return no(reason);
}

function no(reason: string): Found {
  return { ok: false, reason };
}

async function tooOld({ runner }: SandboxContext, bwrap: string): Promise<string | undefined> {
  const { stdout } = await runner.run(plainSpec([bwrap, "--version"], 1000), new AbortController().signal);
  const [major, minor] = (/(\d+)\.(\d+)/.exec(stdout)?.slice(1) ?? []).map(Number);
  if (major === undefined || minor === undefined) return "bubblewrap does not say which version it is";
  const isOld = major === OLDEST[0] && minor < OLDEST[1];
  return isOld ? `bubblewrap ${major}.${minor} is too old: ${OLDEST.join(".")} is needed` : undefined;
}

type Trial = { ok: true; holdsProcesses: boolean } | { ok: false; reason: string };

async function tryOnce(context: SandboxContext, places: Places, means: Means, timeoutMs: number): Promise<Trial> {
  // Any folder that is there will do for a workspace: the trial writes nothing.
  const workspace = join(context.dataDir, "places");
  const run = (text: string, tried: Means) => {
    const builder = { means: tried, places, protectedPaths: [] };
    const enclosed = (spec: CommandSpec) =>
      enclose(builder, { sessionKey: "", agentId: "", workspace }, SETTINGS, spec);
    const spec = { ...plainSpec([means.sh, "-c", text], timeoutMs), cwd: workspace };
    return createWalledRunner(context.runner, enclosed).run(spec, new AbortController().signal);
  };
  try {
    const result = await run(TRIAL, means);
    if (result.stdout.includes("forks")) return { ok: true, holdsProcesses: !result.stdout.includes("unbounded") };
    // Before Linux 5.14 the limit counts what the user runs elsewhere too: then nothing starts, and it is left out.
    const free = await run("(:) && echo forks", { ...means, holdsProcesses: false });
    if (free.stdout.includes("forks")) return { ok: true, holdsProcesses: false };
    return { ok: false, reason: reasonOf(free) };
  } catch (error) {
    return { ok: false, reason: messageOf(error) };
  }
}

function reasonOf({ stderr, timedOut }: CommandResult): string {
  if (timedOut) return "bubblewrap did not answer in time";
  return `bubblewrap could not run a program: ${stderr.trim().split("\n")[0]?.slice(0, 200) || "it said nothing"}`;
}

function plainSpec(argv: [string, ...string[]], timeoutMs: number): CommandSpec {
  return { argv, cwd: "/", env: { PATH: SYSTEM_PATH }, timeoutMs, maxOutputBytes: 4096 };
}

async function otherUser(perl: string): Promise<Means["other"]> {
  for (const at of MOUNT_POINTS) {
    const folder = await stat(at).catch(() => undefined);
    if (folder?.isDirectory() !== true) continue;
    return otherUserArguments(at, "/", "/") === undefined ? undefined : { perl, at };
  }
  return undefined;
}
