/**
 * Puts content in a file of the workspace, as a whole. Must never write outside, and never other content than was shown.
 */
import Type, { type Static } from "typebox";
import { makeChanges, planChanges, readBefore, type WorkedOut } from "#main/base/confined/changes.ts";
import type { ConfinedFiles } from "#main/base/confined-files.ts";
import { refuse } from "#main/base/errors.ts";
import { defineParams, defineTool } from "../contract.ts";

/** UTF-8 bytes of content. */
const MAX_CONTENT = 10 * 1024 * 1024;

const params = defineParams({
  path: Type.String({ minLength: 1, maxLength: 4096 }),
  content: Type.String({ maxLength: MAX_CONTENT }),
});

export const writeTool = defineTool({
  name: "write",
  group: "fs",
  description: "Writes a whole file, replacing what it held. Missing folders are made.",
  params,
  level: () => 4,
  plan: (args, world) => planChanges(world, (files) => workOut(files, args)),
  run: (args, world, plan) => makeChanges(world, plan.files, (files) => workOut(files, args)),
});

async function workOut(files: ConfinedFiles, { path, content }: Static<typeof params>): Promise<WorkedOut> {
  if (!content.isWellFormed()) {
    throw refuse("The content holds half a character (a lone surrogate); nothing was written.");
  }
  const after = Buffer.from(content);
  if (after.length > MAX_CONTENT) {
    throw refuse(`The content has ${after.length} bytes; at most ${MAX_CONTENT} can be written.`);
  }
  const before = await readBefore(files, path);
  const what = before.bytes === null ? "Create" : `Replace the ${before.bytes.length} bytes of`;
  return {
    changes: [{ before, after }],
    summary: `${what} ${before.relative} with ${after.length} bytes`,
    done: `Successfully wrote ${after.length} bytes to '${path}'`,
  };
}
