import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { formatOf, parseConfig, serialiseConfig } from "#main/config/formats.ts";

const FORMATS = ["yaml", "json", "json5", "toml"] as const;
const fixture = (format: string) =>
  readFileSync(new URL(`../../fixtures/config/full.${format}`, import.meta.url), "utf8");

describe("the four formats", () => {
  it("[Q01] give the same tree for the same configuration", async () => {
    const [first, ...others] = await Promise.all(FORMATS.map((format) => parseConfig(fixture(format), format)));
    expect(first).toMatchObject({
      gateway: { port: 18790 },
      llm: { routing: [{ when: "code", model: "ollama/qwen3" }] },
    });
    for (const other of others) expect(other).toEqual(first);
  });

  it.each(FORMATS)("[Q01] write %s that reads back the same", async (format) => {
    const tree = await parseConfig(fixture("json"), "json");
    expect(await parseConfig(await serialiseConfig(tree, format, undefined), format)).toEqual(tree);
  });

  it.each(FORMATS)("read an empty %s file, and one with a byte order mark, as nothing", async (format) => {
    expect(await parseConfig("", format)).toEqual({});
    expect(await parseConfig("\ufeff\n", format)).toEqual({});
  });

  it.each([
    ["yaml", "token: canary-secret\n  : [broken"],
    ["json", '{"token": "canary-secret" oops}'],
    ["json5", "{token: 'canary-secret' oops}"],
    ["toml", 'token = "canary-secret" oops'],
  ] as const)("[CF-01] refuse broken %s without quoting the file", async (format, text) => {
    const refused = await parseConfig(text, format).then(
      () => "parsed",
      (error: Error) => error.message,
    );
    expect(refused).not.toBe("parsed");
    expect(refused).not.toContain("canary-secret");
  });

  it("do not let a key reach a prototype", async () => {
    for (const [format, text] of [
      ["json", '{"__proto__": {"polluted": 1}, "a": 1}'],
      ["json5", '{"__proto__": {"polluted": 1}, "a": 1}'],
      ["yaml", "__proto__: {polluted: 1}\na: 1"],
      ["toml", "a = 1\n[__proto__]\npolluted = 1"],
    ] as const) {
      const tree = await parseConfig(text, format);
      expect(tree).toEqual({ a: 1 });
      expect(Object.getPrototypeOf(tree)).toBe(Object.prototype);
      expect(Reflect.get({}, "polluted")).toBeUndefined();
    }
  });

  it("refuse a bomb of aliases and a tower of brackets", async () => {
    const bomb = [
      "a: &a [x,x,x,x,x,x,x,x,x]",
      ..."bcdefghi".split("").map((key, index) => `${key}: &${key} [${`*${"abcdefghi"[index]},`.repeat(9)}]`),
    ].join("\n");
    await expect(parseConfig(bomb, "yaml")).rejects.toMatchObject({ code: "INVALID_REQUEST" });
    await expect(parseConfig("[".repeat(50_000) + "]".repeat(50_000), "json")).rejects.toMatchObject({
      code: "INVALID_REQUEST",
    });
  });

  it("keep comments, order and style of YAML around a change", async () => {
    const before =
      "# mine\ngateway:\n  port: 1 # the port\n  host: 127.0.0.1\n\n# models\nllm: { model: a/b }\nold: 1\n";
    const next = { gateway: { port: 2, host: "127.0.0.1" }, llm: { model: "a/b", fallbacks: ["c/d"] } };
    const text = await serialiseConfig(next, "yaml", before);
    expect(text).toContain("# mine");
    expect(text).toContain("port: 2 # the port");
    expect(text).toContain("# models");
    expect(text).not.toContain("old");
    expect(await parseConfig(text, "yaml")).toEqual(next);
  });

  it("write YAML anew where anchors would make one change two", async () => {
    const before = "base: &b { x: 1 }\none: *b\ntwo: *b\n";
    const next = { base: { x: 1 }, one: { x: 2 }, two: { x: 1 } };
    expect(await parseConfig(await serialiseConfig(next, "yaml", before), "yaml")).toEqual(next);
  });

  it("refuse what a format cannot say", async () => {
    await expect(serialiseConfig({ a: [null] }, "toml", undefined)).rejects.toMatchObject({ code: "INVALID_REQUEST" });
  });

  it("know a format by the ending of the name", () => {
    expect(formatOf("/x/config.YML")).toBe("yaml");
    expect(() => formatOf("/x/config.ini")).toThrow(".yaml, .yml, .json, .json5 or .toml");
  });
});
