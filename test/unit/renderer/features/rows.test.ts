/** The rows of the message list, and the small rules of the screens around it. */
import { describe, expect, it } from "vitest";
import type { Message } from "#main/protocol/messages.ts";
import type { SessionRow } from "#main/protocol/methods/sessions.ts";
import { type Row, toRows } from "#renderer/features/chat/rows.ts";
import { isAtEnd, toFollowing } from "#renderer/features/chat/scroll.ts";
import { toCounts, toSummary } from "#renderer/features/chat/tool-words.ts";
import { toNeighbour, toShortcut } from "#renderer/features/palette/commands.ts";
import { toGroups } from "#renderer/features/sessions/SessionList.tsx";
import { toBars } from "#renderer/features/settings/UsagePage.tsx";
import { type Chat, createChat } from "#renderer/gateway/chat-model.ts";

function message(id: string, role: Message["role"], runId: string, content: Message["content"]): Message {
  return { id, role, content, timestamp: 1, runId };
}
const text = (words: string): Message["content"] => [{ type: "text", text: words }];
const call = (id: string): Message["content"] => [{ type: "toolCall", id, name: "read", arguments: { path: id } }];
const withMessages = (messages: Message[], change: Partial<Chat> = {}): Chat => ({
  ...createChat("ready"),
  messages,
  ...change,
});
const steps = (row: Row | undefined) => (row?.kind === "turn" ? row.turn.steps.map((step) => step.kind) : []);

describe("the rows", () => {
  it("make one turn of all that came of a message, with calls in a row as one group", () => {
    const rows = toRows(
      withMessages([
        message("u", "user", "r", text("?")),
        message("a", "assistant", "r", [...call("t1"), ...call("t2")]),
        { ...message("x", "toolResult", "r", text("one")), toolCallId: "t1" },
        message("b", "assistant", "r", text("Done")),
      ]),
    );
    expect(rows.map((row) => row.kind)).toEqual(["user", "turn"]);
    expect(steps(rows[1])).toEqual(["tools", "text"]);
  });

  it("keep the key of a turn from the first word to the committed message", () => {
    const run = {
      runId: "r",
      seq: 1,
      agentSeq: 1,
      startedAt: 0,
      phase: "writing" as const,
      parts: [{ kind: "text" as const, text: "Do" }],
      tools: {},
    };
    const before = toRows(withMessages([message("u", "user", "r", text("?"))], { run }));
    const after = toRows(
      withMessages([message("u", "user", "r", text("?")), message("a", "assistant", "r", text("Done"))]),
    );
    expect(before.map((row) => row.key)).toEqual(after.map((row) => row.key));
  });

  it("put an answer under its own question, before a question that waits", () => {
    const rows = toRows(
      withMessages(
        [
          message("u1", "user", "r1", text("1")),
          message("u2", "user", "r2", text("2")),
          message("a1", "assistant", "r1", text("one")),
        ],
        { queued: ["r2"] },
      ),
    );
    expect(rows.map((row) => row.key)).toEqual(["r1", "turn-r1", "r2"]);
    expect(rows[2]).toMatchObject({ isQueued: true });
  });

  it("show a failure without words under its question", () => {
    const failures = [{ runId: "r", kind: "timeout" as const, message: "late", at: 1 }];
    const rows = toRows(withMessages([message("u", "user", "r", text("?"))], { failures }));
    expect(rows[1]).toMatchObject({ kind: "turn", turn: { failure: { kind: "timeout" }, questionId: "u" } });
  });

  it("leave out what was not sent: it stays with the composer", () => {
    const outgoing = [{ key: "k", text: "x", attachments: [], createdAt: 1, state: "failed" as const }];
    expect(toRows(withMessages([], { outgoing }))).toEqual([]);
  });
});

describe("the scroll position", () => {
  const view = (scrollTop: number, scrollHeight = 1000) => ({ scrollTop, scrollHeight, clientHeight: 400 });

  it("follows only a reader who is at the end", () => {
    expect(isAtEnd(view(590))).toBe(true);
    expect(toFollowing(true, view(600), view(500))).toBe(false);
    expect(toFollowing(false, view(300), view(600))).toBe(true);
  });

  it("keeps following when the content grew or shrank under the reader", () => {
    expect(toFollowing(true, view(600), view(600, 1400))).toBe(true);
    expect(toFollowing(true, view(600), view(380, 900))).toBe(true);
  });

  it("does not pull a reader down who is reading above", () => {
    expect(toFollowing(false, view(300), view(300, 1400))).toBe(false);
  });
});

describe("words about tools", () => {
  it("count the calls and name what a call is about", () => {
    const base = { state: "ok" as const };
    expect(
      toCounts([
        { id: "1", name: "read", ...base },
        { id: "2", name: "read", ...base },
      ]),
    ).toEqual([{ name: "read", count: 2 }]);
    expect(toSummary({ limit: 3, path: "a/b" })).toBe("a/b");
    expect(toSummary(undefined)).toBe("");
  });
});

describe("the list of conversations", () => {
  it("has pinned ones first and the others by day", () => {
    const now = new Date(2026, 10, 20, 12).getTime();
    const row = (key: string, hours: number, pinned = false) =>
      ({ key, pinned, updatedAt: now - hours * 3_600_000 }) as SessionRow;
    const groups = toGroups([row("a", 1), row("b", 20), row("c", 300, true)], now);
    expect(groups.map((group) => [group.name, group.rows.map(({ key }) => key)])).toEqual([
      ["pinned", ["c"]],
      ["today", ["a"]],
      ["yesterday", ["b"]],
    ]);
  });
});

describe("shortcuts", () => {
  const press = { key: "k", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

  it("use Command on a Mac and Control elsewhere", () => {
    expect(toShortcut({ ...press, metaKey: true }, true)).toBe("palette");
    expect(toShortcut({ ...press, ctrlKey: true }, false)).toBe("palette");
    expect(toShortcut({ ...press, ctrlKey: true }, true)).toBeUndefined();
    expect(toShortcut(press, false)).toBeUndefined();
  });

  it("reach the slash where a layout needs Shift for it", () => {
    expect(toShortcut({ ...press, key: "/", ctrlKey: true, shiftKey: true }, false)).toBe("list");
    expect(toShortcut({ ...press, ctrlKey: true, shiftKey: true }, false)).toBeUndefined();
  });

  it("step through the list and stop at its ends", () => {
    expect(toNeighbour(["a", "b"], "a", 1)).toBe("b");
    expect(toNeighbour(["a", "b"], "a", -1)).toBeUndefined();
    expect(toNeighbour(["a", "b"], "new", 1)).toBe("a");
  });
});

describe("the usage chart", () => {
  it("has a bar for each day, those without use included", () => {
    const totals = {
      requests: 1,
      input: 1,
      output: 1,
      cacheRead: 0,
      cacheWrite: 0,
      totalTokens: 50,
      totalCost: 0,
      missingCostEntries: 0,
    };
    const bars = toBars([{ date: "2026-11-19", totals }], 3, "2026-11-20");
    expect(bars.map(({ date, tokens }) => [date, tokens])).toEqual([
      ["2026-11-18", 0],
      ["2026-11-19", 50],
      ["2026-11-20", 0],
    ]);
  });
});
