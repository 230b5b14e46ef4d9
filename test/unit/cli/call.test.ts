import { describe, expect, it } from "vitest";
import { runCommand } from "#main/cli/run.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { callWith } from "./call-with.ts";
import { Refusal } from "./fake-gateway.ts";
import { createFakeWorld } from "./fake-world.ts";

describe("gatehouse call", () => {
  it("prints the answer as JSON", async () => {
    const { code, out, calls } = await callWith({ status: () => ({ ok: true }) }, "call", "status");
    expect([code, JSON.parse(out)]).toEqual([0, { ok: true }]);
    expect(calls).toEqual([{ method: "status", params: {} }]);
  });

  it("takes JSON and JSON5 as parameters", async () => {
    for (const json of ['{"key":"a"}', "{key: 'a',}"]) {
      const { calls } = await callWith({ x: () => null }, "call", "x", json);
      expect(calls[0]?.params).toEqual({ key: "a" });
    }
  });

  it("ends with 1 on a refusal, with code, message and details on standard error", async () => {
    const refuse = () => {
      throw new Refusal({ code: "FORBIDDEN", message: "missing scope", details: { code: "MISSING_SCOPE" } });
    };
    const { code, out, err } = await callWith({ x: refuse }, "call", "x");
    expect([code, out]).toEqual([1, ""]);
    expect(err).toBe('FORBIDDEN: missing scope\n{"code":"MISSING_SCOPE"}\n');
  });

  it("passes on an unknown method in the gateway's words", async () => {
    expect((await callWith({}, "call", "nope")).err).toBe("INVALID_REQUEST: unknown method: nope\n");
  });

  it("ends with 1 and says how to start one when no gateway runs", async () => {
    const world = createFakeWorld({ env: { GATEHOUSE_STATE_DIR: tempState() } });
    expect(await runCommand(["call", "health"], world)).toBe(1);
    expect(world.err).toMatch(/^gatehouse call: NOT_RUNNING: no gateway runs/);
  });

  it("gives up after its timeout", async () => {
    const { code, err } = await callWith({ x: () => new Promise(() => {}) }, "call", "x", "--timeout", "1");
    expect(code).toBe(1);
    expect(err).toContain("no answer to x within 1 ms");
  });
});
