/** A message of a platform to its reply, through the whole gateway, the real client library and the platform's own wire. */
import { describe, expect, it } from "vitest";
import { until } from "#test/fakes/channel-context.ts";
import { FAKE_OPENAI_ANSWER } from "#test/fakes/openai.ts";
import { sentTo, startWorld } from "./world.ts";

describe("a message on Telegram", () => {
  it("[E12] [CH-25] gives a stranger a code and nothing else, and answers what waited once the owner lets them in", async () => {
    const { platform, call, gateway } = await startWorld();
    const chat = platform.directChat(platform.ann);
    await platform.write({ text: "hello", media: { kind: "image", bytes: Buffer.from("x"), fileName: "a.png" } });
    const [greeting = ""] = await sentTo(platform, chat, 1);
    const code = /[2-9A-HJ-NP-Z]{8}/.exec(greeting)?.[0];
    expect(code).toBeDefined();
    await platform.write({ text: "are you there?" });
    const { requests } = await call("channels.pairing.list", {});
    expect(requests).toMatchObject([{ channel: "telegram", senderId: platform.ann.id, code }]);
    expect(platform.downloads).toBe(0);
    expect(gateway.model.requests).toHaveLength(0);
    await call("channels.pairing.approve", { channel: "telegram", code: code ?? "" });
    const texts = await sentTo(platform, chat, 3);
    expect(texts.filter((text) => text === FAKE_OPENAI_ANSWER)).toHaveLength(2);
    expect(texts.filter((text) => text.includes(code ?? "?"))).toHaveLength(1);
  });

  it("[K01] [K09] [I18] keeps two people apart, and both from the window", async () => {
    const { platform, call } = await startWorld({ dmPolicy: "open" });
    await platform.write({ text: "I am Ann" });
    await platform.write({ text: "I am Bob", from: platform.bob });
    await sentTo(platform, platform.directChat(platform.ann), 1);
    await sentTo(platform, platform.directChat(platform.bob), 1);
    const { sessions } = await call("sessions.list", {});
    const rows = sessions.map(({ key, channel, chat }) => {
      return { key, channel, name: chat?.name };
    });
    expect(rows).toContainEqual({ key: `agent:main:telegram:dm:${platform.ann.id}`, channel: "telegram", name: "Ann" });
    expect(rows).toContainEqual({ key: `agent:main:telegram:dm:${platform.bob.id}`, channel: "telegram", name: "Bob" });
  });

  it("[CH-24] [J01] answers commands itself, and owner's commands to the owner alone", async () => {
    const { platform, gateway, textsTo } = await startWorld({ dmPolicy: "open", owners: ["502"] });
    const ann = platform.directChat(platform.ann);
    await platform.write({ text: "/whoami" });
    await platform.write({ text: "/elevated on" });
    await platform.write({ text: "/model fake/other" });
    await platform.write({ text: "/status" });
    await until("the last answer", () => textsTo(ann).length >= 2);
    const texts = textsTo(ann);
    expect(texts).toHaveLength(2);
    expect(texts[0]).toContain(`telegram:${platform.ann.id}`);
    expect(texts[1]).toContain("Ready.");
    expect(gateway.model.requests).toHaveLength(0);
  });

  it("[CH-24] [K02] leaves the owner's main conversation to the owner, also where guests share it", async () => {
    const { platform, gateway, textsTo } = await startWorld({ dmPolicy: "open" }, { sessions: { scope: "main" } });
    const ann = platform.directChat(platform.ann);
    await platform.write({ text: "remember heron" });
    await sentTo(platform, ann, 1);
    await platform.write({ text: "/new", from: platform.bob });
    await platform.write({ text: "which word?" });
    await sentTo(platform, ann, 2);
    expect(JSON.stringify(gateway.model.requests[1]?.body)).toContain("heron");
    expect(textsTo(platform.directChat(platform.bob))).toEqual([]);
  });
});
