import { expect, it } from "vitest";
import { parseSessionKey, toMainKey } from "#main/sessions/key.ts";

it("[I15] reads canonical keys and short ones, which belong to the agent in hand", () => {
  expect(parseSessionKey("agent:Work:notes")).toEqual({ key: "agent:work:notes", agentId: "work", rest: "notes" });
  expect(parseSessionKey("notes")).toEqual({ key: "agent:main:notes", agentId: "main", rest: "notes" });
  expect(parseSessionKey(" main ", "work").key).toBe("agent:work:main");
  expect(parseSessionKey("agent:main:telegram:42").rest).toBe("telegram:42");
  expect(parseSessionKey("日记").key).toBe("agent:main:日记");
  expect(toMainKey()).toBe("agent:main:main");
});

it.each([
  "",
  " ",
  "agent:",
  "agent:x",
  "agent::x",
  "a b",
  "../etc",
  "a\nb",
  "a\u0000",
  "-x",
  "agent:../x:y",
  "a".repeat(500),
  "x'; --",
])("[I15] refuses %j, with what a key may look like", (input) => {
  expect(() => parseSessionKey(input)).toThrow(/invalid session key: use letters/);
});
