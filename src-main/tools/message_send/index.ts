/**
 * Sends a message into a conversation. It acts toward other people, so it asks: what is shown is the whole text. Must
 * never change what was shown.
 */
import Type from "typebox";
import { defineParams, defineTool } from "../contract.ts";

export const messageSendTool = defineTool({
  name: "message_send",
  group: "messaging",
  description: "Sends a message into another conversation. The owner is asked first.",
  params: defineParams({
    session: Type.String({ minLength: 1, maxLength: 500, description: "From session_list" }),
    text: Type.String({ minLength: 1, maxLength: 4000 }),
  }),
  level: () => 8,
  plan: async ({ session, text }) => ({
    // As JSON: line breaks and control characters stay visible on one line.
    summary: `Send to ${session}: ${JSON.stringify(text)}`,
    why: "it speaks to others in your name",
  }),
  async run({ session, text }, { services, signal }) {
    signal.throwIfAborted();
    const { messageId } = await services.sendMessage({ sessionKey: session, text });
    return { text: `Sent to ${session} (${messageId}).` };
  },
});
