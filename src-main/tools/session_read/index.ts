/**
 * Reads the newest messages of one of the agent's own conversations. Other people wrote in them, so they are marked as
 * untrusted. Must never read a conversation of another agent.
 */
import Type from "typebox";
import { Refused } from "#main/base/errors.ts";
import { defineParams, defineTool } from "../contract.ts";

const MAX_MESSAGE = 4_000;
const MAX_TEXT = 50_000;

export const sessionReadTool = defineTool({
  name: "session_read",
  group: "sessions",
  description: "Reads the newest messages of one of your own conversations, oldest first.",
  params: defineParams({
    key: Type.String({ minLength: 1, maxLength: 500, description: "From session_list" }),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: "[20]" })),
  }),
  level: () => 1,
  async run({ key, limit = 20 }, { agentId, services, signal }) {
    signal.throwIfAborted();
    if (!key.startsWith(`agent:${agentId}:`)) {
      throw new Refused("FORBIDDEN", "This conversation is not one of yours; session_list names those that are.");
    }
    const messages = await services.readSession(key, limit);
    if (messages.length === 0) return { text: "This conversation holds no messages." };
    const lines = messages.map(({ role, text, timestamp }) => {
      const short = text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE).toWellFormed()} [cut here]` : text;
      // Indented, so that no line of a message can pose as the beginning of another.
      return `[${new Date(timestamp).toISOString()}] ${role}\n${short.replace(/^/gm, "  ")}`;
    });
    return { text: newest(lines), untrusted: `conversation ${key}` };
  },
});

/** As many of the newest as fit, oldest first. */
function newest(lines: readonly string[]): string {
  const kept: string[] = [];
  let room = MAX_TEXT;
  for (const line of lines.toReversed()) {
    room -= line.length + 1;
    if (room < 0) break;
    kept.unshift(line);
  }
  const left = lines.length - kept.length;
  return [...(left === 0 ? [] : [`[${left} older messages left out]`]), ...kept].join("\n");
}
