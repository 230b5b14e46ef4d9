/** A conversation and the events that change it: nothing twice, nothing lost. */
import { describe, expect, it } from "vitest";
import type { AgentEvent, ChatEvent } from "#main/protocol/events.ts";
import type { Message } from "#main/protocol/messages.ts";
import { applyInput, playHeld } from "#renderer/gateway/chat-events.ts";
import {
  applyHistory,
  applyOlder,
  type Chat,
  commitOutgoing,
  createChat,
  type History,
  putOutgoing,
  kindOfStored,
} from "#renderer/gateway/chat-model.ts";

const NOW = 1000;

function message(id: string, role: Message["role"], text: string, runId = "run-1"): Message {
  return { id, role, content: [{ type: "text", text }], timestamp: NOW, runId };
}

function delta(seq: number, deltaText: string, whole: string, runId = "run-1"): ChatEvent {
  return {
    runId,
    sessionKey: "s",
    seq,
    state: "delta",
    deltaText,
    message: { content: [{ type: "text", text: whole }] },
  };
}

function final(seq: number, text: string): ChatEvent {
  return { runId: "run-1", sessionKey: "s", seq, state: "final", message: message("a1", "assistant", text) };
}

function history(messages: Message[], change: Partial<History> = {}): History {
  return {
    sessionKey: "s",
    sessionId: "ses",
    messages,
    hasMore: false,
    totalMessages: messages.length,
    queuedRunIds: [],
    ...change,
  };
}

function take(chat: Chat, ...events: (ChatEvent | AgentEvent | Message)[]): Chat {
  let next = chat;
  for (const event of events) {
    const input =
      "state" in event
        ? { type: "chat" as const, event }
        : "stream" in event
          ? { type: "agent" as const, event }
          : { type: "message" as const, message: event };
    next = applyInput(next, input, NOW).chat;
  }
  return next;
}

const live = (chat: Chat) => chat.run?.parts.map((part) => (part.kind === "tool" ? part.id : part.text)).join("|");

describe("a streamed answer", () => {
  it("shows each delta once, also when it arrives twice", () => {
    const chat = take(createChat("ready"), delta(1, "Hel", "Hel"), delta(2, "lo", "Hello"), delta(2, "lo", "Hello"));
    expect(live(chat)).toBe("Hello");
  });

  it("is replaced by the committed message and not shown beside it", () => {
    const chat = take(createChat("ready"), delta(1, "Hello", "Hello"), final(2, "Hello"));
    expect(chat.run).toBeUndefined();
    expect(chat.messages.map(({ id }) => id)).toEqual(["a1"]);
  });

  it("is not committed twice when its message is announced before the end", () => {
    const chat = take(createChat("ready"), delta(1, "Hi", "Hi"), message("a1", "assistant", "Hi"), final(3, "Hi"));
    expect(chat.messages).toHaveLength(1);
  });

  it("does not come back when a late delta arrives after the end", () => {
    const chat = take(createChat("ready"), final(2, "Hello"), delta(3, "x", "Hello x"));
    expect(chat.run).toBeUndefined();
  });

  it("keeps what was thought, said and called in the order it came", () => {
    const agent = { runId: "run-1", sessionKey: "s", ts: 1 };
    const chat = take(
      createChat("ready"),
      { ...agent, seq: 1, stream: "thinking", data: { delta: "hm" } },
      delta(2, "Look", "Look"),
      { ...agent, seq: 3, stream: "tool", data: { phase: "start", toolCallId: "t1", name: "read" } },
      delta(4, "ed", "Looked"),
    );
    expect(live(chat)).toBe("hm|Look|t1|ed");
  });

  it("asks for the transcript when its steps were not announced", () => {
    const agent = { runId: "run-1", sessionKey: "s", ts: 1, seq: 1 };
    const chat = take(createChat("ready"), {
      ...agent,
      stream: "tool",
      data: { phase: "start", toolCallId: "t", name: "read" },
    });
    const step = applyInput(chat, { type: "chat", event: final(2, "Done") }, NOW);
    expect(step.refresh).toBe(true);
    expect(step.chat.run?.phase).toBe("settling");
  });

  it("names the kind of a failure where the answer would stand", () => {
    const error: ChatEvent = {
      runId: "run-1",
      sessionKey: "s",
      seq: 1,
      state: "error",
      errorMessage: "429",
      errorKind: "rate_limit",
    };
    expect(take(createChat("ready"), error).failures).toMatchObject([
      { runId: "run-1", kind: "rate_limit", message: "429" },
    ]);
  });
});

describe("a conversation that is loaded while it is answered", () => {
  const inFlightRun = { runId: "run-1", seq: 5, startedAtMs: 0, text: "Hello wo", tools: [] };

  it("goes on from the text that the history holds", () => {
    const chat = applyHistory(createChat("loading"), history([], { inFlightRun }));
    expect(live(take(chat, delta(6, "rld", "Hello world")))).toBe("Hello world");
  });

  it("does not double a piece that the history held before its delta left", () => {
    const chat = applyHistory(createChat("loading"), history([], { inFlightRun }));
    expect(live(take(chat, delta(6, " wo", "Hello wo"), delta(7, "rld", "Hello world")))).toBe("Hello world");
  });

  it("plays events that came before the history after it", () => {
    const held: Chat = { ...createChat("loading"), held: [] };
    const waiting = take(held, delta(4, "l", "Hel"), delta(6, "rld", "Hello world"));
    expect(waiting.run).toBeUndefined();
    const chat = playHeld(applyHistory(waiting, history([], { inFlightRun })), NOW).chat;
    expect(live(chat)).toBe("Hello world");
  });

  it("loses the text of held events when they are not played", () => {
    const waiting = take({ ...createChat("loading"), held: [] }, delta(6, "rld", "Hello world"));
    expect(live(applyHistory(waiting, history([], { inFlightRun })))).toBe("Hello wo");
  });

  it("shows an answer that ended meanwhile exactly once", () => {
    const before = take(createChat("ready"), delta(1, "Hel", "Hel"));
    const chat = applyHistory(before, history([message("u1", "user", "Hi"), message("a1", "assistant", "Hello")]));
    expect(chat.run).toBeUndefined();
    expect(take(chat, final(9, "Hello")).messages.map(({ id }) => id)).toEqual(["u1", "a1"]);
  });
});

describe("a message on its way", () => {
  const item = { key: "run-1", text: "Hi", attachments: [], createdAt: NOW, state: "sending" as const };

  it("gives way to the committed one with the same key", () => {
    const chat = take(putOutgoing(createChat("new"), item), message("u1", "user", "Hi"));
    expect(chat.outgoing).toEqual([]);
    expect(chat.messages.map(({ id }) => id)).toEqual(["u1"]);
  });

  it("is one message whether the answer to the call or the announcement comes first", () => {
    const chat = take(commitOutgoing(putOutgoing(createChat("new"), item), "run-1", "u1"), message("u1", "user", "Hi"));
    expect(chat.messages).toHaveLength(1);
  });

  it("keeps the text of its files, so that it can be sent again", () => {
    const attachments = [{ mimeType: "text/plain", fileName: "n.txt", content: btoa("hello") }];
    const chat = commitOutgoing(putOutgoing(createChat("new"), { ...item, attachments }), "run-1", "u1");
    expect(chat.messages[0]?.content).toContainEqual({
      type: "file",
      mimeType: "text/plain",
      fileName: "n.txt",
      text: "hello",
    });
  });

  it("stays when a history without it arrives", () => {
    const chat = applyHistory(putOutgoing(createChat("ready"), item), history([]));
    expect(chat.outgoing).toHaveLength(1);
  });
});

describe("older pages", () => {
  it("come in front, each message once", () => {
    const chat = applyHistory(createChat("loading"), history([message("m3", "user", "3")], { hasMore: true }));
    const older = applyOlder(chat, history([message("m2", "user", "2"), message("m3", "user", "3")]));
    expect(older.messages.map(({ id }) => id)).toEqual(["m2", "m3"]);
    expect(older.olderPages).toBe(1);
  });

  it("stay when the newest page is read again and touches them", () => {
    const chat = { ...createChat("ready"), messages: [message("m1", "user", "1"), message("m2", "user", "2")] };
    const next = applyHistory(
      chat,
      history([message("m2", "user", "2"), message("m3", "user", "3")], { hasMore: true }),
    );
    expect(next.messages.map(({ id }) => id)).toEqual(["m1", "m2", "m3"]);
  });

  it("go when the newest page does not touch them, so that no hole stays unseen", () => {
    const chat = { ...createChat("ready"), messages: [message("m1", "user", "1")] };
    const next = applyHistory(chat, history([message("m8", "user", "8")], { hasMore: true }));
    expect(next.messages.map(({ id }) => id)).toEqual(["m8"]);
    expect(next.hasMore).toBe(true);
  });
});

describe("a failed turn that is only known from the transcript", () => {
  it("has the kind that its words tell", () => {
    const kinds = [
      ["anthropic answered 529: Overloaded. Wait a little and try again.", "rate_limit"],
      ["fake/m sent nothing for 60 seconds, so the call was cut. Try again.", "timeout"],
      ["The answer took longer than 2.5 s and was stopped.", "timeout"],
      ["openai answered 400: too long. Start a new session or shorten the message.", "context_length"],
      ["openai answered 401. Check its key in Settings.", "unknown"],
      [undefined, "unknown"],
    ] as const;
    expect(kinds.map(([words]) => kindOfStored(words))).toEqual(kinds.map(([, kind]) => kind));
  });
});
