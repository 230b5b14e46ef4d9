import { expect, it } from "vitest";
import { messageSendTool } from "#main/tools/message_send/index.ts";
import { createToolContext } from "#test/fakes/tool-context.ts";

it("[H22] asks like everything that acts toward others", () => {
  expect(messageSendTool.level({ session: "a", text: "b" })).toBe(8);
});
it("[H22] shows the whole text it will send, line breaks visible", async () => {
  const text = `hello\n${"x".repeat(3000)}\u0007 end`;
  const plan = await messageSendTool.plan?.({ session: "agent:main:tg", text }, createToolContext());
  expect(plan?.summary).toBe(`Send to agent:main:tg: ${JSON.stringify(text)}`);
  expect(plan?.summary).not.toContain("\n");
});
it("[H22] sends exactly that and says what came of it", async () => {
  const sent: unknown[] = [];
  const context = createToolContext();
  const sendMessage = async (target: { sessionKey: string; text: string }) => {
    sent.push(target);
    return { messageId: "msg_1" };
  };
  const services = { ...context.services, sendMessage };
  const args = { session: "agent:main:tg", text: " hello\n" };
  const result = await messageSendTool.run(args, { ...context, services }, { summary: "" });
  expect(result).toEqual({ text: "Sent to agent:main:tg (msg_1)." });
  expect(sent).toEqual([{ sessionKey: "agent:main:tg", text: " hello\n" }]);
  const stopped = { ...context, services, signal: AbortSignal.abort() };
  await expect(messageSendTool.run(args, stopped, { summary: "" })).rejects.toMatchObject({ name: "AbortError" });
  expect(sent).toHaveLength(1);
});
