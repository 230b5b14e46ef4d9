/**
 * From our messages to Discord's: its Markdown, its components, the body of a request. Pure. Whatever a text holds, it
 * must never notify anyone (`allowed_mentions`), and what looks like markup in plain text is shown as it is written.
 */
import { createHash } from "node:crypto";
import type { RESTPostAPIChannelMessageJSONBody } from "discord.js";
import { prefixLines, renderMarkdown, type Markup } from "#main/base/text/markup.ts";
import { splitMarkdown } from "#main/base/text/split.ts";
import type { Button, OutboundMessage } from "../contract.ts";

/** "Message Resource", Create Message. */
export const MAX_TEXT = 2000;
const MAX_NONCE = 25;
const BUTTONS_PER_ROW = 5;

/** Discord's Markdown: a backslash before any mark makes it text. */
const MARKUP: Markup = {
  text: escapeMarks,
  strong: (inner) => `**${inner}**`,
  em: (inner) => `*${inner}*`,
  del: (inner) => `~~${inner}~~`,
  code: (plain) => (plain.includes("`") ? `\`\` ${breakRuns(plain, 2)} \`\`` : `\`${plain}\``),
  codeBlock: (plain, language) =>
    `\`\`\`${/^[\w+#-]{0,20}$/.test(language) ? language : ""}\n${breakRuns(plain, 3)}\n\`\`\``,
  link: toLink,
  heading: (inner) => `### ${inner}`,
  quote: (inner) => prefixLines(inner, "> "),
};

export function render(markdown: string): string {
  return renderMarkdown(markdown, MARKUP);
}

export function split(markdown: string): string[] {
  return splitMarkdown(markdown, MAX_TEXT, (part) => render(part).length);
}

/** The body of a new message, without the file. */
export function toBody(message: OutboundMessage): RESTPostAPIChannelMessageJSONBody {
  const { idempotencyKey, replyTo, media } = message;
  return {
    ...toContent(message),
    // Discord takes a second message with the same nonce for the first one, for some minutes.
    nonce: createHash("sha256").update(idempotencyKey).digest("base64url").slice(0, MAX_NONCE),
    enforce_nonce: true,
    ...(replyTo !== undefined && { message_reference: { message_id: replyTo, fail_if_not_exists: false } }),
    ...(media !== undefined && { attachments: [{ id: 0, filename: media.fileName }] }),
  };
}

/** What a new message and a changed one have in common. No buttons: those that were there go. */
export function toContent({ text, buttons = [] }: Pick<OutboundMessage, "text" | "buttons">) {
  return { content: render(text), components: toRows(buttons), allowed_mentions: { parse: [] } };
}

function toRows(buttons: readonly Button[]) {
  const count = Math.ceil(buttons.length / BUTTONS_PER_ROW);
  return Array.from({ length: count }, (_, row) => ({
    type: 1 as const,
    components: buttons.slice(row * BUTTONS_PER_ROW, (row + 1) * BUTTONS_PER_ROW).map(toButton),
  }));
}

function toButton({ label, data, style }: Button) {
  const styles = { primary: 1, danger: 4 } as const;
  return { type: 2 as const, style: style === undefined ? (2 as const) : styles[style], label, custom_id: data };
}

/** An invisible space keeps backticks in code from closing it. */
function breakRuns(code: string, length: number): string {
  return code.replace(new RegExp(`\`(?=\`{${length - 1}})`, "g"), "`\u200B");
}

function escapeMarks(plain: string): string {
  return plain.replace(/[\\*_~`|<[\]]/g, "\\$&").replace(/^(\s*)([#>+-])/gm, "$1\\$2");
}

/** In angle brackets Discord fetches no preview: an address must not carry words out by itself. */
function toLink(inner: string, url: string): string {
  // Only web addresses can lie under words on Discord.
  if (!/^https?:/i.test(url)) return `${inner} (${escapeMarks(url)})`;
  const target = `<${url.replaceAll(">", "%3E")}>`;
  return /^https?:/i.test(inner) ? target : `[${inner}](${target})`;
}
