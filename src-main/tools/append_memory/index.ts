/**
 * Adds a note to the day's file in the workspace, `memory/YYYY-MM-DD.md`. Must never change what is there already, and
 * never lose a note to another one that is written at the same time.
 */
import Type from "typebox";
import { commitChanges, readBefore, textOfFile, toShownFiles } from "#main/base/confined/changes.ts";
import { withWorkspace, type ConfinedFiles } from "#main/base/confined-files.ts";
import { refuse } from "#main/base/errors.ts";
import { Lanes } from "#main/base/lane.ts";
import { toLocalDay, toLocalTime } from "#main/base/text/day.ts";
import { defineParams, defineTool, type AnyTool, type ToolContext } from "../contract.ts";

/** Characters of one note, and bytes of a day's notes. */
const MAX_NOTE = 4000;
const MAX_DAY = 256 * 1024;

/** Made once per gateway: notes of all conversations wait for each other. */
export function createAppendMemoryTool(): AnyTool {
  const lanes = new Lanes();
  return defineTool({
    name: "append_memory",
    group: "fs",
    description: "Keeps a note for later days.",
    params: defineParams({ text: Type.String({ minLength: 1, maxLength: MAX_NOTE }) }),
    level: () => 3,
    // The day is left out: a question that is answered after midnight is still about the same note.
    plan: async ({ text }) => ({
      summary: "Add a note to today's file in memory/",
      diff: text
        .split("\n")
        .map((line) => `+${line}`)
        .join("\n"),
    }),
    run: ({ text }, context) =>
      lanes.run(context.workspace, () => withWorkspace(context, (files) => append(files, text, context))),
  });
}

async function append(files: ConfinedFiles, text: string, context: ToolContext): Promise<{ text: string }> {
  context.signal.throwIfAborted();
  const now = context.clock.now();
  const path = `memory/${toLocalDay(now)}.md`;
  const before = await readBefore(files, path);
  const old = before.bytes === null ? "" : textOfFile(before.bytes, path);
  const after = Buffer.from(`${old}${old === "" || old.endsWith("\n") ? "" : "\n"}${toEntry(text, now)}`);
  if (after.length > MAX_DAY) throw refuse(`'${path}' is full (${MAX_DAY} bytes a day). Shorten it with edit first.`);
  const changes = [{ before, after }];
  await commitChanges(files, changes, {
    shown: toShownFiles(files, changes),
    keep: () => context.recordChange({ path: before.relative, before: before.bytes, after }),
  });
  return { text: `Noted in '${path}'.` };
}

/** `- 08:05 the note`; further lines belong to the same point of the list. */
function toEntry(text: string, now: number): string {
  const lines = text.toWellFormed().trim().split(/\r?\n/);
  return `- ${toLocalTime(now)} ${lines.join("\n  ")}\n`;
}
