/** Finds files of the workspace by a pattern of their names. Must never follow a link or name what is outside. */
import Type from "typebox";
import { LARGE_FOLDERS, walkTree } from "#main/base/confined/tree.ts";
import { withWorkspace, type ConfinedFiles } from "#main/base/confined-files.ts";
import { compileGlob, folderOfGlob } from "#main/base/text/glob.ts";
import { defineParams, defineTool } from "../contract.ts";

const MAX_SHOWN = 1000;
/** Names looked at, and matches kept for sorting. */
const MAX_LOOKED_AT = 300_000;
const MAX_KEPT = 50_000;

interface Match {
  path: string;
  at: bigint;
}

export const globTool = defineTool({
  name: "glob",
  group: "fs",
  description: "Finds files by a pattern such as src/**/*.{ts,tsx}, the newest first.",
  params: defineParams({
    pattern: Type.String({ minLength: 1, maxLength: 1000 }),
    path: Type.Optional(Type.String({ minLength: 1, maxLength: 4096, description: "Folder" })),
  }),
  level: () => 1,
  async run({ pattern, path = "." }, world) {
    return withWorkspace(world, async (files) => {
      const { matches, isWhole } = await find(files, { pattern, path, signal: world.signal });
      matches.sort((one, other) =>
        one.at === other.at ? (one.path < other.path ? -1 : 1) : one.at > other.at ? -1 : 1,
      );
      const marks = [
        ...(matches.length > MAX_SHOWN ? [`[cut here: the newest ${MAX_SHOWN} of ${matches.length} files]`] : []),
        ...(isWhole ? [] : ["[not all folders were searched: there are too many names; give a path]"]),
      ];
      const lines = matches.slice(0, MAX_SHOWN).map((match) => escapeControls(match.path));
      return {
        text: [...(lines.length === 0 ? ["No files found"] : lines), ...marks].join("\n"),
        untrusted: "names of files",
        verbatim: true,
      };
    });
  },
});

async function find(
  files: ConfinedFiles,
  { pattern, path, signal }: { pattern: string; path: string; signal: AbortSignal },
): Promise<{ matches: Match[]; isWhole: boolean }> {
  const matcher = compileGlob(pattern);
  const { relative } = await files.look(path);
  const base = folderOfGlob(pattern);
  const start = [relative, base].filter((part) => part !== "").join("/") || ".";
  const matches: Match[] = [];
  // The folder of the pattern may not exist; the folder that was asked for must.
  const { kind } = await files.look(start);
  if (kind !== "folder" && base !== "" && (await files.look(path)).kind === "folder") return { matches, isWhole: true };
  const named = `${path}/${pattern}`;
  const skip = new Set(LARGE_FOLDERS.filter((name) => !named.includes(name)));
  let looked = 0;
  for await (const entry of walkTree(files, start, { skip, signal })) {
    if (++looked > MAX_LOOKED_AT || matches.length >= MAX_KEPT) return { matches, isWhole: false };
    if (entry.isFolder || !matcher.test([base, entry.relative].filter((part) => part !== "").join("/"))) continue;
    const stats = await entry.look();
    if (stats !== undefined) matches.push({ path: toShown(start, entry.relative), at: stats.mtimeNs });
  }
  return { matches, isWhole: true };
}

function toShown(start: string, relative: string): string {
  return start === "." ? relative : `${start}/${relative}`;
}

function escapeControls(path: string): string {
  return path.replace(/[\u0000-\u001f\u007f-\u009f]/g, (char) => JSON.stringify(char).slice(1, -1));
}
