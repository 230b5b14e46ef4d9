/**
 * Finds lines of text in files of the workspace, with ripgrep where there is one and by itself where there is none. Must
 * never show a line from outside, follow a link, or be held up by a pattern.
 */
import type { FileHandle } from "node:fs/promises";
import Type from "typebox";
import { walkTree } from "#main/base/confined/tree.ts";
import { withWorkspace, type ConfinedFiles } from "#main/base/confined-files.ts";
import { isAbort } from "#main/base/errors.ts";
import { compileGlob } from "#main/base/text/glob.ts";
import { defineParams, defineTool, type ToolContext } from "../contract.ts";
import { MAX_FILE, visitLines, type LinesEnd } from "./lines.ts";
import { createReport, type Report } from "./report.ts";
import { compileRegex } from "./regex.ts";
import { findRipgrep, runRipgrep, skippedFor, type Hits, type Search } from "./ripgrep.ts";

/** Milliseconds of searching without ripgrep. */
const MAX_TIME = 20_000;

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
  run: ({ pattern, path = ".", glob, ignore_case = false }, context) =>
    withWorkspace(context, async (files) => {
      const found = await files.look(path);
      const search = { pattern, path: found.relative || ".", glob, ignoreCase: ignore_case };
      const report = createReport();
      // Also says in words what is wrong with the path and the pattern.
      if (found.kind !== "folder") await searchFile(files, search, report, context);
      else if (!(await searchWithRipgrep(files, search, report, context))) {
        await searchHere(files, search, report, context);
      }
      return { text: report.text(), untrusted: "lines of files", verbatim: true };
    }),
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
    // Read through the confined files; one that may not be read is passed over.
    const opened = await files.openFile(path).catch(() => undefined);
    if (opened === undefined) continue;
    const wanted = new Set(numbers);
    const last = numbers.at(-1) ?? 0;
    const isWanted = (_line: string, number: number) => wanted.has(number);
    await reportLines(opened.handle, path, { isWanted, goesOn: (number) => number < last, report }, context.signal);
  }
  if (!answer.isWhole) report.mark("ripgrep was stopped before it had searched everything; give a path or a glob");
  return true;
}

function isPatternFault(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("The pattern cannot be read");
}

interface Wanted {
  isWanted(line: string, number: number): boolean;
  /** Asked after each line. */
  goesOn?(number: number): boolean;
  report: Report;
}

/** Reports the wanted lines of an open file, and closes it. */
async function reportLines(
  handle: FileHandle,
  path: string,
  { isWanted, goesOn, report }: Wanted,
  signal: AbortSignal,
): Promise<LinesEnd> {
  try {
    return await visitLines(handle, signal, (line, number) => {
      if (isWanted(line, number)) report.add(path, number, line);
      return !report.isFull && goesOn?.(number) !== false;
    });
  } finally {
    await handle.close();
  }
}

async function searchFile(
  files: ConfinedFiles,
  { pattern, path, ignoreCase }: Search,
  report: Report,
  { signal }: ToolContext,
): Promise<void> {
  const matcher = compileRegex(pattern, ignoreCase);
  const { handle } = await files.openFile(path);
  const end = await reportLines(handle, path, { isWanted: (line) => matcher.test(line), report }, signal);
  if (end === "binary") report.mark(`${path} is a binary file`);
  if (end === "cut") report.mark(cutMark(path));
}

async function searchHere(
  files: ConfinedFiles,
  search: Search,
  report: Report,
  { clock, signal }: ToolContext,
): Promise<void> {
  const matcher = compileRegex(search.pattern, search.ignoreCase);
  const names = search.glob === undefined ? undefined : compileGlob(search.glob, { anyFolder: true });
  const until = clock.monotonic() + MAX_TIME;
  const isLate = () => clock.monotonic() > until;
  const wanted: Wanted = { isWanted: (line) => matcher.test(line), goesOn: () => !isLate(), report };
  for await (const entry of walkTree(files, search.path, { skip: new Set(skippedFor(search)), signal })) {
    if (report.isFull) return;
    if (isLate()) return report.mark(`stopped after ${MAX_TIME / 1000} seconds; give a path or a glob`);
    if (!entry.isFile || names?.test(entry.relative) === false) continue;
    const handle = await entry.open();
    if (handle === undefined) continue;
    const path = search.path === "." ? entry.relative : `${search.path}/${entry.relative}`;
    const end = await reportLines(handle, path, wanted, signal);
    if (end === "cut") report.mark(cutMark(path));
  }
}

function cutMark(path: string): string {
  return `only the first ${MAX_FILE} bytes of ${path} were searched`;
}
