/**
 * Slack's own markup, "mrkdwn", in both directions. Pure. Facts: docs.slack.dev, "Formatting message text": only `&`,
 * `<` and `>` are escaped; links, mentions and channels stand in angle brackets. Must never let a text name people,
 * channels or `@here` by itself: every `<` of a text is escaped.
 */
import { prefixLines, renderMarkdown, type Markup } from "#main/base/text/markup.ts";

const MRKDWN: Markup = {
  text: escape,
  strong: (inner) => `*${inner}*`,
  em: (inner) => `_${inner}_`,
  del: (inner) => `~${inner}~`,
  // Slack has no way to write a backtick inside code.
  code: (plain) => (plain.includes("`") ? escape(plain) : `\`${escape(plain)}\``),
  // Signs without width keep three backticks inside a block from ending it.
  codeBlock: (plain) => `\`\`\`\n${escape(plain).replaceAll("```", "`\u200B`\u200B`")}\n\`\`\``,
  link: toLink,
  heading: (inner) => (inner.includes("*") ? inner : `*${inner}*`),
  quote: (inner) => prefixLines(inner, "> "),
};

/** Markdown as Slack writes it. */
export function toMrkdwn(markdown: string): string {
  return renderMarkdown(markdown, MRKDWN);
}

function escape(plain: string): string {
  return plain.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function toLink(inner: string, url: string): string {
  const target = escape(url).replaceAll("|", "%7C");
  return inner === escape(url) ? `<${target}>` : `<${target}|${inner.replaceAll("\n", " ")}>`;
}

/**
 * What a person wrote, as plain text, and whether Slack marked us in it. Our mark is taken out; others stay readable.
 * A `<@U…>` that somebody typed arrives escaped, so only Slack's own marks count.
 * @param ownId our user id there
 */
export function toPlainText(mrkdwn: string, ownId: string): { text: string; mentionsMe: boolean } {
  let mentionsMe = false;
  const read = (whole: string, mark: string | undefined, space = "") => {
    if (mark === undefined) return unescape(whole);
    if (mark !== `@${ownId}` && !mark.startsWith(`@${ownId}|`)) return unescape(readMark(mark)) + space;
    mentionsMe = true;
    return "";
  };
  const text = mrkdwn.toWellFormed().replace(/<([@#!][^<>]*|[a-z][\w+.-]*:[^<>]*)>( ?)|&(?:amp|lt|gt);/gi, read);
  return { text: mentionsMe ? text.trim() : text, mentionsMe };
}

/** The inside of angle brackets, for reading: a link, `@U…`, `#C…`, `!here`, `!subteam^S…`, `!date^…`. */
function readMark(mark: string): string {
  const [, target = mark, label = ""] = /^([^|]*)\|?(.*)$/s.exec(mark) ?? [];
  if (target.startsWith("@")) return target;
  if (target.startsWith("#")) return `#${label || target.slice(1)}`;
  if (target.startsWith("!")) return label || `@${target.slice(1)}`;
  const shown = target.replace(/^mailto:/, "");
  return label === "" || label === shown || label === target ? shown : `${label} (${target})`;
}

function unescape(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
