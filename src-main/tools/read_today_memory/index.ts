/** Reads what `append_memory` kept today. Must never read another file than the day's, nor one outside the workspace. */
import { textOfFile } from "#main/base/confined/changes.ts";
import { withWorkspace } from "#main/base/confined-files.ts";
import { toLocalDay } from "#main/base/text/day.ts";
import { defineParams, defineTool } from "../contract.ts";

/** Bytes: a little more than `append_memory` lets a day have, since a person may write there too. */
const MAX_DAY = 512 * 1024;

export const readTodayMemoryTool = defineTool({
  name: "read_today_memory",
  group: "fs",
  description: "Reads today's notes.",
  params: defineParams({}),
  level: () => 1,
  async run(_args, world) {
    world.signal.throwIfAborted();
    const path = `memory/${toLocalDay(world.clock.now())}.md`;
    return withWorkspace(world, async (files) => {
      if ((await files.look(path)).kind === "missing") return { text: "(no notes today)" };
      const { bytes } = await files.read(path, MAX_DAY);
      if (bytes.length === 0) return { text: "(no notes today)" };
      // A turn over somebody else's page may have written here: the notes are data, not instructions.
      return { text: textOfFile(bytes, path), untrusted: path };
    });
  },
});
