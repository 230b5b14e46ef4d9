/** What a message does while an answer is being written, what belongs together, and how fast one sender may go. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { until } from "#test/fakes/channel-context.ts";
import { chunk, DONE, FAKE_OPENAI_ANSWER, textAnswer, toolAnswer } from "#test/fakes/openai.ts";
import { createGate } from "#test/fakes/scripted-http.ts";
import { PNG } from "../../contract/channel.suite.ts";
import { confirmed, sentTo, startWorld, type ChannelWorld } from "./world.ts";

const ANN = "501";
const open = { dmPolicy: "open" };

/** An answer that begins and goes on when the gate opens. */
function slow() {
  const { gate, open: release } = createGate();
  const steps = [
    chunk({ role: "assistant", content: "One " }),
    { gate },
    chunk({ content: "two" }),
    chunk({}, "stop"),
    DONE,
  ];
  return { script: { steps }, release };
}

/** What the model was asked last, as plain text. */
const askedOf = ({ gateway }: ChannelWorld, index: number) => JSON.stringify(gateway.model.requests[index]?.body);

describe("messages while an answer is being written", () => {
  it("are answered one by one, in order", async () => {
    const world = await startWorld(open);
    const { script, release } = slow();
    world.gateway.model.script(script, textAnswer("to b"), textAnswer("to c"));
    await world.platform.write({ text: "a" });
    await until("the first is being answered", () => world.gateway.model.requests.length === 1);
    await world.platform.write({ text: "b" });
    await world.platform.write({ text: "c" });
    release();
    expect(await sentTo(world.platform, ANN, 3)).toEqual(["One two", "to b", "to c"]);
  });

  it("steer a run that works with tools: they are in its next request", async () => {
    const world = await startWorld(open);
    const { gate, open: release } = createGate();
    const call = toolAnswer([{ id: "call_1", name: "time", args: "{}" }]);
    if (!("steps" in call)) throw new Error("no steps");
    world.gateway.model.script({ steps: [{ gate }, ...call.steps] }, textAnswer("to both"));
    await world.platform.write({ text: "what time is it" });
    await until("it is being answered", () => world.gateway.model.requests.length === 1);
    await world.platform.write({ text: "and in Tokyo?" });
    // It is in the inbox before the model goes on.
    await confirmed(world.platform, 2);
    release();
    expect(await sentTo(world.platform, ANN, 1)).toEqual(["to both"]);
    expect(askedOf(world, 1)).toContain("and in Tokyo?");
    expect(world.gateway.model.requests).toHaveLength(2);
  });

  it("[I18] steer nobody else's run: in a group, a guest's words wait while the owner's tools work", async () => {
    const world = await startWorld({ groupPolicy: "open", owners: [ANN] });
    const { gate, open: release } = createGate();
    const call = toolAnswer([{ id: "call_1", name: "time", args: "{}" }]);
    if (!("steps" in call)) throw new Error("no steps");
    world.gateway.model.script({ steps: [{ gate }, ...call.steps] }, textAnswer("to Ann"), textAnswer("to Bob"));
    await world.platform.write({ where: "group", mentionsBot: true, text: "what time is it" });
    await until("it is being answered", () => world.gateway.model.requests.length === 1);
    const { bob } = world.platform;
    await world.platform.write({ where: "group", mentionsBot: true, text: "delete everything", from: bob });
    await confirmed(world.platform, 2);
    release();
    expect(await sentTo(world.platform, world.platform.group, 2)).toEqual(["to Ann", "to Bob"]);
    expect(askedOf(world, 1)).not.toContain("delete everything");
  });

  it("are collected into one when the owner wants it so", async () => {
    const world = await startWorld({ ...open, queue: { mode: "collect" } });
    const { script, release } = slow();
    world.gateway.model.script(script, textAnswer("to both"));
    await world.platform.write({ text: "a" });
    await until("the first is being answered", () => world.gateway.model.requests.length === 1);
    await world.platform.write({ text: "bbb" });
    await world.platform.write({ text: "ccc" });
    await confirmed(world.platform, 3);
    release();
    expect(await sentTo(world.platform, ANN, 2)).toEqual(["One two", "to both"]);
    expect(askedOf(world, 1)).toMatch(/bbb.*ccc/);
    // Who waits sees that it was noticed.
    expect(world.platform.api.calls.filter(({ method }) => method === "setMessageReaction")).toHaveLength(2);
  });

  it("interrupt it when the owner wants it so", async () => {
    const world = await startWorld({ ...open, queue: { mode: "interrupt" } });
    world.gateway.model.script(slow().script, textAnswer("to b"));
    await world.platform.write({ text: "a" });
    await until("the first is being answered", () => world.gateway.model.requests.length === 1);
    await world.platform.write({ text: "b" });
    expect(await sentTo(world.platform, ANN, 1)).toEqual(["to b"]);
  });
});

describe("messages that belong together", () => {
  it("are one when they come within the pause", async () => {
    const world = await startWorld({ ...open, queue: { debounceMs: 200 } });
    await world.platform.write({ text: "first" });
    await world.platform.write({ text: "second" });
    expect(await sentTo(world.platform, ANN, 1)).toEqual([FAKE_OPENAI_ANSWER]);
    expect(askedOf(world, 0)).toMatch(/first.*second/);
    expect(world.gateway.model.requests).toHaveLength(1);
  });

  it("[CH-27] carry a picture to the model by its bytes, whatever it was called", async () => {
    const world = await startWorld(open);
    await world.platform.write({ text: "look", media: { kind: "image", bytes: PNG, fileName: "../../evil.html" } });
    await sentTo(world.platform, ANN, 1);
    expect(askedOf(world, 0)).toContain(`data:image/png;base64,${PNG.toString("base64")}`);
  });
});

describe("what is sent along", () => {
  it("is one message when it is an album", async () => {
    const world = await startWorld(open);
    for (const text of ["both of us", ""]) {
      const media = { kind: "image" as const, bytes: PNG, fileName: "a.png" };
      world.platform.push({ message: { ...world.platform.compose({ text, media }), media_group_id: "g1" } });
    }
    await sentTo(world.platform, ANN, 1);
    expect(askedOf(world, 0).match(/data:image\/png/g)).toHaveLength(2);
    expect(world.gateway.model.requests).toHaveLength(1);
  });

  it("[CH-27] is kept under a random name when a model cannot read it, and named for what its bytes are", async () => {
    const world = await startWorld(open);
    const voice = Buffer.concat([Buffer.from("OggS"), Buffer.alloc(2000, 1)]);
    await world.platform.write({ media: { kind: "voice", bytes: voice, fileName: "..\\..\\evil.exe" } });
    await sentTo(world.platform, ANN, 1);
    expect(askedOf(world, 0)).toMatch(/\[voice .*audio\/ogg, 2 KB.*kept as [\w-]{43}\.ogg/);
    const kept = readdirSync(join(world.gateway.stateDir, "media", "inbound"));
    expect(kept).toEqual([expect.stringMatching(/^[\w-]{43}\.ogg$/)]);
    expect(readFileSync(join(world.gateway.stateDir, "media", "inbound", kept[0] ?? "")).equals(voice)).toBe(true);
  });

  it("goes out as what its bytes are, and is gone from the disk once it was sent", async () => {
    const world = await startWorld(open);
    const media = { content: PNG.toString("base64"), fileName: "plan.png" };
    await world.call("send", { to: ANN, text: "the plan", media, idempotencyKey: "p", wait: true });
    const [sent] = world.platform.sent();
    expect(Buffer.from(sent?.media?.bytes ?? []).equals(PNG)).toBe(true);
    expect(sent?.text).toContain("the plan");
    const kept = () => readdirSync(join(world.gateway.stateDir, "media", "outbound"));
    await until("the copy is gone", () => kept().length === 0);
  });
});

describe("a sender who writes fast", () => {
  it("[CH-29] [G22] is told once, loses nothing, and holds up nobody else", async () => {
    const world = await startWorld({ ...open, rateLimit: { burst: 2, perMinute: 600 } });
    for (let i = 0; i < 6; i++) await world.platform.write({ text: `m${i}` });
    await world.platform.write({ text: "hi", from: world.platform.bob });
    await sentTo(world.platform, "502", 1);
    const texts = await sentTo(world.platform, ANN, 7);
    expect(texts.filter((text) => text === FAKE_OPENAI_ANSWER)).toHaveLength(6);
    expect(texts.filter((text) => text.includes("faster than I may answer"))).toHaveLength(1);
  });
});

describe("what is said about an earlier message", () => {
  it("is noted for the assistant, and answered by nobody", async () => {
    const world = await startWorld(open);
    const id = await world.platform.write({ text: "at five" });
    await sentTo(world.platform, ANN, 1);
    await world.platform.edit?.(id, "at six", world.platform.ann);
    await world.platform.react?.(id, "\u{1F44D}", world.platform.ann);
    await confirmed(world.platform, 3);
    await world.platform.write({ text: "so when?" });
    await sentTo(world.platform, ANN, 2);
    expect(askedOf(world, 1)).toMatch(/changed to:\]\\nat six.*reacted with/);
    expect(world.gateway.model.requests).toHaveLength(2);
  });
});

describe("a conversation in the owner's hands", () => {
  it("is silent while it is taken over, and knows what was said by hand", async () => {
    const world = await startWorld(open);
    await world.platform.write({ text: "hello" });
    await sentTo(world.platform, ANN, 1);
    const key = `agent:main:telegram:dm:${ANN}`;
    await world.call("sessions.takeOver", { key, taken: true });
    await world.platform.write({ text: "is it you?" });
    await confirmed(world.platform, 2);
    await world.call("sessions.say", { key, text: "It is **me**.", idempotencyKey: "s1" });
    await world.call("sessions.say", { key, text: "It is **me**.", idempotencyKey: "s1" });
    expect((await sentTo(world.platform, ANN, 2)).at(-1)).toBe("It is <b>me</b>.");
    expect(world.gateway.model.requests).toHaveLength(1);
    await world.call("sessions.takeOver", { key, taken: false });
    await world.platform.write({ text: "and now?" });
    await sentTo(world.platform, ANN, 3);
    expect(askedOf(world, 1)).toMatch(/is it you\?.*It is \*\*me\*\*\..*and now\?/);
  });
});

describe("writing by hand", () => {
  it("[B18] [G19] sends to a chat once per key, and says what became of it", async () => {
    const world = await startWorld(open);
    const letter = { channel: "telegram", to: ANN, text: "Dinner at eight.", idempotencyKey: "once" };
    const sent = await world.call("send", { ...letter, wait: true });
    const again = await world.call("send", letter);
    expect(sent).toMatchObject({ status: "sent" });
    expect(again).toEqual({ id: sent.id, status: "sent" });
    expect(world.textsTo(ANN)).toEqual(["Dinner at eight."]);
    world.platform.fail({ is: "rejected" });
    const failing = world.call("send", { ...letter, idempotencyKey: "two", wait: true });
    await expect(failing).rejects.toThrow(/not delivered/);
    const { items } = await world.call("outbox.list", {});
    expect(items).toMatchObject([{ state: "failed", to: ANN, text: "Dinner at eight." }]);
    await world.call("outbox.retry", { id: items[0]?.id ?? "" });
    await sentTo(world.platform, ANN, 2);
  });

  it("refuses a channel that is not there, with what to do", async () => {
    const world = await startWorld(open);
    const letter = { channel: "discord", to: "1", text: "x", idempotencyKey: "k" };
    await expect(world.call("send", letter)).rejects.toThrow(/there is no channel discord/);
  });
});
