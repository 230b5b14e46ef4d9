/**
 * A message as Slack's `chat.postMessage` and `chat.update` take it. Pure. Facts: docs.slack.dev, "chat.postMessage"
 * (40,000 characters), "section block" (3,000), "button element" (75 and 2,000), "attachments".
 */
import { splitMarkdown } from "#main/base/text/split.ts";
import type { Button, OutboundMessage } from "../contract.ts";
import { toMrkdwn } from "./mrkdwn.ts";

/** Characters of one message; Slack cuts off what is beyond. */
export const MAX_TEXT = 40_000;
/** Characters of a section. */
const MAX_SECTION = 3000;

export interface Content {
  text: string;
  /** Shown instead of the text. */
  blocks?: readonly object[];
  /** Shown below the text. */
  attachments?: readonly object[];
}

export function splitText(markdown: string): string[] {
  return splitMarkdown(markdown, MAX_TEXT, (part) => toMrkdwn(part).length);
}

/** With buttons the words stand in a section above them; where they do not fit one, the buttons hang on the text. */
export function toContent({ text: markdown, buttons = [] }: Pick<OutboundMessage, "text" | "buttons">): Content {
  const text = toMrkdwn(markdown);
  if (buttons.length === 0) return { text };
  const actions = { type: "actions", elements: buttons.map(toElement) };
  if (text === "" || text.length > MAX_SECTION) {
    return { text, attachments: [{ fallback: labelsOf(buttons), blocks: [actions] }] };
  }
  const section = { type: "section", text: { type: "mrkdwn", text } };
  return { text, blocks: [section, actions] };
}

function toElement({ label, data, style }: Button, index: number): object {
  const text = { type: "plain_text", text: label.toWellFormed(), emoji: true };
  return { type: "button", action_id: `button-${index}`, text, value: data, ...(style === undefined ? {} : { style }) };
}

function labelsOf(buttons: readonly Button[]): string {
  return buttons.map(({ label }) => label.toWellFormed()).join(" / ");
}
