/**
 * A page's text with its headings, lists, quotes, code and tables as Markdown. Pure over a parsed page. Addresses are
 * left out unless asked for; pictures always.
 */
import { isElement, TEXT, type PageElement, type PageNode } from "./dom.ts";

/** Elements nested deeper than this are read as plain text: a page may be nested without end. */
const MAX_DEPTH = 200;

export interface MarkdownOptions {
  includeLinks: boolean;
  /** Address of the page, for links that are relative to it. */
  base: string;
}

interface Place extends MarkdownOptions {
  depth: number;
  /** Inside `pre`: white space is kept. */
  isCode: boolean;
}

export function toMarkdown(root: PageNode, options: MarkdownOptions): string {
  const text = childrenOf(root, { ...options, depth: 0, isCode: false });
  return text
    .replace(/[ \t]+\n/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

function childrenOf(node: PageNode, place: Place): string {
  const parts: string[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) parts.push(textOf(child, place));
  return parts.join("");
}

function textOf(node: PageNode, place: Place): string {
  if (node.nodeType === TEXT) {
    const text = node.textContent ?? "";
    return place.isCode ? text : text.replace(/[\s\u00a0]+/g, " ");
  }
  if (!isElement(node)) return "";
  if (place.depth >= MAX_DEPTH) return (node.textContent ?? "").replace(/\s+/g, " ");
  return elementText(node, { ...place, depth: place.depth + 1 });
}

function elementText(element: PageElement, place: Place): string {
  const name = element.nodeName.toUpperCase();
  if (name === "HEAD" || name === "TITLE") return "";
  if (name === "BR") return "\n";
  if (name === "HR") return "\n\n---\n\n";
  if (name === "PRE") return block(fenced(childrenOf(element, { ...place, isCode: true })));
  if (name === "UL" || name === "OL") return block(listText(element, place, name === "OL"));
  if (name === "TABLE") return block(tableText(element, place));
  const inner = childrenOf(element, place);
  const heading = /^H([1-6])$/.exec(name)?.[1];
  if (heading !== undefined) return block(`${"#".repeat(Number(heading))} ${oneLine(inner)}`, oneLine(inner) === "");
  if (name === "BLOCKQUOTE")
    return block(
      inner
        .trim()
        .replace(/\n{3,}/g, "\n\n")
        .replace(/^/gm, "> "),
      inner.trim() === "",
    );
  if (name === "CODE" && !place.isCode && !inner.includes("\n") && inner.trim() !== "") return `\`${inner.trim()}\``;
  if (name === "A") return linkText(element, inner, place);
  return BLOCKS.test(name) ? block(inner.trim()) : inner;
}

const BLOCKS =
  /^(P|DIV|SECTION|ARTICLE|MAIN|HEADER|FOOTER|ASIDE|NAV|FIGURE|FIGCAPTION|ADDRESS|DL|DT|DD|DETAILS|SUMMARY|FORM|FIELDSET|BODY|LI|TR|CAPTION|HGROUP)$/;

function block(text: string, isEmpty = text.trim() === ""): string {
  return isEmpty ? "\n" : `\n\n${text}\n\n`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** A fence longer than any run of backticks inside. */
function fenced(code: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`{3,}/g)].map(([run]) => run.length));
  const marks = "`".repeat(longest + 1);
  return code.trim() === "" ? "" : `${marks}\n${code.replace(/^\n+|\s+$/g, "")}\n${marks}`;
}

function listText(list: PageElement, place: Place, isNumbered: boolean): string {
  const lines: string[] = [];
  for (let child = list.firstChild; child !== null; child = child.nextSibling) {
    const text = textOf(child, place)
      .trim()
      .replace(/\n{2,}/g, "\n");
    if (text === "") continue;
    const mark = isNumbered ? `${lines.length + 1}. ` : "- ";
    lines.push(mark + text.replaceAll("\n", `\n${" ".repeat(mark.length)}`));
  }
  return lines.join("\n");
}

function tableText(table: PageElement, place: Place): string {
  const rows: string[] = [];
  for (const row of rowsOf(table)) {
    const cells: string[] = [];
    for (let cell = row.firstChild; cell !== null; cell = cell.nextSibling) {
      if (isElement(cell)) cells.push(oneLine(textOf(cell, place)));
    }
    if (cells.some((cell) => cell !== "")) rows.push(cells.join(" | "));
  }
  return rows.join("\n");
}

/** A table's own rows: those of tables inside it are read with their cell. Text beside the rows counts as a row. */
function* rowsOf(part: PageElement): Generator<PageElement> {
  for (let child = part.firstChild; child !== null; child = child.nextSibling) {
    if (!isElement(child)) continue;
    const name = child.nodeName.toUpperCase();
    if (name === "THEAD" || name === "TBODY" || name === "TFOOT") yield* rowsOf(child);
    else yield child;
  }
}

/** `[text](address)` for addresses of the web; the text alone for every other. */
function linkText(link: PageElement, inner: string, { includeLinks, base }: Place): string {
  const address = link.getAttribute("href")?.trim() ?? "";
  const text = oneLine(inner);
  if (!includeLinks || text === "" || address === "" || address.startsWith("#")) return inner;
  if (!URL.canParse(address, base)) return inner;
  const url = new URL(address, base);
  return url.protocol === "http:" || url.protocol === "https:" ? `[${text}](${url.href})` : inner;
}
