/** Every method with parameters that nobody should send: each is answered exactly once, in words, and nothing breaks. */
import fc from "fast-check";
import type { TSchema } from "typebox";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { METHODS, type MethodName } from "#main/protocol/methods/index.ts";
import type { ResponseFrame } from "#main/protocol/frames.ts";
import { startTestGateway, type TestGateway } from "#test/fakes/gateway.ts";
import { createWireSchemas } from "#test/fakes/wire-schemas.ts";
import type { WireClient } from "#test/fakes/wire-client.ts";

/** Printed when something fails; the same inputs each time. */
const SEED = 20_260_101;
const RUNS = 40;
/** These answer late on purpose, or reach out of the process. */
const WAITS: readonly string[] = ["agent", "agent.wait", "chat.send", "models.probe"];

let world: TestGateway;
let client: WireClient;
beforeAll(async () => {
  world = await startTestGateway();
  client = await world.connect({ caps: ["tool-events"] });
});
afterAll(() => world.dispose());

interface Shape {
  type?: string;
  properties?: Record<string, TSchema>;
  required?: string[];
  items?: TSchema;
  anyOf?: TSchema[];
  enum?: unknown[];
  const?: unknown;
  maxLength?: number;
  minLength?: number;
}

const hostileText = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "",
    " ",
    "main",
    "agent:main:main",
    "../../etc/passwd",
    "'; DROP TABLE runs; --",
    "\u0000",
    "\ud800",
    "‮",
  ),
  fc.constantFrom("__proto__", "constructor", "%00", "${HOME}", "{", "[[[[", "x".repeat(100_000), "😀".repeat(300)),
);
const hostile: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom(null, true, 0, -1, 1e308, -0, 2 ** 53, 0.5, [], {}, [[]], { __proto__: { a: 1 } }),
  fc.array(hostileText, { maxLength: 3 }),
  fc.dictionary(fc.constantFrom("a", "constructor", "toString"), hostileText, { maxKeys: 3 }),
);

/** A value that fits the schema more often than not. */
function valueOf(schema: TSchema): fc.Arbitrary<unknown> {
  const shape = schema as Shape;
  if (shape.const !== undefined) return fc.constant(shape.const);
  if (shape.enum) return fc.constantFrom(...shape.enum);
  if (shape.anyOf) return fc.oneof(...shape.anyOf.map(valueOf));
  if (shape.type === "string") {
    return hostileText.map((text) => text.slice(0, shape.maxLength ?? text.length).padEnd(shape.minLength ?? 0, "x"));
  }
  if (shape.type === "integer" || shape.type === "number")
    return fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.integer());
  if (shape.type === "boolean") return fc.boolean();
  if (shape.type === "null") return fc.constant(null);
  if (shape.type === "array" && shape.items) return fc.array(valueOf(shape.items), { maxLength: 4 });
  if (shape.type === "object" && shape.properties) return objectOf(shape);
  return hostile;
}

function objectOf(shape: Shape): fc.Arbitrary<unknown> {
  const properties = Object.entries(shape.properties ?? {});
  return fc.record(Object.fromEntries(properties.map(([name, schema]) => [name, valueOf(schema)])), {
    requiredKeys: shape.required ?? [],
  });
}

/** Parameters that fit, and such with a wrong type, a missing or an extra property. */
function paramsOf(method: MethodName): fc.Arbitrary<unknown> {
  const shape = METHODS[method].params as Shape;
  const fitting = objectOf(shape) as fc.Arbitrary<Record<string, unknown>>;
  const names = Object.keys(shape.properties ?? {});
  const name = names.length > 0 ? fc.constantFrom(...names) : fc.constant("none");
  return fc.oneof(
    { weight: 4, arbitrary: fitting },
    { weight: 3, arbitrary: fc.tuple(fitting, name, hostile).map(([all, key, value]) => ({ ...all, [key]: value })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fitting, name)
        .map(([all, key]) => Object.fromEntries(Object.entries(all).filter(([one]) => one !== key))),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fitting, hostileText, hostile)
        .map(([all, key, value]) => ({ ...all, [key.slice(0, 200)]: value })),
    },
    { weight: 1, arbitrary: hostile },
  );
}

const samples = (method: MethodName) =>
  fc.sample(paramsOf(method), { seed: SEED, numRuns: RUNS }).map((params) => {
    const text = JSON.stringify(params) ?? "null";
    return text.length < 400_000 ? text : "{}";
  });

describe("every method", () => {
  it.each(Object.keys(METHODS).filter((name) => !WAITS.includes(name)) as MethodName[])(
    "[B09] [HS-16] [HS-17] %s answers whatever it is given once, and never with INTERNAL",
    async (method) => {
      const schemas = createWireSchemas();
      const texts = samples(method);
      const ids = texts.map((text, i) => {
        const id = `${method}#${i}`;
        client.send(`{"type":"req","id":${JSON.stringify(id)},"method":"${method}","params":${text}}`);
        return id;
      });
      for (const id of ids) await client.find((frame) => frame.type === "res" && frame.id === id);
      await client.request("health");
      for (const [i, id] of ids.entries()) {
        const answers = client.answers(id);
        expect(answers, `${id} ${texts[i]?.slice(0, 300)}`).toHaveLength(1);
        const [answer] = answers as [ResponseFrame];
        expect(answer.error?.code, `${id} ${texts[i]?.slice(0, 300)} ${answer.error?.message}`).not.toBe("INTERNAL");
        expect((answer.error?.message ?? "").length).toBeLessThan(1000);
        expect(
          schemas.faultsOf(answers, () => method),
          `${id} ${texts[i]?.slice(0, 300)}`,
        ).toEqual([]);
      }
      client.frames.length = 0;
    },
  );

  it.each(WAITS as MethodName[])("[B09] %s refuses what does not fit, in the words of the peer", async (method) => {
    for (const name of (METHODS[method].params as Shape).required ?? []) {
      const error = await client.refusal(method, { [name]: undefined });
      expect(error.message).toMatch(new RegExp(`^invalid ${method} params: must have required property '`));
    }
    const extra = await client.refusal(method, { nonsense: 1 });
    expect(extra.code).toBe("INVALID_REQUEST");
  });

  it("[B11] chat.send takes every text and every key that fits, and keeps it as it was", async () => {
    // A gateway of its own: the one above has had its configuration written by chance.
    const other = await startTestGateway();
    const writer = await other.connect();
    const texts = fc.sample(hostileText, { seed: SEED, numRuns: 30 }).filter((text) => text.trim() !== "");
    for (const [i, text] of texts.entries()) {
      const key = `odd-${i}-${text.slice(0, 100)}`;
      const sent = await writer.request("chat.send", { sessionKey: `odd${i}`, message: text, idempotencyKey: key });
      expect(sent.ok, JSON.stringify(sent.error)).toBe(true);
      const history = await writer.call<{ messages: { content: { text: string }[] }[] }>("chat.history", {
        sessionKey: `odd${i}`,
      });
      expect(history.messages[0]?.content[0]?.text).toBe(text.toWellFormed());
      await writer.call("agent.wait", { runId: key.slice(0, 256) });
    }
    await other.dispose();
  });

  it("[HS-16] the gateway is as it was", async () => {
    const fresh = await world.connect();
    expect(await fresh.call("health")).toMatchObject({ ok: true });
    expect(world.log.filter((line) => line.includes("a method failed"))).toEqual([]);
    await fresh.close();
  });
});
