/**
 * What a command will run, exactly: the words themselves when it only looks, bash with the text when it needs a shell.
 * What is planned is what is shown and what is run. Looks at files; changes nothing, contacts nobody.
 */
import { readFile, realpath, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { isInside } from "#main/base/confined/names.ts";
import { refuse } from "#main/base/errors.ts";
import { findProgram, identifyFile } from "#main/base/process/program.ts";
import type { Plan, PlanContext } from "../contract.ts";
import { needsShell, quote, quoteWord } from "./canonical.ts";
import { cleanEnvironment, lookingEnvironment } from "./environment.ts";
import { classify, type Classified } from "./level/classify.ts";
import { findPrograms, gitEnvironment, guardGit } from "./level/git.ts";
import { scriptFiles } from "./script-files.ts";
import { literalOf, type Word } from "./shell/ast.ts";

/** What of a call decides the plan. */
export interface Planned {
  command: string;
  cwd?: string;
  background?: boolean;
}

type Where = Pick<PlanContext, "workspace" | "protectedPaths" | "commandEnv">;

const BASH = "/bin/bash";
const BASH_OPTIONS: readonly string[] = ["--noprofile", "--norc"];

/** Plans a command. Throws Refused, in words for the model, when it cannot be run as it is. */
export async function planCommand(args: Planned, where: Where, platform: NodeJS.Platform): Promise<Plan> {
  if (args.command.includes("\0")) throw refuse("A command cannot hold a zero byte.");
  if (platform === "win32") return planWindows(args, where);
  const classified = classify(args.command);
  const cwd = await findFolder(args.cwd, where.workspace, classified.level === 7);
  const exec =
    classified.level === 5 ? await planLook(classified, cwd, where) : await planShell(args.command, cwd, where);
  const scripts =
    classified.level === 7 && classified.script !== undefined
      ? await scriptFiles(classified.script, cwd, exec.env["PATH"])
      : [];
  const files = [await identifyFile(exec.resolvedPath), await identifyFile(cwd), ...scripts];
  const paths = new Set<string>();
  return {
    summary: summarize(args, exec.command, cwd, where.workspace),
    exec,
    files: files.filter(({ path }) => !paths.has(path) && paths.add(path)),
    ...(classified.level === 7 ? { why: `Needs a full shell: ${classified.why}.` } : {}),
  };
}

function summarize({ background }: Planned, command: string, cwd: string, workspace: string): string {
  const how = background === true ? "Start in the background" : "Run";
  const short = command.length > 200 ? `${command.slice(0, 150)} … ${command.slice(-40)}` : command;
  return `${how}${cwd === workspace ? "" : ` in ${cwd}`}: ${short}`;
}

type Exec = NonNullable<Plan["exec"]> & { resolvedPath: string };

/** The words as they are; through a shell only where it has names to put in, and then from words quoted anew. */
async function planLook(look: Extract<Classified, { level: 5 }>, cwd: string, where: Where): Promise<Exec> {
  const { program, words } = look;
  const env = lookingEnvironment(where.commandEnv);
  const path = await findProgram(program, env["PATH"], cwd);
  if (path === undefined) throw refuse(`There is no program '${program}' in the system's own folders.`);
  await refuseClosed(words, cwd, where);
  const isGit = program === "git";
  if (isGit) {
    await refuseUnsafeRepository(cwd);
    Object.assign(env, gitEnvironment());
  }
  const rest = words.slice(1).map((word) => ({ text: literalOf(word) ?? "", written: quoteWord(word) }));
  if (!needsShell(words)) {
    const plain = [path, ...rest.map(({ text }) => text)];
    const argv = isGit ? guardGit(plain) : plain;
    return { command: argv.map(quote).join(" "), argv, cwd, env, resolvedPath: await realpath(path) };
  }
  const written = [quote(path), ...rest.map((word) => word.written)];
  const command = (isGit ? guardGit(written) : written).join(" ");
  return { ...(await shellOf(command, env, cwd)), command, cwd, env };
}

/** Any text, as it is written. */
async function planShell(text: string, cwd: string, where: Where): Promise<Exec> {
  if (/^[-+]/.test(text)) throw refuse("A command cannot begin with - or +: bash reads an option.");
  const env = cleanEnvironment(where.commandEnv);
  return { ...(await shellOf(text, env, cwd)), command: text, cwd, env };
}

async function shellOf(text: string, env: Record<string, string>, cwd: string) {
  const bash = (await findProgram(BASH, undefined, cwd)) ?? (await findProgram("bash", env["PATH"], cwd));
  if (bash === undefined) throw refuse("There is no bash on this computer: install it first.");
  return { argv: [bash, ...BASH_OPTIONS, "-c", text], resolvedPath: await realpath(bash) };
}

/** Windows has another shell, whose text is not read here: always with the owner's consent, never divided into words. */
async function planWindows(args: Planned, where: Where): Promise<Plan> {
  const cwd = await findFolder(args.cwd, where.workspace, true);
  const env = { ...where.commandEnv };
  const path = Object.entries(env).find(([name]) => name.toUpperCase() === "PATH")?.[1];
  const shell = await findProgram("powershell.exe", path, cwd, "win32");
  if (shell === undefined) throw refuse("There is no PowerShell on this computer.");
  const argv = [shell, "-NoLogo", "-NoProfile", "-NonInteractive", "-Command", args.command];
  return {
    summary: summarize(args, args.command, cwd, where.workspace),
    exec: { command: args.command, argv, cwd, env, resolvedPath: shell },
    files: [await identifyFile(shell), await identifyFile(cwd)],
    why: "Needs a full shell: on Windows a command is never divided into words.",
  };
}

/**
 * The real folder to run in. Throws Refused when it is none, or outside the workspace and nobody would be asked.
 * @param mayLeave the level of the command is one at which the owner sees the folder
 */
async function findFolder(wanted: string | undefined, workspace: string, mayLeave: boolean): Promise<string> {
  const root = await realpath(workspace);
  const given = resolve(root, wanted ?? ".");
  const real = await realpath(given).catch(() => undefined);
  const isFolder = real !== undefined && (await stat(real)).isDirectory();
  if (!isFolder) throw refuse(`'${wanted ?? workspace}' is not a folder that exists.`);
  if (isInside(root, real) || mayLeave) return real;
  const hint = "Leave cwd out and name the path in the command.";
  throw refuse(`'${wanted}' is outside the workspace. ${hint}`);
}

/**
 * Throws Refused when one of the words leads where nobody may look without being asked, links resolved: to processes,
 * devices, and the gateway's own files. Patterns are not followed here; a sandbox holds those.
 * @param words the program's word first
 * @param cwd absolute and real
 */
async function refuseClosed(
  words: readonly Word[],
  cwd: string,
  { workspace, protectedPaths = [] }: Where,
): Promise<void> {
  const root = await realpath(workspace);
  const closed = await Promise.all(protectedPaths.map((path) => realpath(path).catch(() => resolve(path))));
  for (const word of words.slice(1)) {
    // A path may also stand behind an option's name.
    const path = literalOf(word)?.replace(/^--?[^=/]*=/, "");
    if (path === undefined || path === "" || path.includes("\0")) continue;
    const given = resolve(cwd, path);
    const real = await realpath(given).catch(() => given);
    if (isSpecial(real) && !isSpecial(given)) throw refuse(`'${path}' is a link to ${real}; name that path itself.`);
    // The workspace may lie in a closed folder, and is open all the same.
    const isClosed = closed.some((each) => isInside(each, real) && !(isInside(each, root) && isInside(root, real)));
    if (isClosed) throw refuse(`'${path}' belongs to the gateway itself.`);
  }
}

function isSpecial(path: string): boolean {
  return /^\/(proc|dev)(\/|$)/.test(path);
}

/** A repository whose own settings run programs even for looking: the owner must be asked, so a shell is needed. */
async function refuseUnsafeRepository(cwd: string): Promise<void> {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const git = await gitFolderOf(folder);
    if (git === undefined && folder !== dirname(folder)) continue;
    if (git === undefined) return;
    for (const name of ["config", "config.worktree"]) {
      const config = await readFile(join(git, name), "utf8").catch(() => "");
      const why = findPrograms(config);
      if (why === undefined) continue;
      const hint = "Put `command` before git to ask the owner.";
      throw refuse(`git may run programs in this repository: ${why}. ${hint}`);
    }
    return;
  }
}

/** The folder with a repository's settings; of a linked worktree the common one. */
async function gitFolderOf(folder: string): Promise<string | undefined> {
  const path = join(folder, ".git");
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined) return undefined;
  if (stats.isDirectory()) return path;
  const [, target] = /^gitdir: (.+?)\s*$/m.exec(await readFile(path, "utf8").catch(() => "")) ?? [];
  if (target === undefined) return undefined;
  const git = resolve(folder, target);
  const common = await readFile(join(git, "commondir"), "utf8").catch(() => ".");
  return resolve(git, common.trim());
}
