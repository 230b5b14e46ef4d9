/**
 * Reads a file of the workspace: text with numbered lines, pictures as pictures. Must never read outside the workspace.
 */
import Type from "typebox";
import { withWorkspace, type ConfinedFiles } from "#main/base/confined-files.ts";
import { refuse, type Refused } from "#main/base/errors.ts";
import { defineParams, defineTool, type ToolResult } from "../contract.ts";
import { readLines } from "./lines.ts";

/** Bytes of a picture that a model takes (Anthropic: 5 MB in base64). */
const MAX_IMAGE = 3_750_000;
/** Bytes looked at to tell what a file is. */
const HEAD = 8192;
/** Entries of a folder that its refusal names. */
const MAX_ENTRIES = 50;

export const readTool = defineTool({
  name: "read",
  group: "fs",
  description: "Reads a text file with numbered lines, or a picture.",
  params: defineParams({
    path: Type.String({ minLength: 1, maxLength: 4096 }),
    offset: Type.Optional(Type.Integer({ minimum: 1, description: "First line, from 1" })),
    limit: Type.Optional(Type.Integer({ minimum: 1 })),
  }),
  level: () => 1,
  async run({ path, offset = 1, limit }, world) {
    return withWorkspace(world, async (files) => {
      if ((await files.look(path)).kind === "folder") throw await tellFolder(files, path);
      const { handle, size } = await files.openFile(path);
      try {
        const head = Buffer.alloc(Math.min(HEAD, size));
        const { bytesRead } = await handle.read(head, 0, head.length, 0);
        const start = head.subarray(0, bytesRead);
        const image = imageTypeOf(start);
        if (image !== undefined) return await readImage(files, { path, size, mimeType: image });
        if (start.includes(0)) throw refuse(`'${path}' is a binary file (${size} bytes), not text.`);
        const text = await readLines(handle, { offset, limit, signal: world.signal });
        return { text, untrusted: `file ${path}`, verbatim: true };
      } finally {
        await handle.close();
      }
    });
  },
});

async function tellFolder(files: ConfinedFiles, path: string): Promise<Refused> {
  const { entries, hasMore } = await files.list(path, MAX_ENTRIES);
  const names = entries.map((entry) => (entry.kind === "folder" ? `${entry.name}/` : entry.name)).sort();
  const what = names.length === 0 ? "is an empty folder." : `is a folder. Read a file in it:\n${names.join("\n")}`;
  return refuse(`'${path}' ${what}${hasMore ? "\nand more" : ""}`);
}

/** The MIME type of a picture by its first bytes, whatever its name says. Each format's own specification. */
export function imageTypeOf(head: Uint8Array): string | undefined {
  const text = Buffer.from(head.subarray(0, 12)).toString("latin1");
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (text.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (text.startsWith("GIF87a") || text.startsWith("GIF89a")) return "image/gif";
  return text.startsWith("RIFF") && text.slice(8, 12) === "WEBP" ? "image/webp" : undefined;
}

async function readImage(
  files: ConfinedFiles,
  { path, size, mimeType }: { path: string; size: number; mimeType: string },
): Promise<ToolResult> {
  if (size > MAX_IMAGE) throw refuse(`'${path}' is a picture of ${size} bytes; at most ${MAX_IMAGE} can be shown.`);
  const { bytes } = await files.read(path, MAX_IMAGE);
  const images = [{ mimeType, data: bytes.toString("base64") }];
  return { text: `'${path}' is a picture (${mimeType}, ${bytes.length} bytes).`, images };
}
