/** What a person does in a conversation, against a played gateway: sends, failures, reconnects. */
import { describe, expect, it } from "vitest";
import { ConnectionLost } from "#main/protocol/client.ts";
import type { Message } from "#main/protocol/messages.ts";
import { chatOf } from "#renderer/gateway/store.ts";
import { toRows } from "#renderer/features/chat/rows.ts";
import { type Scene, startApp as start } from "#test/fakes/renderer-app.ts";
import { Refusal, type RendererGateway } from "#test/fakes/renderer-gateway.ts";

function answer(gateway: RendererGateway, key: string, runId: string, text: string): Message {
  const message: Message = {
    id: `a-${runId}`,
    role: "assistant",
    content: [{ type: "text", text }],
    timestamp: 6000,
    runId,
    stopReason: "stop",
  };
  gateway.chats.get(key)?.messages.push(message);
  gateway.emit("session.message", { sessionKey: key, message });
  gateway.emit("chat", { runId, sessionKey: key, seq: 99, state: "final", message });
  return message;
}

const shown = (scene: Scene) => toRows(chatOf(scene.app.store.getState(), scene.key())).map((row) => row.kind);

describe("sending", () => {
  it("shows the message at once and the answer once", async () => {
    const scene = await start();
    const sent = scene.app.chat.send(scene.key(), "Hello", []);
    expect(shown(scene)).toEqual(["outgoing"]);
    await sent;
    expect(shown(scene)).toEqual(["user"]);
    answer(scene.gateway, scene.key(), "id-2", "Hi there");
    await scene.until(() => chatOf(scene.app.store.getState(), scene.key()).messages.length === 2);
    expect(shown(scene)).toEqual(["user", "turn"]);
    scene.app.dispose();
  });

  it("keeps what was not sent, and tries again with the same key", async () => {
    const scene = await start((gateway) => {
      gateway.answer("chat.send", () => {
        throw new Refusal({ code: "UNAVAILABLE", message: "the disk is full" });
      });
    });
    await scene.app.chat.send(scene.key(), "Hello", []);
    const item = chatOf(scene.app.store.getState(), scene.key()).outgoing[0];
    expect(item).toMatchObject({ state: "failed", error: "the disk is full", text: "Hello" });
    scene.gateway.answer("chat.send", ({ idempotencyKey }) => ({
      runId: idempotencyKey,
      status: "started",
      messageId: "u1",
    }));
    await scene.app.chat.resend(scene.key(), item?.key ?? "");
    const keys = scene.gateway.calls
      .filter((call) => call.method === "chat.send")
      .map((call) => (call.params as { idempotencyKey: string }).idempotencyKey);
    expect(new Set(keys).size).toBe(1);
    expect(chatOf(scene.app.store.getState(), scene.key()).outgoing).toEqual([]);
    scene.app.dispose();
  });

  it("is shown as not sent while there is no connection", async () => {
    const scene = await start();
    scene.gateway.isDown = true;
    scene.gateway.drop();
    await scene.until(() => scene.app.store.getState().link.phase === "offline");
    await scene.app.chat.send(scene.key(), "Hello", []);
    expect(chatOf(scene.app.store.getState(), scene.key()).outgoing[0]).toMatchObject({ state: "failed" });
    scene.app.dispose();
  });

  it("is not shown twice when the answer to the call was lost but the message had arrived", async () => {
    const scene = await start((gateway) => {
      gateway.answer("chat.send", ({ sessionKey, message, idempotencyKey }) => {
        const chat = gateway.chats.get(sessionKey) ?? gateway.addChat(sessionKey, "x", []);
        chat.messages.push({
          id: "u1",
          role: "user",
          content: [{ type: "text", text: message }],
          timestamp: 1,
          runId: idempotencyKey,
        });
        gateway.drop();
        return new Promise(() => undefined);
      });
    });
    await scene.app.chat.send(scene.key(), "Hello", []);
    expect(chatOf(scene.app.store.getState(), scene.key()).outgoing).toHaveLength(1);
    scene.app.connection.retryNow();
    await scene.until(() => chatOf(scene.app.store.getState(), scene.key()).messages.length === 1);
    expect(shown(scene)).toEqual(["user"]);
    scene.app.dispose();
  });
});

describe("a window that is loaded again", () => {
  const unsent = (id: string) => ({ key: id, text: "Hello", attachments: [], createdAt: 1, state: "failed" });

  it("still has what was not sent", async () => {
    const first = await start((gateway) => {
      gateway.addChat("s", "S", []);
      gateway.answer("chat.send", () => {
        throw new Refusal({ code: "UNAVAILABLE", message: "later" });
      });
    }, "s");
    await first.app.chat.send("s", "Hello", []);
    first.app.dispose();
    const again = await start((gateway) => void gateway.addChat("s", "S", []), "s", [...first.storage]);
    await again.until(() => chatOf(again.app.store.getState(), "s").status === "ready");
    expect(chatOf(again.app.store.getState(), "s").outgoing).toMatchObject([{ text: "Hello", state: "failed" }]);
    again.app.dispose();
  });

  it("forgets it when it had arrived after all", async () => {
    const kept = [["gatehouse.unsent.s", JSON.stringify({ items: [unsent("k")] })]] as const;
    const message: Message = {
      id: "u",
      role: "user",
      content: [{ type: "text", text: "Hello" }],
      timestamp: 1,
      runId: "k",
    };
    const scene = await start((gateway) => void gateway.addChat("s", "S", [message]), "s", kept);
    await scene.until(() => chatOf(scene.app.store.getState(), "s").status === "ready");
    expect(chatOf(scene.app.store.getState(), "s").outgoing).toEqual([]);
    expect(scene.storage.has("gatehouse.unsent.s")).toBe(false);
    scene.app.dispose();
  });
});

describe("a reconnect in the middle of an answer", () => {
  it("goes on with the text the gateway has, without loss or doubling", async () => {
    const scene = await start((gateway) => {
      const user: Message = { id: "u", role: "user", content: [{ type: "text", text: "?" }], timestamp: 1, runId: "r" };
      const chat = gateway.addChat("s", "S", [user]);
      chat.inFlightRun = { runId: "r", seq: 4, startedAtMs: 1, text: "One two", tools: [] };
    }, "s");
    const text = () => {
      const row = toRows(chatOf(scene.app.store.getState(), "s")).at(-1);
      return row?.kind === "turn" ? row.turn.text : "";
    };
    await scene.until(() => text() === "One two");
    const chat = scene.gateway.chats.get("s");
    if (chat) chat.inFlightRun = { runId: "r", seq: 9, startedAtMs: 1, text: "One two three four", tools: [] };
    scene.gateway.drop();
    await scene.until(() => scene.app.store.getState().link.phase === "offline");
    scene.app.connection.retryNow();
    await scene.until(() => text() === "One two three four");
    const content = [{ type: "text", text: "One two three four five" }];
    scene.gateway.emit("chat", {
      runId: "r",
      sessionKey: "s",
      seq: 10,
      state: "delta",
      deltaText: " five",
      message: { content },
    });
    await scene.until(() => text() === "One two three four five");
    expect(shown(scene)).toEqual(["user", "turn"]);
    scene.app.dispose();
  });
});

describe("again", () => {
  it("takes the question back and sends the changed words under a new key", async () => {
    const scene = await start();
    await scene.app.chat.send(scene.key(), "Helo", []);
    answer(scene.gateway, scene.key(), "id-2", "?");
    await scene.until(() => chatOf(scene.app.store.getState(), scene.key()).messages.length === 2);
    await scene.app.chat.sendAgain(scene.key(), "msg_id-2", "Hello");
    const { messages } = chatOf(scene.app.store.getState(), scene.key());
    expect(messages.map((message) => message.content)).toEqual([[{ type: "text", text: "Hello" }]]);
    const methods = scene.gateway.calls
      .map((call) => call.method)
      .filter((name) => name === "sessions.rewind" || name === "chat.send");
    expect(methods).toEqual(["chat.send", "sessions.rewind", "chat.send"]);
    scene.app.dispose();
  });
});

describe("an answer elsewhere", () => {
  it("leaves a dot until the conversation is opened", async () => {
    const scene = await start((gateway) => void gateway.addChat("other", "Other", []));
    answer(scene.gateway, "other", "r", "News");
    await scene.until(() => scene.app.store.getState().unread.has("other"));
    scene.app.openSession("other");
    expect(scene.app.store.getState().unread.has("other")).toBe(false);
    scene.app.dispose();
  });
});

describe("a change that the gateway refuses", () => {
  it("is put back", async () => {
    const scene = await start((gateway) => {
      gateway.addChat("s", "Old name", []);
      gateway.answer("sessions.patch", () => {
        throw new Refusal({ code: "FORBIDDEN", message: "no" });
      });
    });
    await expect(scene.app.sessions.patch("s", { label: "New" })).rejects.toThrow("no");
    expect(scene.app.store.getState().sessions[0]?.label).toBeUndefined();
    scene.app.dispose();
  });

  it("fails with ConnectionLost when nobody is there", async () => {
    const scene = await start();
    scene.app.dispose();
    await expect(scene.app.sessions.export("s", "json")).rejects.toBeInstanceOf(ConnectionLost);
  });
});
