/** Markdown, as models write it, in the markup of another place. Pure; the parser is the library's. */
import { lexer, type Token, type Tokens } from "marked";

/** How a place writes things. `inner` is rendered already, `plain` is not escaped yet. */
export interface Markup {
  text(plain: string): string;
  strong(inner: string): string;
  em(inner: string): string;
  del(inner: string): string;
  code(plain: string): string;
  codeBlock(plain: string, language: string): string;
  /** `url` is http, https, mailto or tel; every other link is shown as its text. */
  link(inner: string, url: string): string;
  heading(inner: string): string;
  quote(inner: string): string;
}

/** Marks for places that show plain text: the words stay, links show where they lead. */
export const PLAIN: Markup = {
  text: (plain) => plain,
  strong: (inner) => inner,
  em: (inner) => inner,
  del: (inner) => inner,
  code: (plain) => plain,
  codeBlock: (plain) => plain,
  link: (inner, url) => (inner === url || `mailto:${inner}` === url ? inner : `${inner} (${url})`),
  heading: (inner) => inner,
  quote: (inner) => prefixLines(inner, "> "),
};

/** Puts `prefix` before each line. */
export function prefixLines(text: string, prefix: string): string {
  return text
    .split("\n")
    .map((line) => prefix + line)
    .join("\n");
}

/** Renders a Markdown text. HTML in it is shown as it is written, never obeyed. */
export function renderMarkdown(markdown: string, markup: Markup): string {
  return renderBlocks(lexer(markdown.toWellFormed(), { gfm: true }), markup).trim();
}

function renderBlocks(tokens: readonly Token[], markup: Markup): string {
  let out = "";
  let gap = "";
  for (const token of tokens) {
    if (token.type === "space" || token.type === "def") {
      gap = "\n\n";
      continue;
    }
    out += (out === "" ? "" : gap) + renderBlock(token, markup);
    gap = token.type === "heading" || /\n[ \t]*\n$/.test(token.raw) ? "\n\n" : "\n";
  }
  return out;
}

function renderBlock(token: Token, markup: Markup): string {
  switch (token.type) {
    case "heading":
      return markup.heading(renderInline(token.tokens ?? [], markup));
    case "paragraph":
      return renderInline(token.tokens ?? [], markup);
    case "code":
      return markup.codeBlock(String(token["text"]), String(token["lang"] ?? ""));
    case "blockquote":
      return markup.quote(renderBlocks(token.tokens ?? [], markup));
    case "list":
      return renderList(token as Tokens.List, markup, "");
    case "table":
      return markup.codeBlock(toColumns(token as Tokens.Table), "");
    case "hr":
      return markup.text("———");
    case "text":
      return token.tokens ? renderInline(token.tokens, markup) : markup.text(decode(String(token["text"])));
    default:
      return markup.text(token.raw.trimEnd());
  }
}

function renderList(list: Tokens.List, markup: Markup, indent: string): string {
  const start = list.start === "" ? 1 : list.start;
  const lines = list.items.map((item, index) => {
    const mark = item.task ? (item.checked === true ? "☑ " : "☐ ") : list.ordered ? `${start + index}. ` : "• ";
    const body = item.tokens
      .filter((token) => token.type !== "checkbox")
      .map((token) =>
        token.type === "list"
          ? `\n${renderList(token as Tokens.List, markup, `${indent}  `)}`
          : renderBlock(token, markup),
      );
    return `${indent}${markup.text(mark)}${body.join("")}`;
  });
  return lines.join("\n");
}

/** A table as columns of plain text. */
function toColumns(table: Tokens.Table): string {
  const rows = [table.header, ...table.rows].map((row) => row.map((cell) => renderInline(cell.tokens, PLAIN)));
  const widths = table.header.map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? "")].length)));
  const toLine = (row: string[]) =>
    row
      .map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - [...cell].length)))
      .join("  ")
      .trimEnd();
  return rows.map(toLine).join("\n");
}

function renderInline(tokens: readonly Token[], markup: Markup): string {
  return tokens.map((token) => renderSpan(token, markup)).join("");
}

function renderSpan(token: Token, markup: Markup): string {
  const inner = () => renderInline("tokens" in token ? (token.tokens ?? []) : [], markup);
  switch (token.type) {
    case "strong":
      return markup.strong(inner());
    case "em":
      return markup.em(inner());
    case "del":
      return markup.del(inner());
    case "codespan":
      return markup.code(decode(String(token["text"])));
    case "br":
      return "\n";
    case "link":
    case "image": {
      const text = token.type === "link" ? inner() : markup.text(decode(String(token["text"])));
      const url = String(token["href"]);
      return /^(https?|mailto|tel):/i.test(url) ? markup.link(text || markup.text(url), url) : text;
    }
    case "escape":
      return markup.text(String(token["text"]));
    case "text":
      return "tokens" in token && token.tokens ? inner() : markup.text(decode(String(token["text"])));
    default:
      return markup.text(token.raw);
  }
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };

/** The library escapes what HTML would obey; here that is only text. */
function decode(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}
