/**
 * Puts content in a file of the workspace, as a whole. Must never write outside, and never other content than was shown.
 */
import Type, { type Static } from "typebox";
import { commitChanges, readBefore, toDiff, toShownFiles, type Change } from "#main/base/confined/changes.ts";
import { withWorkspace, type ConfinedFiles } from "#main/base/confined-files.ts";
import { Refused } from "#main/base/errors.ts";
import { defineTool } from "../contract.ts";

/** UTF-8 bytes of content. */
const MAX_CONTENT = 10 * 1024 * 1024;

const params = Type.Object(
  {
    path: Type.String({ minLength: 1, maxLength: 4096 }),
    content: Type.String({ maxLength: MAX_CONTENT }),
  },
  { additionalProperties: false },
);

export const writeTool = defineTool({
  name: "write",
  group: "fs",
  description: "Writes a whole file, replacing what it held. Missing folders are made.",
  params,
  level: () => 4,
  async plan(args, world) {
    world.signal.throwIfAborted();
    return await withWorkspace(world, async (files) => {
      const changes = await toChanges(files, args);
      const [{ before }] = changes;
      const what = before.bytes === null ? "Create" : `Replace the ${before.bytes.length} bytes of`;
      return {
        summary: `${what} ${before.relative} with ${Buffer.byteLength(args.content)} bytes`,
        files: toShownFiles(files, changes),
        diff: toDiff(changes),
      };
    });
  },
  async run(args, world, plan) {
    world.signal.throwIfAborted();
    return await withWorkspace(world, async (files) => {
      const changes = await toChanges(files, args);
      const keep = ({ before, after }: Change) =>
        world.recordChange({ path: before.relative, before: before.bytes, after });
      await commitChanges(files, changes, { shown: plan.files, keep });
      return { text: `Successfully wrote ${Buffer.byteLength(args.content)} bytes to '${args.path}'` };
    });
  },
});

async function toChanges(files: ConfinedFiles, { path, content }: Static<typeof params>): Promise<[Change]> {
  if (!content.isWellFormed()) {
    throw new Refused("INVALID_REQUEST", "The content holds half a character (a lone surrogate); nothing was written.");
  }
  const after = Buffer.from(content);
  if (after.length > MAX_CONTENT) {
    throw new Refused(
      "INVALID_REQUEST",
      `The content has ${after.length} bytes; at most ${MAX_CONTENT} can be written.`,
    );
  }
  return [{ before: await readBefore(files, path), after }];
}
