import type { ContentBlock } from "./messages.ts";

/** The visible text of a message, its text blocks joined. */
export function textOf(message: { content: readonly ContentBlock[] }): string {
  let text = "";
  for (const block of message.content) if (block.type === "text") text += block.text;
  return text;
}
