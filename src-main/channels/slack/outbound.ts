/**
 * A message as Slack's `chat.postMessage` and `chat.update` take it. Pure. Facts: docs.slack.dev, "chat.postMessage"
 * (40,000 characters), "attachments", "button element".
 */
import { splitMarkdown } from "#main/base/text/split.ts";
import type { Button, OutboundMessage } from "../contract.ts";
import { toMrkdwn } from "./mrkdwn.ts";

/** Characters of one message; Slack cuts off what is beyond. */
export const MAX_TEXT = 40_000;

export function splitText(markdown: string): string[] {
  return splitMarkdown(markdown, MAX_TEXT, (part) => toMrkdwn(part).length);
}

/** Buttons hang below the text: blocks would stand instead of it, and hold 3,000 characters. */
export function toContent({ text, buttons = [] }: Pick<OutboundMessage, "text" | "buttons">) {
  const actions = { type: "actions", elements: buttons.map(toElement) };
  // What `chat.update` does not name stays: no buttons are said too.
  return { text: toMrkdwn(text), attachments: buttons.length === 0 ? [] : [{ blocks: [actions] }] };
}

function toElement({ label, data, style }: Button, index: number) {
  const text = { type: "plain_text", text: label.toWellFormed(), emoji: true };
  return { type: "button", action_id: `button-${index}`, text, value: data, ...(style === undefined ? {} : { style }) };
}
