import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { EVENTS } from "#main/protocol/events.ts";
import { toProtocolSchema } from "../../../build/schema/json-schema.ts";
import { METHODS } from "#main/protocol/methods/index.ts";

const file = join(import.meta.dirname, "../../../src-main/protocol/protocol.schema.json");

it("[B10] holds every method and every event, in alphabetical order", () => {
  const schema = toProtocolSchema();
  expect(Object.keys(schema["x-methods"])).toEqual(Object.keys(METHODS).sort());
  expect(Object.keys(schema["x-events"])).toEqual(Object.keys(EVENTS).sort());
});

it("[B10] gives a method's scope and its parameters as plain JSON Schema", () => {
  const text = JSON.parse(JSON.stringify(toProtocolSchema())) as Record<string, Record<string, unknown>>;
  expect(text["x-methods"]?.["chat.send"]).toMatchObject({
    scope: "operator.write",
    params: { type: "object", additionalProperties: false, properties: { sessionKey: { type: "string" } } },
  });
});

it("[B10] is the text that lies in the repository (npm run build writes it)", () => {
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(JSON.parse(JSON.stringify(toProtocolSchema())));
});
