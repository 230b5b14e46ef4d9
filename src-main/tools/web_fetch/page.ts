/**
 * Reads a page: its title and its text. Runs in a worker, since a page may be made to keep a parser busy. Must never
 * run or load anything of the page.
 */
import { Readability } from "@mozilla/readability";
import { parseHTML } from "linkedom/worker";
import { isDeeperThan, isElement, type PageDocument, type PageNode } from "./dom.ts";
import { stripHidden } from "./hidden.ts";
import { toMarkdown } from "./markdown.ts";

/** Elements above which the search for the main part is not tried; its work grows faster than the page. */
const MAX_ELEMENTS = 30_000;
/** Elements one inside the other above which it is not tried either. */
const MAX_DEPTH = 400;
/** Characters below which what was found for the main part is taken for a mistake when the page holds more. */
const MIN_MAIN = 200;

export interface PageTask {
  html: string;
  url: string;
  extractMain: boolean;
  includeLinks: boolean;
}

export interface PageText {
  title: string;
  text: string;
}

export function readPage({ html, url, extractMain, includeLinks }: PageTask): PageText {
  const document = parse(html);
  stripHidden(document);
  const title = oneLine(document.title);
  const options = { includeLinks, base: url };
  // Where `body` was left out, the text stands beside it.
  const whole = [document.body, document.documentElement]
    .map((root) => (root === null ? "" : toMarkdown(root, options)))
    .find((text) => text !== "");
  if (whole === undefined) return { title, text: "" };
  if (!extractMain) return { title, text: whole };
  const main = findMain(document);
  const text = main === undefined ? "" : toMarkdown(main, options);
  return { title, text: text.length >= Math.min(MIN_MAIN, whole.length) ? text : whole };
}

/** Pages without `html` and `body` are common, and linkedom takes them as they are. */
function parse(html: string): PageDocument {
  const inBody = /<(body|frameset)[\s>]/i.test(html) ? html : `<body>${html}</body>`;
  const { document } = parseHTML(/<html[\s>]/i.test(html) ? html : `<!doctype html><html>${inBody}</html>`);
  return document as unknown as PageDocument;
}

/** What Readability takes for the article; it changes the page. Undefined when it finds none or gives up. */
function findMain(document: PageDocument): PageNode | undefined {
  if (isDeeperThan(document.documentElement ?? document, MAX_DEPTH)) return undefined;
  try {
    const reader = new Readability(document as unknown as ConstructorParameters<typeof Readability>[0], {
      maxElemsToParse: MAX_ELEMENTS,
      disableJSONLD: true,
      serializer: (node: unknown) => node,
    });
    const content = reader.parse()?.content as PageNode | null | undefined;
    return content !== null && content !== undefined && isElement(content) ? content : undefined;
  } catch {
    return undefined;
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, 300);
}
