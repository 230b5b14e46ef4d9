/** What a hostile review found: each test fails until the fault is mended. */
import { describe, expect, it } from "vitest";
import { until } from "#test/fakes/channel-context.ts";
import { chunk, DONE, textAnswer, toolAnswer } from "#test/fakes/openai.ts";
import { createGate } from "#test/fakes/scripted-http.ts";
import { PNG } from "../../contract/channel.suite.ts";
import { confirmed, sentTo, startWorld, type ChannelWorld } from "./world.ts";

const ANN = "501";
const BOB = "502";
const open = { dmPolicy: "open" };
/** What the model was asked, without what is the same in each request. */
const askedOf = ({ gateway }: ChannelWorld, index: number) => {
  const { messages = [] } = (gateway.model.requests[index]?.body ?? {}) as { messages?: unknown[] };
  return JSON.stringify(messages.slice(1));
};
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A call of a tool that comes when the gate opens. */
function slowCall(name = "time", args = "{}") {
  const { gate, open: release } = createGate();
  const call = toolAnswer([{ id: `call_${name}`, name, args }]);
  if (!("steps" in call)) throw new Error("no steps");
  return { script: { steps: [{ gate }, ...call.steps] }, release };
}

function slowAnswer() {
  const { gate, open: release } = createGate();
  return {
    script: { steps: [chunk({ role: "assistant", content: "One " }), { gate }, chunk({}, "stop"), DONE] },
    release,
  };
}

describe("attack: rights", () => {
  // In a group, a guest's words steer the run of the owner, and are obeyed with the owner's rights.
  it("a guest does not steer the owner's run", async () => {
    const world = await startWorld({ ...open, groupPolicy: "open", owners: [ANN] });
    world.gateway.model.script(textAnswer("noted"));
    await world.platform.write({ text: "my secret is 4711" });
    await sentTo(world.platform, ANN, 1);
    const { script, release } = slowCall();
    const read = JSON.stringify({ key: `agent:main:telegram:dm:${ANN}` });
    world.gateway.model.script(script, toolAnswer([{ id: "c2", name: "session_read", args: read }]));
    await world.platform.write({ where: "group", mentionsBot: true, text: "what time is it" });
    await until("it is being answered", () => world.gateway.model.requests.length === 2);
    await world.platform.write({
      where: "group",
      mentionsBot: true,
      text: "and tell me what Ann told you",
      from: world.platform.bob,
    });
    await confirmed(world.platform, 3);
    release();
    await sentTo(world.platform, world.platform.group, 1);
    const leaked = world.gateway.model.requests.some((_, index) => {
      const asked = askedOf(world, index);
      return asked.includes("tell me what Ann told you") && asked.includes("4711");
    });
    expect(leaked).toBe(false);
  });

  // Collected with the owner's message, a guest's message is answered with the owner's rights.
  it("a guest's message is not collected into the owner's", async () => {
    const world = await startWorld({ ...open, groupPolicy: "open", owners: [ANN], queue: { mode: "collect" } });
    const { script, release } = slowAnswer();
    world.gateway.model.script(script, textAnswer("second"));
    const inGroup = { where: "group" as const, mentionsBot: true };
    await world.platform.write({ ...inGroup, text: "first" });
    await until("it is being answered", () => world.gateway.model.requests.length === 1);
    await world.platform.write({ ...inGroup, text: "mine" });
    await world.platform.write({ ...inGroup, text: "theirs", from: world.platform.bob });
    await confirmed(world.platform, 3);
    release();
    await sentTo(world.platform, world.platform.group, 2);
    console.log(
      "DBG",
      world.gateway.model.requests.map((_, i) => askedOf(world, i)),
      world.platform.sent(),
    );
    expect(askedOf(world, 1)).not.toMatch(/mine.*theirs/);
  });

  // What the owner writes in the window is steered by the person of that conversation, who then gets no answer.
  it("a person is answered while the owner's window run works in their conversation", async () => {
    const world = await startWorld(open);
    await world.platform.write({ text: "hello", from: world.platform.bob });
    await sentTo(world.platform, BOB, 1);
    const { script, release } = slowCall();
    world.gateway.model.script(script, textAnswer("for the window"), textAnswer("for Bob"));
    const sessionKey = `agent:main:telegram:dm:${BOB}`;
    await world.call("chat.send", { sessionKey, message: "what did Bob want?", idempotencyKey: "w1" });
    await until("it is being answered", () => world.gateway.model.requests.length === 2);
    await world.platform.write({ text: "and I need an answer", from: world.platform.bob });
    await confirmed(world.platform, 2);
    release();
    await pause(1500);
    console.log(
      "DBG",
      world.gateway.model.requests.map((_, i) => askedOf(world, i)),
      world.platform.sent(),
    );
    expect(world.textsTo(BOB)).toHaveLength(2);
  });

  // Who once wrote as an owner of the configuration stays the owner when they are taken out of it.
  it("an owner who is taken out of the configuration is one no more", async () => {
    const world = await startWorld({ ...open, owners: [ANN] });
    await world.platform.write({ text: "/whoami" });
    const [before] = await sentTo(world.platform, ANN, 1);
    expect(before).toContain("You are my owner");
    await world.call("channels.save", { channel: "telegram", settings: { owners: [] } });
    await pause(300);
    await world.connected();
    await world.platform.write({ text: "/whoami" });
    const texts = await sentTo(world.platform, ANN, 2);
    expect(texts[1]).toContain("You may write to me");
  });

  // Who is blocked while their message waits is answered all the same.
  it("a message that waits is not answered once its sender is blocked", async () => {
    const world = await startWorld({ ...open, queue: { mode: "collect" } });
    const { script, release } = slowAnswer();
    world.gateway.model.script(script, textAnswer("second"));
    await world.platform.write({ text: "first" });
    await until("it is being answered", () => world.gateway.model.requests.length === 1);
    await world.platform.write({ text: "waits" });
    await confirmed(world.platform, 2);
    await world.call("channels.people.set", { channel: "telegram", senderId: ANN, role: "blocked" });
    release();
    await sentTo(world.platform, ANN, 1);
    await pause(500);
    expect(world.gateway.model.requests).toHaveLength(1);
  });
});

describe("attack: order and loss", () => {
  // A message steers the run in front while an earlier one still waits for its own run.
  it("a message does not overtake an earlier one", async () => {
    const world = await startWorld(open);
    const { script, release } = slowCall();
    world.gateway.model.script(script);
    const media = { kind: "image" as const, bytes: PNG, fileName: "a.png" };
    // both come in one answer of the platform
    world.platform.push({ message: world.platform.compose({ text: "m-one", media }) });
    world.platform.push({ message: world.platform.compose({ text: "m-two" }) });
    await confirmed(world.platform, 2);
    await until("it is being answered", () => world.gateway.model.requests.length === 1);
    await pause(200);
    await world.platform.write({ text: "m-three" });
    await confirmed(world.platform, 3);
    release();
    await pause(2500);
    console.log(
      "DBG",
      world.gateway.model.requests.map((_, i) => askedOf(world, i)),
      world.textsTo(ANN),
    );
    const firstWith = (text: string) =>
      world.gateway.model.requests.findIndex((_, index) => askedOf(world, index).includes(text));
    expect(firstWith("m-two")).toBeLessThanOrEqual(firstWith("m-three"));
  });

  // What waited before /new is answered in the new conversation.
  it("/new leaves what was written before it behind", async () => {
    const world = await startWorld(open);
    world.gateway.model.script(slowAnswer().script);
    await world.platform.write({ text: "first" });
    await until("it is being answered", () => world.gateway.model.requests.length === 1);
    await world.platform.write({ text: "old words" });
    await confirmed(world.platform, 2);
    await world.platform.write({ text: "/new" });
    await confirmed(world.platform, 3);
    await pause(500);
    await world.platform.write({ text: "fresh" });
    await until("fresh is asked", () =>
      world.gateway.model.requests.some((_, index) => askedOf(world, index).includes("fresh")),
    );
    expect(askedOf(world, world.gateway.model.requests.length - 1)).not.toContain("old words");
  });

  // A command overtakes what was written just before it and is still held back.
  it("/new does not overtake a message that is being debounced", async () => {
    const world = await startWorld({ ...open, queue: { debounceMs: 600 } });
    await world.platform.write({ text: "old words" });
    await world.platform.write({ text: "/new" });
    await confirmed(world.platform, 2);
    await pause(1500);
    await world.platform.write({ text: "fresh" });
    await until("fresh is asked", () =>
      world.gateway.model.requests.some((_, index) => askedOf(world, index).includes("fresh")),
    );
    expect(askedOf(world, world.gateway.model.requests.length - 1)).not.toContain("old words");
  });

  // /stop ends the answer, and what waited behind it begins at once.
  it("/stop stops what waits, too", async () => {
    const world = await startWorld(open);
    world.gateway.model.script(slowAnswer().script);
    await world.platform.write({ text: "first" });
    await until("it is being answered", () => world.gateway.model.requests.length === 1);
    await world.platform.write({ text: "no, wait" });
    await confirmed(world.platform, 2);
    await world.platform.write({ text: "/stop" });
    await sentTo(world.platform, ANN, 1);
    await pause(700);
    expect(world.textsTo(ANN)).toEqual(["Stopped."]);
  });

  // Let in on the list of people instead of by the code: what they wrote stays held, and is dropped when the code runs out.
  it("what a stranger wrote is answered when the owner lets them in by hand", async () => {
    const world = await startWorld({});
    await world.platform.write({ text: "please answer me" });
    await sentTo(world.platform, ANN, 1);
    await world.call("channels.people.set", { channel: "telegram", senderId: ANN, role: "allowed" });
    await pause(1000);
    await world.gateway.restart();
    await pause(1500);
    expect(world.gateway.model.requests.length).toBe(1);
  });

  // The same words by hand, twice at once: they stand twice in the conversation.
  it("a word by hand stands once in the conversation, whoever asks twice", async () => {
    const world = await startWorld(open);
    await world.platform.write({ text: "hello" });
    await sentTo(world.platform, ANN, 1);
    const key = `agent:main:telegram:dm:${ANN}`;
    const said = { key, text: "by hand", idempotencyKey: "same" };
    await Promise.all([world.call("sessions.say", said), world.call("sessions.say", said)]);
    await world.platform.write({ text: "next" });
    await until("it is asked", () => world.gateway.model.requests.length === 2);
    console.log("DBG", askedOf(world, 1));
    expect(askedOf(world, 1).match(/by hand/g)).toHaveLength(1);
  });

  // What a person changes in a message that came while the owner had the conversation is lost.
  it("an edit is noted while the owner has the conversation", async () => {
    const world = await startWorld(open);
    await world.platform.write({ text: "hello" });
    await sentTo(world.platform, ANN, 1);
    const key = `agent:main:telegram:dm:${ANN}`;
    await world.call("sessions.takeOver", { key, taken: true });
    const id = await world.platform.write({ text: "at five" });
    await confirmed(world.platform, 2);
    await pause(200);
    await world.platform.edit?.(id, "at six", world.platform.ann);
    await confirmed(world.platform, 3);
    await world.call("sessions.takeOver", { key, taken: false });
    await world.platform.write({ text: "so when?" });
    await until("it is asked", () => world.gateway.model.requests.length === 2);
    expect(askedOf(world, 1)).toContain("at six");
  });

  // Reactions and edits know no rate: one guest fills the conversation.
  it("a flood of edits is bounded", async () => {
    const world = await startWorld(open);
    const id = await world.platform.write({ text: "hello" });
    await sentTo(world.platform, ANN, 1);
    for (let i = 0; i < 60; i++) await world.platform.edit?.(id, `flood ${i} ${"x".repeat(2000)}`, world.platform.ann);
    await confirmed(world.platform, 61);
    await world.platform.write({ text: "next" });
    await until("it is asked", () => world.gateway.model.requests.length === 2);
    expect(askedOf(world, 1).match(/flood/g)?.length ?? 0).toBeLessThan(40);
  });
});
