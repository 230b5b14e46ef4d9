/** Reads lists of pages out of JSON that somebody else wrote. Pure; must never trust a shape. */
import { RemoteError } from "#main/base/errors.ts";
import type { FoundPage } from "./contract.ts";

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The entries of the list at `path`. Throws RemoteError when there is no such list.
 * @param path names from the top: `["web", "results"]`
 * @param snippetOf the text that says what a page holds
 */
export function readPages(text: string, path: readonly string[], snippetOf: (entry: Fields) => unknown): FoundPage[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RemoteError("UNAVAILABLE", "the answer is not JSON", { cause: error });
  }
  for (const name of path) value = isFields(value) ? value[name] : undefined;
  // Services leave the list out when nothing was found.
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new RemoteError("UNAVAILABLE", "the answer holds no list of pages");
  return value.filter(isFields).map((entry) => ({
    title: textOf(entry["title"]),
    url: textOf(entry["url"]),
    snippet: textOf(snippetOf(entry)),
  }));
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return Array.isArray(value) ? value.filter((part) => typeof part === "string").join(" … ") : "";
}
