/** A conversation as a file that a person can keep: Markdown to read, JSON and JSONL to work with. */
import type { Message } from "#main/protocol/messages.ts";
import type { MethodResult } from "#main/protocol/methods/index.ts";
import type { Database } from "#main/store/database.ts";
import { readMessages } from "#main/store/messages.ts";
import type { SessionRecord } from "#main/store/sessions.ts";

const PAGE = 1000;

export async function exportSession(
  db: Database,
  record: SessionRecord,
  format: "markdown" | "json" | "jsonl",
): Promise<MethodResult<"sessions.export">> {
  const messages = await readAll(db, record);
  const title = record.label ?? record.derived_title ?? record.key;
  const file = (extension: string, mimeType: string, content: string) => {
    return { fileName: `${toFileName(title)}.${extension}`, mimeType, content };
  };
  if (format === "markdown") return file("md", "text/markdown", toMarkdown(title, messages));
  if (format === "json") {
    return file("json", "application/json", JSON.stringify({ key: record.key, title, messages }, null, 2));
  }
  return file("jsonl", "application/x-ndjson", messages.map((message) => `${JSON.stringify(message)}\n`).join(""));
}

async function readAll(db: Database, record: SessionRecord): Promise<Message[]> {
  const place = { sessionKey: record.key, sessionId: record.session_id };
  const pages: Message[][] = [];
  let before: string | undefined;
  for (;;) {
    const page = await readMessages(db, place, { limit: PAGE, before });
    pages.unshift(page.messages);
    before = page.messages[0]?.id;
    if (!page.hasMore || before === undefined) return pages.flat();
  }
}

/** Safe on all three systems: no separators, no control characters, no reserved names, no dot at the end. */
export function toFileName(title: string): string {
  const plain = title
    .replace(/[\p{Cc}\p{Cf}<>:"/\\|?*]/gu, " ")
    .replace(/\s+/gu, " ")
    .trim()
    .slice(0, 80)
    .toWellFormed()
    .replace(/[. ]+$/u, "");
  return plain === "" || /^(?:con|prn|aux|nul|com\d|lpt\d)$/iu.test(plain) ? "conversation" : plain;
}

function toMarkdown(title: string, messages: readonly Message[]): string {
  const parts = messages.flatMap((message) => {
    const who =
      message.role === "user" ? "You" : message.role === "assistant" ? "Assistant" : `Tool: ${message.toolName ?? ""}`;
    const when = new Date(message.timestamp).toISOString();
    const body = message.content.map((block) => {
      if (block.type === "text") return block.text;
      if (block.type === "file") return `File \`${block.fileName}\`:\n\n${block.text}`;
      if (block.type === "image") return `[Image${block.fileName === undefined ? "" : ` ${block.fileName}`}]`;
      if (block.type === "toolCall") return `Called \`${block.name}\` with \`${JSON.stringify(block.arguments)}\``;
      return "";
    });
    const note = message.incomplete === true ? "\n\n*(incomplete)*" : "";
    return [`## ${who} · ${when}\n\n${body.filter((text) => text !== "").join("\n\n")}${note}\n`];
  });
  return `# ${title}\n\n${parts.join("\n")}`;
}
