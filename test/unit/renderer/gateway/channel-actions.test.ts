/** Channels against a played gateway: read once, kept up to date by events, a secret sent once and kept nowhere. */
import { describe, expect, it } from "vitest";
import { standingOf } from "#renderer/gateway/channel-model.ts";
import { titleOf } from "#renderer/gateway/session-actions.ts";
import { chatOf } from "#renderer/gateway/store.ts";
import { type Scene, startApp } from "#test/fakes/renderer-app.ts";
import { fillChannels, toAccount, toItem, toPairing } from "#test/fakes/renderer-channel-scenes.ts";
import { Refusal, type RendererGateway } from "#test/fakes/renderer-gateway.ts";

const NOW = 5_000_000;
const channelsOf = ({ app }: Scene) => app.store.getState().channels;

async function start(more: (gateway: RendererGateway) => void = () => undefined, open?: string): Promise<Scene> {
  const scene = await startApp((gateway) => {
    fillChannels(gateway, NOW);
    more(gateway);
  }, open);
  await scene.until(() => ["ready", "error"].includes(channelsOf(scene).status));
  return scene;
}

describe("the channels", () => {
  it("[G18] are read when connected and follow the events, without being asked for again", async () => {
    const scene = await start();
    const { offers, pairings, outbox, people } = channelsOf(scene);
    expect([offers.length, pairings.length, outbox.length, people.length]).toEqual([7, 2, 3, 4]);
    const asked = scene.gateway.calls.length;
    const account = toAccount("connected", NOW, { identity: "+49 1512" });
    scene.gateway.emit("channels.status", { channel: "whatsapp", account });
    scene.gateway.emit("outbox.changed", { item: toItem("out_1", NOW, { state: "sent" }) });
    scene.gateway.emit("channels.pairing", { state: "requested", request: toPairing("par_3", NOW) });
    await scene.until(() => channelsOf(scene).pairings.length === 3);
    expect(standingOf(channelsOf(scene).accounts["whatsapp"]).account).toEqual(account);
    expect(channelsOf(scene).outbox.map(({ id }) => id)).toEqual(["out_2", "out_3"]);
    expect(scene.gateway.calls.length).toBe(asked);
    scene.app.dispose();
  });

  it("are left alone on a gateway that has none", async () => {
    const scene = await startApp();
    expect(channelsOf(scene).status).toBe("none");
    expect(scene.gateway.calls.filter(({ method }) => /^(?:channels|outbox)\./.test(method))).toEqual([]);
    scene.app.dispose();
  });

  it("say why they cannot be read, and are there once they can", async () => {
    const scene = await startApp((gateway) => {
      fillChannels(gateway, NOW);
      gateway.answer("outbox.list", () => {
        throw new Refusal({ code: "UNAVAILABLE", message: "the store is locked" });
      });
    });
    await scene.until(() => channelsOf(scene).status === "error");
    expect(channelsOf(scene).error).toContain("the store is locked");
    scene.gateway.answer("outbox.list", () => ({ items: [] }));
    await scene.app.channels.refresh();
    expect(channelsOf(scene)).toMatchObject({ status: "ready", error: "" });
    scene.app.dispose();
  });

  it("keep no secret that was saved, in the store or in the storage", async () => {
    const scene = await start();
    await scene.app.channels.save("telegram", { enabled: true, token: "123456:very-secret" });
    const saved = scene.gateway.calls.find(({ method }) => method === "channels.save");
    expect(saved?.params).toEqual({ channel: "telegram", settings: { enabled: true, token: "123456:very-secret" } });
    scene.gateway.answer("channels.list", () => ({ channels: [] }));
    await scene.app.channels.refresh();
    expect(JSON.stringify(scene.app.store.getState().channels)).not.toContain("very-secret");
    expect(JSON.stringify([...scene.storage])).not.toContain("very-secret");
    scene.app.dispose();
  });
});

describe("a request", () => {
  it("[E12] leaves the list once it is decided, and stays when that failed", async () => {
    const scene = await start();
    await scene.app.channels.approve("par_1", true);
    expect(channelsOf(scene).pairings.map(({ requestId }) => requestId)).toEqual(["par_2"]);
    expect(scene.gateway.calls.find(({ method }) => method === "channels.pairing.approve")?.params).toEqual({
      requestId: "par_1",
      owner: true,
    });
    scene.gateway.answer("channels.pairing.dismiss", () => {
      throw new Refusal({ code: "INVALID_REQUEST", message: "that request has expired" });
    });
    await expect(scene.app.channels.dismiss("par_2", true)).rejects.toThrow("that request has expired");
    expect(channelsOf(scene).pairings).toHaveLength(1);
    scene.app.dispose();
  });
});

describe("a linking", () => {
  it("begins without the picture of the last one, and takes the newest that is told", async () => {
    const scene = await start();
    const event = { channel: "whatsapp", accountId: "default" };
    scene.gateway.emit("channels.login", { ...event, state: "qr", qrDataUrl: "data:old" });
    await scene.until(() => channelsOf(scene).logins["whatsapp"] !== undefined);
    scene.gateway.answer("web.login.start", () => ({ qrDataUrl: "data:first", expiresAtMs: 9000 }));
    const begun = scene.app.channels.login("whatsapp");
    expect(channelsOf(scene).logins["whatsapp"]).toBeUndefined();
    await begun;
    expect(channelsOf(scene).logins["whatsapp"]).toEqual({ state: "qr", qrDataUrl: "data:first", expiresAtMs: 9000 });
    scene.gateway.emit("channels.login", { ...event, state: "qr", qrDataUrl: "data:next" });
    await scene.until(() => channelsOf(scene).logins["whatsapp"]?.qrDataUrl === "data:next");
    scene.app.dispose();
  });

  it("with a phone number answers with a code to type", async () => {
    const scene = await start();
    await scene.app.channels.login("whatsapp", "+4915123456789");
    expect(channelsOf(scene).logins["whatsapp"]).toEqual({ state: "code", code: "WZYEH1YY" });
    scene.app.dispose();
  });
});

describe("a conversation on a platform", () => {
  it("is known by who is in it, and shows at once that it was taken over", async () => {
    const scene = await start();
    const row = () => scene.app.store.getState().sessions.find(({ key }) => key === "talk");
    expect(titleOf(row())).toBe("Ada Lovelace");
    await scene.app.channels.takeOver("talk", true);
    expect(row()?.isTakenOver).toBe(true);
    scene.app.dispose();
  });

  it("is answered by hand with one key for all tries, and nothing is lost that did not go out", async () => {
    const scene = await start(undefined, "talk");
    const chat = () => chatOf(scene.app.store.getState(), "talk");
    await scene.until(() => chat().status === "ready");
    scene.gateway.answer("sessions.say", () => {
      throw new Refusal({ code: "UNAVAILABLE", message: "Telegram is not connected" });
    });
    await scene.app.chat.say("talk", "I am on my way.");
    expect(chat().outgoing).toMatchObject([{ text: "I am on my way.", state: "failed", isByHand: true }]);
    const key = chat().outgoing[0]?.key ?? "";
    scene.gateway.answer("sessions.say", ({ idempotencyKey, text }) => {
      const message = {
        id: "msg_hand",
        role: "assistant" as const,
        label: "you, by hand",
        content: [{ type: "text" as const, text }],
        timestamp: NOW,
      };
      scene.gateway.chats.get("talk")?.messages.push(message);
      return { id: `out_${idempotencyKey}`, messageId: "msg_hand" };
    });
    await scene.app.chat.resend("talk", key);
    expect(chat().outgoing).toEqual([]);
    expect(chat().messages.at(-1)).toMatchObject({ id: "msg_hand", label: "you, by hand" });
    const said = scene.gateway.calls.filter(({ method }) => method === "sessions.say");
    expect(said.map(({ params }) => (params as { idempotencyKey: string }).idempotencyKey)).toEqual([key, key]);
    expect(scene.gateway.calls.some(({ method }) => method === "chat.send")).toBe(false);
    scene.app.dispose();
  });
});
