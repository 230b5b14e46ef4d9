/**
 * Replaces a piece of text in a file of the workspace. Must never touch a byte beside that piece, and never guess which
 * of several places is meant.
 */
import Type, { type Static } from "typebox";
import {
  commitChanges,
  readBefore,
  textOfFile,
  toDiff,
  toShownFiles,
  type Change,
} from "#main/base/confined/changes.ts";
import { withWorkspace, type ConfinedFiles } from "#main/base/confined-files.ts";
import { Refused } from "#main/base/errors.ts";
import { defineTool } from "../contract.ts";
import { replaceText } from "./replace.ts";

const params = Type.Object(
  {
    path: Type.String({ minLength: 1, maxLength: 4096 }),
    old_string: Type.String({ minLength: 1, description: "Exact text, unique in the file" }),
    new_string: Type.String(),
    replace_all: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

export const editTool = defineTool({
  name: "edit",
  group: "fs",
  description: "Replaces one exact piece of text in a file, or every occurrence.",
  params,
  level: () => 3,
  async plan(args, world) {
    world.signal.throwIfAborted();
    return await withWorkspace(world, async (files) => {
      const { changes, count } = await toChanges(files, args);
      const [{ before }] = changes;
      const what = count === 1 ? "one place" : `${count} places`;
      return {
        summary: `Replace text in ${what} of ${before.relative}`,
        files: toShownFiles(files, changes),
        diff: toDiff(changes),
      };
    });
  },
  async run(args, world, plan) {
    world.signal.throwIfAborted();
    return await withWorkspace(world, async (files) => {
      const { changes, count } = await toChanges(files, args);
      const keep = ({ before, after }: Change) =>
        world.recordChange({ path: before.relative, before: before.bytes, after });
      await commitChanges(files, changes, { shown: plan.files, keep });
      const what = count === 1 ? "1 occurrence" : `${count} occurrences`;
      return { text: `Successfully replaced ${what} in '${args.path}'` };
    });
  },
});

async function toChanges(
  files: ConfinedFiles,
  args: Static<typeof params>,
): Promise<{ changes: [Change]; count: number }> {
  const before = await readBefore(files, args.path);
  if (before.bytes === null) throw refuse(`'${args.path}' does not exist in the workspace; write makes new files.`);
  const { text, count } = replaceText(textOfFile(before.bytes, args.path), {
    path: args.path,
    old: args.old_string,
    fresh: args.new_string,
    all: args.replace_all === true,
  });
  return { changes: [{ before, after: Buffer.from(text) }], count };
}

function refuse(message: string): Refused {
  return new Refused("INVALID_REQUEST", message);
}
