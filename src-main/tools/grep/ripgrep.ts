/**
 * Lets ripgrep say in which lines of which files to look. Only names and numbers are taken from it: what is shown is read
 * through the confined files, so that a link swapped in while it runs shows nothing from outside.
 */
import { delimiter, isAbsolute } from "node:path";
import { isInside } from "#main/base/confined/names.ts";
import { LARGE_FOLDERS } from "#main/base/confined/tree.ts";
import { refuse } from "#main/base/errors.ts";
import { findProgram } from "#main/base/process/program.ts";
import type { ToolContext } from "../contract.ts";

const TIMEOUT_MS = 30_000;
const MAX_OUTPUT = 4 * 1024 * 1024;

export interface Search {
  pattern: string;
  /** From the root, with `/`; `.` for the root. */
  path: string;
  glob: string | undefined;
  ignoreCase: boolean;
}

/** Line numbers by file, from the root, in ripgrep's order. */
export type Hits = ReadonlyMap<string, readonly number[]>;

/** Where `rg` is on the path of programs; undefined: nowhere. One that lies in the workspace is not taken. */
export function findRipgrep(
  { commandEnv }: Pick<ToolContext, "commandEnv">,
  root: string,
): Promise<string | undefined> {
  const folders = (commandEnv["PATH"] ?? "").split(delimiter);
  const outside = folders.filter((folder) => isAbsolute(folder) && !isInside(root, folder));
  return findProgram("rg", outside.join(delimiter), root);
}

/** Folders that a search does not enter. */
export function skippedFor({ path }: Search): string[] {
  return LARGE_FOLDERS.filter((name) => !path.split("/").includes(name));
}

/**
 * @param root real path of the workspace
 * Throws Refused when ripgrep cannot read the pattern; whatever the runner throws; undefined when it failed otherwise.
 */
export async function runRipgrep(
  program: string,
  root: string,
  search: Search,
  { commands, commandEnv, signal }: Pick<ToolContext, "commands" | "commandEnv" | "signal">,
): Promise<{ hits: Hits; isWhole: boolean } | undefined> {
  const { exitCode, stdout, stderr, timedOut, droppedBytes } = await commands.run(
    {
      argv: [program, ...toArguments(search)],
      cwd: root,
      env: commandEnv,
      timeoutMs: TIMEOUT_MS,
      maxOutputBytes: MAX_OUTPUT,
    },
    signal,
  );
  const hits = toHits(stdout);
  const isWhole = !timedOut && droppedBytes === 0;
  // ripgrep(1), EXIT STATUS: 0 found, 1 nothing found, 2 an error, with or without matches.
  if (exitCode === 0 || exitCode === 1 || hits.size > 0 || timedOut) return { hits, isWhole };
  if (!/regex parse error|unrecognized|invalid|compiled regex|glob/i.test(stderr)) return undefined;
  throw refuse(`The pattern cannot be read: ${stderr.slice(0, 500).toWellFormed().trim()}`);
}

function toArguments(search: Search): string[] {
  const { pattern, path, glob, ignoreCase } = search;
  const fixed = ["--no-config", "--no-follow", "--color=never", "--no-heading", "--line-number", "--with-filename"];
  const wide = ["--null", "--max-columns=1", "--hidden", "--no-ignore", "--no-messages", "--sort=path"];
  return [
    ...fixed,
    ...wide,
    // The last --glob that applies wins: what is skipped stays skipped.
    ...(glob === undefined ? [] : [`--glob=${glob}`]),
    ...skippedFor(search).map((name) => `--glob=!**/${name}/**`),
    ...(ignoreCase ? ["--ignore-case"] : []),
    `--regexp=${pattern}`,
    "--",
    path === "." ? "./" : `./${path}`,
  ];
}

/** `./path NUL 12:…` in each line; the last may be cut. */
function toHits(stdout: string): Hits {
  const hits = new Map<string, number[]>();
  for (const [, path = "", number = ""] of stdout.matchAll(/^(?:\.\/)?([^\0\n]+)\0(\d+):/gm)) {
    const numbers = hits.get(path) ?? [];
    numbers.push(Number(number));
    hits.set(path, numbers);
  }
  return hits;
}
