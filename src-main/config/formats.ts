/**
 * The four formats of a configuration file, by the ending of its name. Each parser is loaded when a file needs it. What
 * comes out is a plain tree; what goes out parses back to the same tree, or is not written.
 */
import { extname } from "node:path";
import { Refused, messageOf } from "#main/base/errors.ts";
import { equalTrees, toPlainTree } from "./tree.ts";

export type Format = "yaml" | "json" | "json5" | "toml";

const ENDINGS: Readonly<Record<string, Format>> = {
  ".yaml": "yaml",
  ".yml": "yaml",
  ".json": "json",
  ".json5": "json5",
  ".toml": "toml",
};

/** Larger files are no configuration. Bytes. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Throws Refused `INVALID_REQUEST` for an unknown ending. */
export function formatOf(path: string): Format {
  const format = ENDINGS[extname(path).toLowerCase()];
  if (format !== undefined) return format;
  throw new Refused("INVALID_REQUEST", `${path} must end in .yaml, .yml, .json, .json5 or .toml`);
}

async function parseRaw(text: string, format: Format): Promise<unknown> {
  switch (format) {
    case "yaml":
      return (await import("yaml")).parse(text);
    case "json":
      return JSON.parse(text);
    case "json5":
      return (await import("json5")).default.parse(text);
    case "toml":
      return (await import("smol-toml")).parse(text);
  }
}

/** The first line of a parser's message: the rest draws the file, and the file may hold secrets. */
function reasonOf(thrown: unknown): string {
  const first = messageOf(thrown).split("\n")[0] ?? "";
  // JSON.parse quotes a piece of the text; only the position is wanted.
  const quoted = /^(.*?)(?:, )?"[^]*?(?:is not valid JSON|in JSON)(.*)$/.exec(first);
  return quoted ? `it is not valid JSON${quoted[2] ?? ""}` : first.replace(/:$/, "");
}

/**
 * Reads a file's text. Empty: `{}`.
 * Throws Refused `INVALID_REQUEST` with a reason that holds nothing of the file's content.
 */
export async function parseConfig(text: string, format: Format): Promise<unknown> {
  if (Buffer.byteLength(text) > MAX_BYTES) throw new Refused("INVALID_REQUEST", "it is larger than 4 MB");
  const body = text.replace(/^\ufeff/, "");
  if (body.trim() === "") return {};
  try {
    // A YAML file of comments only is null.
    return toPlainTree((await parseRaw(body, format)) ?? {});
  } catch (thrown) {
    throw new Refused("INVALID_REQUEST", reasonOf(thrown), { cause: thrown });
  }
}

async function serialiseRaw(next: unknown, format: Format, previous: string | undefined): Promise<string> {
  switch (format) {
    case "yaml":
      return (await import("./yaml-edit.ts")).editYaml(previous, next);
    case "json":
      return `${JSON.stringify(next, null, 2)}\n`;
    case "json5":
      return `${(await import("json5")).default.stringify(next, null, 2)}\n`;
    case "toml":
      return (await import("smol-toml")).stringify(next as Record<string, unknown>);
  }
}

/**
 * The text of a tree in a format, proved by reading it back.
 * @param previous the text it replaces: YAML keeps its comments and order
 * Throws Refused `INVALID_REQUEST` when the format cannot say it (TOML has no null).
 */
export async function serialiseConfig(next: unknown, format: Format, previous: string | undefined): Promise<string> {
  let text: string;
  let back: unknown;
  try {
    text = await serialiseRaw(next, format, previous);
    back = await parseConfig(text, format);
  } catch (thrown) {
    throw new Refused("INVALID_REQUEST", `this cannot be written as ${format}: ${reasonOf(thrown)}`, { cause: thrown });
  }
  if (!equalTrees(back, next)) {
    throw new Refused("INVALID_REQUEST", `this cannot be written as ${format} without loss; use another format`);
  }
  return text;
}
