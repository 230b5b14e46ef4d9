import { describe, expect, it } from "vitest";
import { runCommand } from "#main/cli/run.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { callWith } from "./call-with.ts";
import { createFakeWorld } from "./fake-world.ts";

describe("gatehouse open", () => {
  const create = () => ({ code: "a+b/c", url: "http://127.0.0.1:18789/", expiresAtMs: 1 });

  it("prints a link with the one-time code in the fragment", async () => {
    const { code, out, calls } = await callWith({ "device.bootstrap.create": create }, "open", "--print");
    expect([code, out]).toEqual([0, "http://127.0.0.1:18789/#code=a%2Bb%2Fc\n"]);
    expect(calls).toEqual([{ method: "device.bootstrap.create", params: {} }]);
  });

  it("starts nothing when no gateway runs, and says how to start one", async () => {
    const world = createFakeWorld({ env: { GATEHOUSE_STATE_DIR: tempState() }, self: ["/nonexistent/program"] });
    expect(await runCommand(["open"], world)).toBe(1);
    expect(world.err).toContain("run: gatehouse serve");
  });

  it("says that a gateway did not start with --start", async () => {
    const world = createFakeWorld({ env: { GATEHOUSE_STATE_DIR: tempState() }, self: ["/nonexistent/program"] });
    expect(await runCommand(["open", "--start"], world)).toBe(1);
    expect(world.err).toContain("did not start");
  });
});
