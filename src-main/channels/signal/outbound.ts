/**
 * Markdown as Signal writes it: plain text with ranges of style, in UTF-16 units (signal-cli(1), `--text-style`); files as
 * data URIs. Pure. Must never let a text style itself: only Markdown that the parser saw as such becomes a style.
 */
import { PLAIN, renderMarkdown, type Markup } from "#main/base/text/markup.ts";
import { splitMarkdown } from "#main/base/text/split.ts";
import type { OutboundMedia } from "../contract.ts";

const STYLES = ["BOLD", "ITALIC", "STRIKETHROUGH", "MONOSPACE"] as const;
type Style = (typeof STYLES)[number];

export interface StyleRange {
  start: number;
  length: number;
  style: Style;
}

export interface Rendered {
  text: string;
  /** By their start, then the longer first. May lie within each other. */
  styles: readonly StyleRange[];
}

/** Signal's apps cut a body at 2,000 bytes of UTF-8; what is longer travels as a file. */
export const MAX_TEXT_BYTES = 2000;

/** Noncharacters of Unicode: they stand for the beginning of each style, and its end, while the text is put together. */
const FIRST_MARK = 0xfdd0;
const END_MARK = "\uFDDF";
const MARKS = /[\uFDD0-\uFDEF]/g;

function mark(style: Style, inner: string): string {
  return inner === "" ? "" : String.fromCharCode(FIRST_MARK + STYLES.indexOf(style)) + inner + END_MARK;
}

const MARKED: Markup = {
  ...PLAIN,
  strong: (inner) => mark("BOLD", inner),
  em: (inner) => mark("ITALIC", inner),
  del: (inner) => mark("STRIKETHROUGH", inner),
  code: (plain) => mark("MONOSPACE", plain),
  codeBlock: (plain) => mark("MONOSPACE", plain),
  heading: (inner) => mark("BOLD", inner),
};

export function render(markdown: string): Rendered {
  const marked = renderMarkdown(markdown.replace(MARKS, ""), MARKED);
  const styles: StyleRange[] = [];
  const open: { start: number; style: Style }[] = [];
  let text = "";
  for (const piece of marked.split(/([\uFDD0-\uFDDF])/)) {
    const style = STYLES[piece.charCodeAt(0) - FIRST_MARK];
    if (piece === END_MARK) {
      const begun = open.pop();
      const length = text.length - (begun?.start ?? text.length);
      if (begun !== undefined && length > 0) styles.push({ ...begun, length });
    } else if (style !== undefined) open.push({ start: text.length, style });
    else text += piece;
  }
  return { text, styles: styles.sort((a, b) => a.start - b.start || b.length - a.length) };
}

export function split(markdown: string): string[] {
  return splitMarkdown(markdown, MAX_TEXT_BYTES, (part) => Buffer.byteLength(render(part).text));
}

/** `start:length:STYLE`, as signal-cli takes them. */
export function toRanges({ styles }: Rendered): string[] {
  return styles.map(({ start, length, style }) => `${start}:${length}:${style}`);
}

const STYLED_MARKS = { BOLD: "**", ITALIC: "*", STRIKETHROUGH: "~", MONOSPACE: "`" } as const;

/**
 * The text with the marks of signal-cli-rest-api (`text_mode: "styled"`), which knows no ranges. Undefined when there is
 * nothing to style, or when the text itself holds one of its marks: before its release of November 2025 they could not be
 * escaped (its issue 757), and words that arrive whole are worth more than their style. Of styles within each other
 * the outer one stays, since it reads `***` from the left only.
 */
export function toStyledText({ text, styles }: Rendered): string | undefined {
  if (styles.length === 0 || /[*~`|\\]/.test(text)) return undefined;
  let styled = "";
  let end = -1;
  for (const { start, length, style } of styles) {
    if (start <= end) continue;
    const sign = STYLED_MARKS[style];
    styled += text.slice(Math.max(0, end), start) + sign + text.slice(start, start + length) + sign;
    end = start + length;
  }
  return styled + text.slice(end);
}

/**
 * `data:<type>;filename=<name>;base64,…`, as both services take a file. The name becomes part of a path in
 * signal-cli-rest-api, and type and name are parted by signs: everything that could mean something there is replaced.
 */
export function toDataUri(media: OutboundMedia): string {
  const type = /^[\w.+-]{1,64}\/[\w.+-]{1,64}/.exec(media.mimeType)?.[0] ?? "application/octet-stream";
  const name = media.fileName
    .toWellFormed()
    .replace(/[^\p{L}\p{N}._-]+/gu, "_")
    .replace(/^\.+/, "")
    .slice(-100);
  return `data:${type};filename=${name.toWellFormed() || "file"};base64,${Buffer.from(media.bytes).toString("base64")}`;
}
