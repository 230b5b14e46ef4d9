/**
 * Fetches a web page and gives its text as Markdown. What comes back is somebody else's words and is marked as such.
 * Must never reach this machine's network: it only has the guarded fetch.
 */
import Type from "typebox";
import { refuse } from "#main/base/errors.ts";
import type { GuardedFetchAnswer } from "#main/base/guarded-fetch.ts";
import { checkCarriesNoSecret, checkUrl } from "#main/base/guarded-net/url.ts";
import { defineParams, defineTool, type ToolContext } from "../contract.ts";
import { readContent } from "./content.ts";
import { readPageApart } from "./read-page.ts";

const MAX_BYTES = 1024 * 1024;
const TIMEOUT_MS = 20_000;
const MAX_CHARS = 10_000;
/** Characters of a page that only says what went wrong. */
const MAX_ERROR_CHARS = 1_000;

export const webFetchTool = defineTool({
  name: "web_fetch",
  group: "web",
  description:
    "Fetches a page from the public web and returns its text as Markdown. JSON and plain text come as they are.",
  params: defineParams({
    url: Type.String({ minLength: 8, maxLength: 2048, description: "http:// or https://" }),
    extract_main: Type.Optional(Type.Boolean({ description: "Only the main text [true]" })),
    include_links: Type.Optional(Type.Boolean({ description: "With the addresses of links [false]" })),
    max_chars: Type.Optional(Type.Integer({ minimum: 1000, maximum: 50_000, description: "[10000]" })),
  }),
  level: () => 2,
  async plan({ url }) {
    const { url: checked } = checkUrl(url);
    checkCarriesNoSecret(url);
    return { summary: `Fetch ${checked.href}`, hosts: [checked.hostname] };
  },
  async run({ url, extract_main = true, include_links = false, max_chars = MAX_CHARS }, context) {
    const response = await context.fetch(url, {
      headers: {
        accept: "text/html,application/xhtml+xml,text/*;q=0.9,application/json;q=0.9,*/*;q=0.1",
        "user-agent": AGENT,
      },
      maxBytes: MAX_BYTES,
      timeoutMs: TIMEOUT_MS,
    });
    const page = await textOf(response, { extract_main, include_links }, context);
    const isError = response.status < 200 || response.status > 299;
    const limit = isError ? Math.min(max_chars, MAX_ERROR_CHARS) : max_chars;
    const head = [
      ...(isError ? [`The site answered with status ${response.status}.`] : []),
      ...(page.title === "" ? [] : [`# ${page.title}`]),
      `Address: ${response.url}`,
    ];
    const notes = response.truncated ? [`[only the first ${MAX_BYTES / 1024} KiB of the page were read]`] : [];
    const text = [...head, "", cut(page.text, limit), ...notes].join("\n");
    return { text, untrusted: response.url, ...(isError ? { isError } : {}) };
  },
});

/** Sites turn unnamed clients away; this one says honestly what it is. */
const AGENT = "Mozilla/5.0 (compatible; Gatehouse)";

async function textOf(
  { body, headers, url }: GuardedFetchAnswer,
  { extract_main, include_links }: { extract_main: boolean; include_links: boolean },
  { clock, signal }: ToolContext,
): Promise<{ title: string; text: string }> {
  const content = readContent(body, headers["content-type"]);
  if (content.kind === "binary") {
    throw refuse(
      `The address holds ${content.type} (${body.length} bytes), which is not text; web_fetch reads pages and text.`,
    );
  }
  if (content.kind === "text") return { title: "", text: content.text };
  const task = { html: content.text, url, extractMain: extract_main, includeLinks: include_links };
  return await readPageApart(task, { clock, signal });
}

/** At most `limit` characters, with a mark that says what is missing. */
function cut(text: string, limit: number): string {
  const plain = text.trim();
  if (plain === "") return "(no text)";
  if (plain.length <= limit) return plain;
  const kept = plain.slice(0, limit).replace(/[\ud800-\udbff]$/, "");
  return `${kept}\n[cut here: ${limit} of ${plain.length} characters; ask with a larger max_chars for more]`;
}
