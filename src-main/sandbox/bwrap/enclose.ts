/**
 * Turns a command into one behind walls: `[perl … as another user] bwrap … prlimit … sh … program`. Must never hand on
 * a variable of the command to what runs outside the walls, nor show what the settings do not.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CommandResult, CommandSpec } from "#main/base/command.ts";
import { messageOf, Refused } from "#main/base/errors.ts";
import type { SandboxPlace, SandboxSettings } from "../contract.ts";
import { foldersOf, placeName, type PlaceFolders, type Places } from "../places.ts";
import type { Walled } from "../walled-runner.ts";
import { readWorkspace, type WorkFolder } from "../workspace.ts";
import { ownSettings, toArguments, type WallPlan } from "./arguments.ts";
import { enterGroup, makeGroup, removeGroup } from "./cgroup.ts";
import { carryEnvironment, limitArguments } from "./launch.ts";
import type { Means } from "./means.ts";
import { FAILED, otherUserArguments, WORKSPACE_VIEW } from "./other-user.ts";
import { findCwd, findVisible, homeOf, SCRATCH } from "./visible.ts";

/** Megabytes of `/dev/shm`, at most. */
const SHARED_MB = 64;

export interface Builder {
  means: Means;
  places: Places;
  protectedPaths: readonly string[];
}

/** Throws Refused when the command cannot be run behind these walls. */
export async function enclose(
  builder: Builder,
  place: SandboxPlace,
  settings: SandboxSettings,
  spec: CommandSpec,
): Promise<Walled> {
  const { means, places } = builder;
  const work = await readWorkspace(place.workspace, builder.protectedPaths);
  const isShown = settings.workspace !== "none";
  const home = homeOf(spec.env);
  const cwd = await findCwd(spec.cwd, work, isShown, home);
  const program = await findVisible(spec, work, isShown, home);
  const name = placeName(place, settings.scope);
  const folders = await places.use(name);
  let group: string | undefined;
  const release = () => {
    places.release(name);
    if (group !== undefined) void removeGroup(group);
  };
  try {
    await prepare(folders, home);
    if (means.groups !== undefined) group = await makeGroup(means.groups, settings.limits).catch(refuseWithoutGroup);
    const launch = carryEnvironment({ ...spec.env, ...(spec.env["HOME"] === undefined ? {} : { HOME: home }) });
    const plan = toPlan(builder.means, folders, work, { settings, home, cwd });
    const inner = [means.prlimit, ...limitArguments(settings.limits, means), means.sh, "-c", launch.script, "sh"];
    const walls = [means.bwrap, ...toArguments(plan), "--", ...inner, program, ...spec.argv.slice(1)];
    const all = [
      ...(group === undefined ? [] : enterGroup(means.sh, group)),
      ...asUser(means, folders, isShown ? work.real : undefined),
      ...walls,
    ];
    const argv: [string, ...string[]] = [all[0] ?? means.bwrap, ...all.slice(1)];
    return { spec: { ...spec, argv, cwd: "/", env: launch.env }, release, check: refuseWhenNotBuilt };
  } catch (error) {
    release();
    throw error;
  }
}

interface Wanted {
  settings: SandboxSettings;
  home: string;
  cwd: string;
}

function toPlan(means: Means, folders: PlaceFolders, work: WorkFolder, wanted: Wanted): WallPlan {
  const { settings, home, cwd } = wanted;
  const seen = means.other === undefined ? folders : foldersOf(means.other.at);
  const workspace = means.other === undefined ? work.real : join(seen.root, WORKSPACE_VIEW);
  return {
    system: means.system,
    home: { source: seen.home, path: home },
    tmp: seen.tmp,
    etc: seen.etc,
    work:
      settings.workspace === "none"
        ? { source: seen.scratch, path: SCRATCH, mode: "rw" }
        : { source: workspace, path: work.path, mode: settings.workspace },
    covered: settings.workspace === "none" ? [] : work.covered,
    network: settings.network,
    cwd,
    sharedMb: Math.min(SHARED_MB, settings.limits.memoryMb),
  };
}

function asUser(means: Means, folders: PlaceFolders, workspace: string | undefined): string[] {
  if (means.other === undefined) return [];
  const { perl, at } = means.other;
  return [perl, ...(otherUserArguments(at, folders.root, workspace) ?? [])];
}

/** What a place holds besides its folders. Rewritten only when it says something else. */
async function prepare(folders: PlaceFolders, home: string): Promise<void> {
  await mkdir(join(folders.root, WORKSPACE_VIEW), { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(ownSettings(home))) {
    const path = join(folders.etc, name);
    const now = await readFile(path, "utf8").catch(() => undefined);
    if (now !== text) await writeFile(path, text, { mode: 0o644 });
  }
}

function refuseWithoutGroup(cause: unknown): never {
  const message = `The command was not run: its limits could not be set up (${messageOf(cause)}).`;
  throw new Refused("UNAVAILABLE", message, { cause });
}

/** What the builders of the walls say when they fail. A command that says the same gains a refusal and nothing else. */
function refuseWhenNotBuilt({ exitCode, stdout, stderr }: CommandResult): void {
  const isBuilder = exitCode === FAILED.code && stderr.startsWith(FAILED.words);
  const isBwrap = exitCode === 1 && stdout === "" && stderr.startsWith("bwrap: ");
  if (!isBuilder && !isBwrap) return;
  const line = stderr.trim().split("\n")[0] ?? "";
  throw new Refused("UNAVAILABLE", `The command was not run: its sandbox could not be set up (${line.slice(0, 300)}).`);
}
