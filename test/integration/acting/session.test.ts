/** What a session may do and is told of: elevation by the owner's own words, tools that are offered, who did what. */
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDevice } from "#test/fakes/device.ts";
import { errorAnswer } from "#test/fakes/openai.ts";
import { startTestGateway } from "#test/fakes/gateway.ts";
import { request, startActing, type ActingWorld, type Way } from "./world.ts";

let world: ActingWorld;
let number = 0;

beforeAll(async () => {
  world = await startActing();
});
afterAll(() => world.dispose());

interface Chat {
  runId: string;
  state: string;
  message?: { content: { text: string }[] };
}

async function say(message: string, sessionKey = "main", from = world.owner) {
  const key = `say-${number++}`;
  const answer = await from.request("chat.send", { sessionKey, message, idempotencyKey: key });
  if (!answer.ok) return { error: answer.error, text: "" };
  const over = await from.event("chat", (chat: Chat) => chat.runId === key && chat.state !== "delta");
  return { error: undefined, text: (over.payload as Chat).message?.content.map((block) => block.text).join("") ?? "" };
}

const askedFor = async (sessionKey: string) => {
  const { asked, end } = await (world.ways[0] as Way).start("bash", { command: "true | true" }, sessionKey);
  const id = await asked;
  if (id !== undefined) await world.answer(id, "deny");
  await end;
  return id !== undefined;
};

const entriesOf = async (type: string) =>
  (await world.owner.call<{ entries: { actor: string; target?: string; message: string }[] }>("audit.list", { type }))
    .entries;

describe("/elevated", () => {
  it("[I05] switches a session by the owner's own words, without a model, and says so in the conversation", async () => {
    const before = world.model.requests.length;
    expect(await askedFor("lift")).toBe(true);
    const asked = world.model.requests.length;
    expect((await say("/elevated on", "lift")).text).toContain("run without asking");
    expect(world.model.requests.length).toBe(asked);
    expect(asked).toBeGreaterThan(before);
    expect(await askedFor("lift")).toBe(false);
    expect(await askedFor("elsewhere")).toBe(true);
    expect((await say(" /elevated off\n", "lift")).text).toContain("usual rules");
    expect(await askedFor("lift")).toBe(true);
    const { messages } = await world.owner.call<{ messages: { role: string; label?: string }[] }>("chat.history", {
      sessionKey: "lift",
    });
    expect(messages.filter((message) => message.label === "gatehouse")).toHaveLength(2);
    expect(await entriesOf("elevation.changed")).toHaveLength(2);
  });

  it("[I05] is words for the model when anything stands around it", async () => {
    for (const message of ["/elevated", "/elevated on please", "say /elevated on", "/Elevated on", "/elevated  on"]) {
      expect((await say(message, "words")).text).toContain("Hello from the fake model");
    }
    expect(await askedFor("words")).toBe(true);
  });

  it("[I05] is refused to who may not administer, and then nothing is written", async () => {
    const low = await world.connect({ scopes: ["operator.read", "operator.write", "operator.approvals"] });
    const { error } = await say("/elevated on", "low", low);
    expect(error).toMatchObject({ code: "FORBIDDEN", details: { missingScope: "operator.admin" } });
    expect(await askedFor("low")).toBe(true);
  });

  it("[I05] answers a repeated key once", async () => {
    const params = { sessionKey: "again", message: "/elevated on", idempotencyKey: "the-same-key" };
    const count = (await entriesOf("elevation.changed")).length;
    await world.owner.call("chat.send", params);
    expect(await world.owner.call("chat.send", params)).toMatchObject({ status: "ok" });
    expect(await entriesOf("elevation.changed")).toHaveLength(count + 1);
    expect((await world.owner.refusal("chat.send", { ...params, sessionKey: "other" })).code).toBe("INVALID_REQUEST");
  });

  it("[AP-31] still asks for what always asks, and does nothing that is denied", async () => {
    await say("/elevated on", "high");
    const way = world.ways[1] as Way;
    const source = {
      name: "custom_mine",
      description: "Does something of mine.",
      runtime: "bash",
      params: { type: "object" },
      source: "true",
    };
    const high = await way.start("create_tool", source, "high");
    const id = await high.asked;
    expect(id === undefined ? await high.end : id).toEqual(expect.stringMatching(/^apr_/));
    await world.answer(id ?? "", "deny");
    await high.end;
    await world.configure({ tools: { deny: ["group:runtime"] } });
    expect((await (await way.start("bash", { command: "true" }, "high")).end).text).toContain("not allowed");
    await world.configure({ tools: { deny: null } });
  });
});

describe("the tools that a model is told of", () => {
  const offered = () => {
    const body = world.model.requests.at(-1)?.body as { tools?: { function: { name: string } }[] } | undefined;
    return (body?.tools ?? []).map((tool) => tool.function.name);
  };

  it("[I05] leave out what the rules deny; a call of it is denied all the same", async () => {
    await say("hi", "offer");
    expect(offered()).toContain("bash");
    await world.configure({ tools: { deny: ["bash"], byChannel: { webchat: { deny: ["group:web"] } } } });
    await say("hi again", "offer");
    expect(offered()).not.toContain("bash");
    expect(offered()).not.toContain("web_fetch");
    expect(offered()).toContain("read");
    const { end } = await (world.ways[0] as Way).start("bash", { command: "id" }, "offer");
    expect((await end).text).toContain("not allowed");
    await world.configure({ tools: { deny: null, byChannel: null } });
  });
});

describe("the levels on the wire", () => {
  const calls: readonly (readonly [number, string, Record<string, unknown>])[] = [
    [1, "read", { path: "a.txt" }],
    [2, "web_fetch", { url: "https://example.com/" }],
    [3, "edit", { path: "a.txt", old_string: "a", new_string: "b" }],
    [4, "write", { path: "a.txt", content: "a" }],
    [5, "bash", { command: "ls" }],
    [7, "bash", { command: "ls | cat" }],
    [8, "message_send", { session: "main", text: "hi" }],
  ];

  it("[I01] [AP-31] ask from the next level on, at every preset, by every window and by HTTP alike", async () => {
    for (const top of [1, 3, 5, 7]) {
      const autoApproveLevels = Array.from({ length: top }, (_, at) => at + 1);
      await world.configure({ tools: { approvals: { autoApproveLevels } } });
      for (const [level, tool, args] of calls) {
        const wanted = { level, decision: level <= top ? "allow" : "ask" };
        expect(await world.owner.call("tools.explain", { tool, args })).toMatchObject(wanted);
        const dry = await request(world, "/tools/invoke", { tool, args, dryRun: true });
        expect(await dry.json()).toMatchObject(wanted);
      }
    }
    await world.configure({ tools: { approvals: { autoApproveLevels: null } } });
  });

  it("[I01] [CF-02] know no preset that runs levels 8 or 9 unasked", async () => {
    const { hash } = await world.owner.call<{ hash: string }>("config.get");
    for (const level of [0, 8, 9, 10]) {
      const raw = JSON.stringify({ tools: { approvals: { autoApproveLevels: [level] } } });
      expect((await world.owner.refusal("config.patch", { raw, baseHash: hash })).code).toBe("INVALID_REQUEST");
    }
  });
});

describe("a bare hello", () => {
  it.each([
    ["every tool", {}, 8000],
    ["a small local model", { contextWindow: 16_384 }, 3000],
  ])("costs at most so many bytes with %s", async (_what, facts, most) => {
    const small = await startTestGateway();
    try {
      const client = await small.connect();
      const models = [{ id: "fake-model", ...facts }];
      const { hash } = await client.call<{ hash: string }>("config.get");
      const raw = JSON.stringify({ llm: { providers: { fake: { models } } } });
      await client.call("config.patch", { raw, baseHash: hash });
      await client.call("chat.send", { sessionKey: "main", message: "hello", idempotencyKey: "hello" });
      await client.event("chat", (chat: Chat) => chat.state === "final");
      const { bodyBytes } = small.model.requests.find((request) => request.method === "POST") ?? { bodyBytes: 0 };
      expect(bodyBytes).toBeGreaterThan(500);
      expect(bodyBytes).toBeLessThanOrEqual(most);
    } finally {
      await small.dispose();
    }
  });
});

describe("the record", () => {
  it("[I09] says who changed the configuration, and what a hand in the file changed", async () => {
    await world.configure({ sessions: { contextTokens: 64_000 } });
    expect((await entriesOf("config.changed"))[0]).toMatchObject({ actor: world.owner.hello?.server.connId });
    const written = JSON.parse(readFileSync(world.configPath, "utf8")) as Record<string, unknown>;
    const from = world.owner.frames.length;
    writeFileSync(world.configPath, JSON.stringify({ ...written, sessions: { contextTokens: 32_000 } }));
    await world.owner.event("config.changed", () => true, from);
    await expect.poll(async () => (await entriesOf("config.changed"))[0]?.actor).toBe("file");
  });

  it("[I09] tells a removed device from a revoked and a rotated token, and who did it", async () => {
    const device = createDevice();
    const client = { id: "gatehouse-desktop" as const, mode: "ui" as const };
    await world.connect({ device, client, scopes: ["operator.read", "operator.write"] });
    const params = { deviceId: device.id, role: "operator" };
    await world.owner.call("device.token.rotate", params);
    await world.owner.call("device.token.revoke", params);
    await world.owner.call("device.pair.remove", { deviceId: device.id });
    for (const type of ["token.rotated", "token.revoked", "device.removed"]) {
      const own = (await entriesOf(type)).filter((entry) => entry.target === device.id);
      expect([type, own.length]).toEqual([type, 1]);
      expect(own[0]?.actor).not.toMatch(/^(owner|system|file)$/);
    }
  });

  it("[I09] holds what a model's service refused", async () => {
    world.model.script(errorAnswer(401, "bad key sk-fake-canary-key"));
    await say("hi", "failing");
    const [entry] = await entriesOf("model.failed");
    expect(entry?.message).not.toContain("sk-fake-canary-key");
    expect(entry).toBeDefined();
  });

  it("[LG-01] [AP-17] holds no secret, nor does an export, the log, an answer or an approval's neighbour", async () => {
    const canary = `ghp_${"q7W8e9R0t1".repeat(4)}`;
    const way = world.ways[1] as Way;
    const { asked, end } = await way.start("bash", { command: `echo ${canary} | wc -c; echo token=${canary}` });
    await world.answer((await asked) ?? "", "allow-once");
    await end;
    for (const format of ["jsonl", "csv"]) {
      const { content } = await world.owner.call<{ content: string }>("audit.export", { format });
      expect(content.length).toBeGreaterThan(100);
      expect([format, content.includes(canary), content.includes("sk-fake-canary-key")]).toEqual([
        format,
        false,
        false,
      ]);
    }
    expect(world.log.join("\n")).not.toContain(canary);
    // The person who decides sees what runs, to the letter.
    expect((await world.approval((await asked) ?? "")).request.command).toContain(canary);
    expect(await world.owner.call("audit.verify")).toMatchObject({ ok: true });
  });
});
