/**
 * Replaces a piece of text in a file of the workspace. Must never touch a byte beside that piece, and never guess which
 * of several places is meant.
 */
import Type, { type Static } from "typebox";
import { makeChanges, planChanges, readBefore, textOfFile, type WorkedOut } from "#main/base/confined/changes.ts";
import type { ConfinedFiles } from "#main/base/confined-files.ts";
import { refuse } from "#main/base/errors.ts";
import { defineParams, defineTool } from "../contract.ts";
import { replaceText } from "./replace.ts";

const params = defineParams({
  path: Type.String({ minLength: 1, maxLength: 4096 }),
  old_string: Type.String({ minLength: 1, description: "Exact text, unique in the file" }),
  new_string: Type.String(),
  replace_all: Type.Optional(Type.Boolean()),
});

export const editTool = defineTool({
  name: "edit",
  group: "fs",
  description: "Replaces one exact piece of text in a file, or every occurrence.",
  params,
  level: () => 3,
  plan: (args, world) => planChanges(world, (files) => workOut(files, args)),
  run: (args, world, plan) => makeChanges(world, plan.files, (files) => workOut(files, args)),
});

async function workOut(files: ConfinedFiles, args: Static<typeof params>): Promise<WorkedOut> {
  const { path, old_string: old, new_string: fresh, replace_all: all = false } = args;
  const before = await readBefore(files, path);
  if (before.bytes === null) throw refuse(`'${path}' does not exist in the workspace; write makes new files.`);
  const { text, count } = replaceText(textOfFile(before.bytes, path), { path, old, fresh, all });
  return {
    changes: [{ before, after: Buffer.from(text) }],
    summary: `Replace text in ${count === 1 ? "one place" : `${count} places`} of ${before.relative}`,
    done: `Successfully replaced ${count === 1 ? "1 occurrence" : `${count} occurrences`} in '${path}'`,
  };
}
