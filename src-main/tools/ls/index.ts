/** Lists a folder of the workspace, hidden names included. Must never follow a link or list outside the workspace. */
import Type from "typebox";
import { withWorkspace, type Entry } from "#main/base/confined-files.ts";
import { defineParams, defineTool } from "../contract.ts";

const MAX_ENTRIES = 1000;

export const lsTool = defineTool({
  name: "ls",
  group: "fs",
  description: "Lists a folder with kinds and sizes, hidden names included.",
  params: defineParams({ path: Type.Optional(Type.String({ minLength: 1, maxLength: 4096 })) }),
  level: () => 1,
  async run({ path = "." }, world) {
    return withWorkspace(world, async (files) => {
      const { entries, hasMore } = await files.list(path, MAX_ENTRIES);
      if (entries.length === 0) return { text: "(empty folder)" };
      const lines = entries.toSorted(byName).map(toLine);
      const mark = `[cut here: the folder holds more than ${MAX_ENTRIES} names; glob finds files by pattern]`;
      return { text: [...lines, ...(hasMore ? [mark] : [])].join("\n"), untrusted: "names of files", verbatim: true };
    });
  },
});

/** By code units: the same on every machine. */
function byName(one: Entry, other: Entry): number {
  return one.name < other.name ? -1 : 1;
}

/** `notes.md (120 bytes)`, `src/`, `link (link)`; control characters in names are shown as escapes. */
function toLine({ name, kind, size }: Entry): string {
  const shown = name.replace(/[\u0000-\u001f\u007f-\u009f]/g, (char) => JSON.stringify(char).slice(1, -1));
  if (kind === "folder") return `${shown}/`;
  return kind === "file" ? `${shown} (${size} bytes)` : `${shown} (${kind})`;
}
