import { describe, expect, it } from "vitest";
import { ConfigSchema, RESERVED_SECTIONS } from "#main/config/schema.ts";
import {
  propertiesOf,
  recordValueOf,
  rootNode,
  schemaAt,
  withDefaults,
  type SchemaNode,
} from "#main/config/schema-walk.ts";
import { findIssues } from "#main/config/validate.ts";
import { describeConfigSchema } from "#main/config/json-schema.ts";
import { VARIABLES } from "#main/config/environment.ts";
import { isTree } from "#main/config/tree.ts";

describe("defaults", () => {
  it("make a whole configuration of nothing, which fits the schema and is closed to the outside", async () => {
    const config = withDefaults({});
    expect(await findIssues(config)).toEqual([]);
    expect(config).toMatchObject({
      gateway: { host: "127.0.0.1", port: 18_789, auth: { mode: "token" }, allowedOrigins: [], trustedProxies: [] },
      llm: { providers: {}, fallbacks: [], idleTimeoutSeconds: 60 },
      secrets: { backend: "auto" },
    });
    expect(config).not.toHaveProperty("llm.model");
  });

  it("leave what is there, right or wrong, and share nothing between two calls", () => {
    expect(withDefaults({ gateway: { port: "abc" }, extra: 1 })).toMatchObject({
      gateway: { port: "abc", host: "127.0.0.1" },
      extra: 1,
    });
    const [one, two] = [withDefaults({}), withDefaults({})] as { llm: { fallbacks: string[] } }[];
    one?.llm.fallbacks.push("x");
    expect(two?.llm.fallbacks).toEqual([]);
  });

  it("do not make optional sections", () => {
    const tree = { llm: { providers: { a: { models: [{ id: "m" }] } } } };
    expect(withDefaults(tree)).toMatchObject({ llm: { providers: { a: { models: [{ id: "m" }] } } } });
    expect(JSON.stringify(withDefaults(tree))).not.toContain("price");
  });
});

it("finds the node of a place in sections, records and lists", () => {
  expect(schemaAt(["gateway", "port"])?.["type"]).toBe("integer");
  expect(schemaAt(["llm", "providers", "any", "models", 3, "price", "input"])?.["type"]).toBe("number");
  expect(schemaAt(["gateway", "nothing"])).toBeUndefined();
  expect(schemaAt(["toString"])).toBeUndefined();
});

it("describes the schema for a form, secrets marked", () => {
  const { schema, uiHints } = describeConfigSchema();
  expect(schema).toEqual(JSON.parse(JSON.stringify(ConfigSchema)));
  expect(uiHints["gateway.auth.token"]).toMatchObject({ label: "Token", sensitive: true });
  expect(uiHints["llm.providers.*.apiKey"]).toMatchObject({ sensitive: true });
  expect(uiHints["llm.idleTimeoutSeconds"]).toMatchObject({
    label: "Idle timeout seconds",
    help: "Cuts a hung stream",
  });
  expect(uiHints["gateway.port"]).not.toHaveProperty("sensitive");
});

it("[Q06] sends each variable to a place that the schema knows, or to a section of a later room", () => {
  for (const [name, path] of VARIABLES) {
    const segments = typeof path === "function" ? path("openai") : path;
    const reserved = (RESERVED_SECTIONS as readonly unknown[]).includes(segments[0]);
    // What only a plug knows lies in a section that says so.
    const isOpen = schemaAt(segments.slice(0, -1))?.["x-open"] === true;
    expect([name, reserved || isOpen || schemaAt(segments) !== undefined]).toEqual([name, true]);
  }
});

it("has one kind of key in each record, which fits none of its declared ones: what the walk relies on", () => {
  const visit = (node: SchemaNode): void => {
    if (isTree(node["patternProperties"])) {
      const [pattern = "", ...others] = Object.keys(node["patternProperties"]);
      expect(others).toEqual([]);
      for (const key of Object.keys(propertiesOf(node))) expect(key).not.toMatch(new RegExp(pattern, "u"));
    }
    const next = [...Object.values(propertiesOf(node)), recordValueOf(node), node["items"]].filter(isTree);
    next.forEach(visit);
  };
  visit(rootNode());
});
