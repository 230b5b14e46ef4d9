/**
 * Finds lines of text in files of the workspace, with ripgrep where there is one and by itself where there is none. Must
 * never show a line from outside, follow a link, or be held up by a pattern.
 */
import Type from "typebox";
import { walkTree } from "#main/base/confined/tree.ts";
import { withWorkspace, type ConfinedFiles } from "#main/base/confined-files.ts";
import { isAbort } from "#main/base/errors.ts";
import { compileGlob } from "#main/base/text/glob.ts";
import { defineParams, defineTool, type ToolContext } from "../contract.ts";
import { MAX_FILE, visitLines } from "./lines.ts";
import { createReport, type Report } from "./report.ts";
import { compileRegex } from "./regex.ts";
import { findRipgrep, runRipgrep, type Hits, type Search } from "./ripgrep.ts";

/** Milliseconds of searching without ripgrep. */
const MAX_TIME = 20_000;
const SKIPPED: readonly string[] = [".git", "node_modules"];

export const grepTool = defineTool({
  name: "grep",
  group: "fs",
  description: "Finds lines that match a regular expression, with path and line number.",
  params: defineParams({
    pattern: Type.String({ minLength: 1, maxLength: 1000 }),
    path: Type.Optional(Type.String({ minLength: 1, maxLength: 4096, description: "Folder or file" })),
    glob: Type.Optional(Type.String({ minLength: 1, maxLength: 1000, description: "Only such files: *.ts" })),
    ignore_case: Type.Optional(Type.Boolean()),
  }),
  level: () => 1,
  async run({ pattern, path = ".", glob, ignore_case = false }, context) {
    return withWorkspace(context, async (files) => {
      const found = await files.look(path);
      const search = { pattern, path: found.relative === "" ? "." : found.relative, glob, ignoreCase: ignore_case };
      const report = createReport();
      // Also says in words what is wrong with the path and the pattern.
      if (found.kind !== "folder") await searchFile(files, search, report, signal);
      else if (!(await searchWithRipgrep(files, search, report, context))) {
        await searchHere(files, search, report, context);
      }
      return { text: report.text(), untrusted: "lines of files", verbatim: true };
    });
  },
});

/** @returns false when there is no ripgrep, or it fails: then nothing was reported */
async function searchWithRipgrep(
  files: ConfinedFiles,
  search: Search,
  report: Report,
  context: ToolContext,
): Promise<boolean> {
  const program = await findRipgrep(context, files.root);
  if (program === undefined) return false;
  let answer: { hits: Hits; isWhole: boolean } | undefined;
  try {
    answer = await runRipgrep(program, files.root, search, context);
  } catch (error) {
    if (isAbort(error) || context.signal.aborted || isPatternFault(error)) throw error;
    context.log.warn("ripgrep could not be run; searching without it", { error });
  }
  if (answer === undefined) return false;
  for (const [path, numbers] of answer.hits) {
    if (report.isFull) break;
    await reportLines(files, path, { numbers, report, signal: context.signal });
  }
  if (!answer.isWhole) report.mark("ripgrep was stopped before it had searched everything; give a path or a glob");
  return true;
}

function isPatternFault(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("The pattern cannot be read");
}

/** The lines by their numbers, read through the confined files; a file that may not be read is passed over. */
async function reportLines(
  files: ConfinedFiles,
  path: string,
  { numbers, report, signal }: { numbers: readonly number[]; report: Report; signal: AbortSignal },
): Promise<void> {
  const opened = await files.openFile(path).catch(() => undefined);
  if (opened === undefined) return;
  const wanted = new Set(numbers);
  const last = numbers.at(-1) ?? 0;
  try {
    await visitLines(opened.handle, signal, (line, number) => {
      if (wanted.has(number)) report.add(path, number, line);
      return number < last && !report.isFull;
    });
  } finally {
    await opened.handle.close();
  }
}

async function searchFile(files: ConfinedFiles, search: Search, report: Report, signal: AbortSignal): Promise<void> {
  const matcher = compileRegex(search.pattern, search.ignoreCase);
  const { handle } = await files.openFile(search.path);
  try {
    const end = await visitLines(handle, signal, (line, number) => {
      if (matcher.test(line)) report.add(search.path, number, line);
      return !report.isFull;
    });
    if (end === "binary") report.mark(`${search.path} is a binary file`);
    if (end === "cut") report.mark(`only the first ${MAX_FILE} bytes of ${search.path} were searched`);
  } finally {
    await handle.close();
  }
}

async function searchHere(
  files: ConfinedFiles,
  search: Search,
  report: Report,
  { clock, signal }: Pick<ToolContext, "clock" | "signal">,
): Promise<void> {
  const matcher = compileRegex(search.pattern, search.ignoreCase);
  const names = search.glob === undefined ? undefined : compileGlob(search.glob, { anyFolder: true });
  const skip = new Set(SKIPPED.filter((name) => !search.path.split("/").includes(name)));
  const until = clock.monotonic() + MAX_TIME;
  const isLate = () => clock.monotonic() > until;
  for await (const entry of walkTree(files, search.path, { skip, signal })) {
    if (report.isFull) return;
    if (isLate()) return report.mark(`stopped after ${MAX_TIME / 1000} seconds; give a path or a glob`);
    if (!entry.isFile || names?.test(entry.relative) === false) continue;
    const handle = await entry.open();
    if (handle === undefined) continue;
    const path = search.path === "." ? entry.relative : `${search.path}/${entry.relative}`;
    try {
      const end = await visitLines(handle, signal, (line, number) => {
        if (matcher.test(line)) report.add(path, number, line);
        return !report.isFull && !isLate();
      });
      if (end === "cut") report.mark(`only the first ${MAX_FILE} bytes of ${path} were searched`);
    } finally {
      await handle.close();
    }
  }
}
