/**
 * Markdown in WhatsApp's markup, cut to what Twilio takes. Pure.
 *
 * WhatsApp has no way to escape its marks, so a text that holds them by itself may be shown in bold: the words are never
 * changed for it.
 */
import { prefixLines, renderMarkdown, type Markup } from "#main/base/text/markup.ts";
import { splitMarkdown } from "#main/base/text/split.ts";

/** Characters of `Body` (Twilio documentation, error 21617). */
export const MAX_TEXT = 1600;

const WHATSAPP: Markup = {
  text: (plain) => plain,
  strong: (inner) => `*${inner}*`,
  em: (inner) => `_${inner}_`,
  del: (inner) => `~${inner}~`,
  code: (plain) => "```" + plain + "```",
  codeBlock: (plain) => "```" + plain + "```",
  link: (inner, url) => (inner === url || `mailto:${inner}` === url ? inner : `${inner} (${url})`),
  // A heading may hold bold words, and marks inside marks of the same kind are shown as they are.
  heading: (inner) => `*${inner.replaceAll("*", "")}*`,
  quote: (inner) => prefixLines(inner, "> "),
};

export function render(markdown: string): string {
  return renderMarkdown(markdown, WHATSAPP);
}

/** Parts of at most `MAX_TEXT` characters each, once rendered. */
export function split(markdown: string): string[] {
  return splitMarkdown(markdown, MAX_TEXT, (part) => render(part).length);
}
