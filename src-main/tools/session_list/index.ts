/**
 * Lists the agent's own conversations. Titles come from what people wrote, so they are marked as untrusted. Must never
 * name a conversation of another agent.
 */
import Type from "typebox";
import { defineParams, defineTool } from "../contract.ts";

/** Conversations asked for, of which some may belong to other agents. */
const MAX_LOOKED_AT = 1_000;
const MAX_TITLE = 100;

export const sessionListTool = defineTool({
  name: "session_list",
  group: "sessions",
  description: "Lists your own conversations, newest first: key, title, time, number of messages.",
  params: defineParams({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: "[20]" })) }),
  level: () => 1,
  async run({ limit = 20 }, { agentId, services, sessionKey, signal }) {
    signal.throwIfAborted();
    const all = await services.listSessions(MAX_LOOKED_AT);
    const own = all.filter(({ key }) => key.startsWith(`agent:${agentId}:`)).slice(0, limit);
    if (own.length === 0) return { text: "There are no conversations." };
    const lines = own.map(({ key, title, updatedAt, messageCount }) => {
      const name =
        title
          .replace(/[\s\p{Cc}]+/gu, " ")
          .trim()
          .slice(0, MAX_TITLE)
          .toWellFormed() || "(no title)";
      const here = key === sessionKey ? " (this one)" : "";
      return `${key}${here} | ${name} | ${new Date(updatedAt).toISOString()} | ${messageCount} messages`;
    });
    return { text: lines.join("\n"), untrusted: "titles of conversations" };
  },
});
