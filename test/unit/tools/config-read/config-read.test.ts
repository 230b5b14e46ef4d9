import { expect, it } from "vitest";
import { Refused } from "#main/base/errors.ts";
import { configReadTool } from "#main/tools/config_read/index.ts";
import { createToolContext } from "#test/fakes/tool-context.ts";

const CONFIG = {
  gateway: { port: 18789, auth: { token: "plain-token-value" } },
  llm: {
    providers: { a: { apiKey: "abc-def-ghi", baseUrl: `https://u:hunter2@a.test/sk-ant-${"a1b2c3d4".repeat(4)}` } },
  },
  list: [{ password: "hunter22" }, "x"],
  env: { keyed: "" },
};

function read(path?: string, config: unknown = CONFIG) {
  const context = createToolContext();
  const services = { ...context.services, readConfig: () => config };
  return configReadTool.run(path === undefined ? {} : { path }, { ...context, services }, { summary: "" });
}

it("[H22] reads the whole configuration or a part, at level 1", async () => {
  expect(JSON.parse((await read()).text)).toMatchObject({ gateway: { port: 18789 }, list: [{}, "x"] });
  expect((await read("gateway.port")).text).toBe("18789");
  expect((await read("list.1")).text).toBe('"x"');
  expect(configReadTool.level({})).toBe(1);
});
it("[H22] cuts secrets even where nobody cut them before", async () => {
  for (const path of [
    undefined,
    "gateway",
    "gateway.auth.token",
    "llm.providers.a",
    "llm.providers.a.apiKey",
    "list",
  ]) {
    const { text } = await read(path);
    for (const secret of ["plain-token-value", "abc-def-ghi", "hunter2", "a1b2c3d4a1b2"])
      expect(text).not.toContain(secret);
  }
});
it("names what is there when a path is not", async () => {
  const error: unknown = await read("gateway.nothing").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Refused);
  expect((error as Error).message).toContain("port, auth");
  for (const path of ["__proto__", "constructor", "gateway.port.toFixed", "list.length.x", "."]) {
    await expect(read(path)).rejects.toBeInstanceOf(Refused);
  }
});
it("cuts what is long and holds against what is deep", async () => {
  expect((await read(undefined, { a: "x ".repeat(50_000) })).text).toContain("[cut here");
  let deep: unknown = "end";
  for (let level = 0; level < 5_000; level++) deep = { a: deep };
  expect((await read(undefined, deep)).text).toContain("…");
});
