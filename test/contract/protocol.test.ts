/**
 * Golden frames: what a client of the field sees, as files. A difference here is a change of the wire, on purpose or not;
 * on purpose, run with `GATEHOUSE_GOLDEN=write` and read what git shows.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { EVENTS, EVENT_SCOPES } from "#main/protocol/events.ts";
import type { ServerFrame } from "#main/protocol/frames.ts";
import { METHODS } from "#main/protocol/methods/index.ts";
import { startTestGateway, TEST_TOKEN, type TestGateway } from "#test/fakes/gateway.ts";
import { errorAnswer, textAnswer } from "#test/fakes/openai.ts";
import { createWireSchemas } from "#test/fakes/wire-schemas.ts";
import { expectRefused, WireClient } from "#test/fakes/wire-client.ts";

let world: TestGateway;
beforeAll(async () => {
  world = await startTestGateway();
});
afterAll(() => world.dispose());

/** Values that differ each time, by the name of their property. */
const STAMPS = new Set([
  "ts",
  "timestamp",
  "nonce",
  "connId",
  "uptimeMs",
  "durationMs",
  "eventLoop",
  "host",
  "text",
  "messageId",
  "presence",
  "stateVersion",
  "platform",
  "health",
  "methods",
  "events",
]);
const KEEP_TEXT = new Set(["content"]);

/** Replaces stamps by their name and ids by their kind. */
function withoutStamps(value: unknown, name = "", inside = ""): unknown {
  if (typeof value === "string" && /^msg_[\w-]{22}$/.test(value)) return "<id>";
  if (typeof value === "string") value = value.replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:<port>");
  if (STAMPS.has(name) && !(name === "text" && KEEP_TEXT.has(inside))) return `<${name}>`;
  if (Array.isArray(value)) return value.map((one) => withoutStamps(one, "", name));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutStamps(one, key, inside || name)]));
}

function expectGolden(name: string, value: unknown): void {
  const path = join(import.meta.dirname, "golden", `${name}.json`);
  const plain: unknown = JSON.parse(JSON.stringify(withoutStamps(value)));
  if (process.env["GATEHOUSE_GOLDEN"] === "write") writeFileSync(path, `${JSON.stringify(plain, undefined, 2)}\n`);
  expect(plain).toEqual(JSON.parse(readFileSync(path, "utf8")));
}

async function play(options: Parameters<TestGateway["connect"]>[0], runId: string): Promise<ServerFrame[]> {
  const client = await world.connect(options);
  await client.call("chat.send", { sessionKey: runId, message: "hi", idempotencyKey: runId });
  await client.event(
    "chat",
    (chat: { state: string; runId: string }) => chat.runId === runId && chat.state !== "delta",
  );
  await client.close();
  return client.frames;
}

const chats = (frames: readonly ServerFrame[]) =>
  frames.filter((frame) => frame.type === "event" && frame.event === "chat").map((frame) => ({ ...frame, seq: 0 }));

it("[B03] the challenge", async () => {
  const client = await WireClient.open(world.wsUrl);
  expectGolden("challenge", await client.event("connect.challenge"));
  await client.terminate();
});

it.each([3, 4])("[B06] hello-ok of version %i", async (version) => {
  const client = await world.connect({ min: version, max: version });
  expectGolden(`hello-ok-v${version}`, client.hello);
  await client.close();
});

it.each([3, 4])("[B04] the chat events of version %i: delta, final", async (version) => {
  world.model.script(textAnswer("Word."));
  expectGolden(`chat-v${version}`, chats(await play({ min: version, max: version }, `golden-v${version}`)));
});

it.each([3, 4])("[B04] the chat error of version %i", async (version) => {
  world.model.script(errorAnswer(401, "no such key"));
  expectGolden(`chat-error-v${version}`, chats(await play({ min: version, max: version }, `golden-error-v${version}`)));
});

it("[B19] refusals", async () => {
  const client = await world.connect({ scopes: ["operator.read"] });
  const refusals = {
    unknownMethod: await client.refusal("nothing"),
    missingProperty: await client.refusal("chat.history", {}),
    extraProperty: await client.refusal("health", { extra: 1 }),
    wrongType: await client.refusal("chat.history", { sessionKey: 1 }),
    missingScope: await client.refusal("config.set", { raw: "{}" }),
    secondConnect: await client.refusal("connect", {}),
    wrongToken: (await expectRefused(world.wsUrl, { auth: { token: "wrong" } })).error,
    missingToken: (await expectRefused(world.wsUrl, { auth: {} })).error,
    noDevice: (await expectRefused(world.wsUrl, { auth: { token: TEST_TOKEN }, client: { id: "webchat", mode: "ui" } }))
      .error,
    version: (await expectRefused(world.wsUrl, { min: 99, max: 99 })).error,
  };
  await client.close();
  expectGolden("refusals", refusals);
});

it("[B01] a stamp too many or a property that is gone is a difference", () => {
  const golden = readFileSync(join(import.meta.dirname, "golden", "challenge.json"), "utf8");
  const frame = { type: "event", event: "connect.challenge", payload: { nonce: "n", ts: 1 } };
  expect(withoutStamps(frame)).toEqual(JSON.parse(golden));
  expect(withoutStamps({ ...frame, extra: 1 })).not.toEqual(JSON.parse(golden));
  expect(withoutStamps({ ...frame, payload: { nonce: "n" } })).not.toEqual(JSON.parse(golden));
});

it("[HS-46] every event has a scope, and every method one", () => {
  expect(Object.keys(EVENT_SCOPES).sort()).toEqual(Object.keys(EVENTS).sort());
  for (const [name, scope] of Object.entries(EVENT_SCOPES)) {
    if (name.includes(".approval.")) expect(scope).toBe("operator.approvals");
    if (name.includes(".pair.")) expect(scope).toBe("operator.pairing");
    if (/^(?:chat|agent|session)/.test(name)) expect(scope).toBe("operator.read");
  }
  for (const [name, spec] of Object.entries(METHODS)) {
    expect(spec.scope, name).toMatch(/^(?:none|operator\.\w+)$/);
    expect((spec.params as { additionalProperties?: unknown }).additionalProperties, name).toBe(false);
  }
});

it("[B01] the schemas tell a wrong frame from a right one", () => {
  const schemas = createWireSchemas();
  const right: ServerFrame = { type: "event", event: "tick", payload: { ts: 1 }, seq: 1 };
  expect(schemas.faultsOf([right], () => undefined)).toEqual([]);
  const wrong: unknown[] = [
    { ...right, payload: { ts: "1" } },
    { ...right, event: "tock" },
    { ...right, extra: 1 },
    { type: "res", id: "1", ok: true, error: { code: "INTERNAL", message: "" } },
    { type: "res", id: "1", ok: false },
    { type: "res", id: "1", ok: false, error: { code: "OOPS", message: "" } },
  ];
  for (const frame of wrong)
    expect(
      schemas.faultsOf([frame as ServerFrame], () => undefined),
      JSON.stringify(frame),
    ).not.toEqual([]);
});
