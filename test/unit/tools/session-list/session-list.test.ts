import { expect, it } from "vitest";
import { sessionListTool } from "#main/tools/session_list/index.ts";
import { createToolContext } from "#test/fakes/tool-context.ts";

const session = (key: string, title = "A title", messageCount = 2) => ({
  key,
  title,
  updatedAt: Date.UTC(2026, 0, 1, 12),
  messageCount,
});

function list(sessions: ReturnType<typeof session>[], limit?: number) {
  const context = createToolContext();
  const services = { ...context.services, listSessions: async () => sessions };
  return sessionListTool.run(limit === undefined ? {} : { limit }, { ...context, services }, { summary: "" });
}

it("[H22] lists key, title, time and size, and marks titles as other people's words", async () => {
  expect(await list([session("agent:main:main"), session("agent:main:x", "a\nb\x07c")])).toEqual({
    text:
      "agent:main:main (this one) | A title | 2026-01-01T12:00:00.000Z | 2 messages\n" +
      "agent:main:x | a b c | 2026-01-01T12:00:00.000Z | 2 messages",
    untrusted: "titles of conversations",
  });
  expect(await list([])).toEqual({ text: "There are no conversations." });
});
it("[PI-09] names no conversation of another agent", async () => {
  const others = ["agent:other:main", "agent:main2:main", "agent:mainx", "Agent:main:x", "main", "x agent:main:y"];
  expect((await list([...others.map((key) => session(key)), session("agent:main:a")])).text.split("\n")).toEqual([
    expect.stringContaining("agent:main:a |"),
  ]);
});
it("[H22] stops at the limit", async () => {
  const many = [...Array(50).keys()].map((index) => session(`agent:main:${index}`));
  expect((await list(many)).text.split("\n")).toHaveLength(20);
  expect((await list(many, 3)).text.split("\n")).toHaveLength(3);
  expect(sessionListTool.level({})).toBe(1);
});
