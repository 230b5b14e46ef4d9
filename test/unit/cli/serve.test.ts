import { describe, expect, it } from "vitest";
import { Bug, Refused } from "#main/base/errors.ts";
import type { GatewayStart, ServedGateway } from "#main/cli/command.ts";
import { runCommand } from "#main/cli/run.ts";
import { createFakeWorld } from "./fake-world.ts";

/** A gateway whose end the test decides. */
function createPlayedGateway() {
  const closing = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<void>();
  const reasons: string[] = [];
  const gateway: ServedGateway = {
    url: "http://127.0.0.1:1234",
    closing: closing.promise,
    stop(reason) {
      reasons.push(reason);
      return stopped.promise;
    },
  };
  return { gateway, closing, stopped, reasons };
}

describe("gatehouse serve", () => {
  it("[A14] prints one line of JSON when it is ready, and its log to standard error", async () => {
    const played = createPlayedGateway();
    const world = createFakeWorld({
      startGateway(start) {
        start.onLogLine?.("12:00 info starting");
        return Promise.resolve(played.gateway);
      },
    });
    const code = runCommand(["serve"], world);
    await world.waitFor("ready");
    expect(world.out).toBe('{"event":"ready","url":"http://127.0.0.1:1234","pid":42,"version":"1.2.3"}\n');
    expect(world.err).toBe("12:00 info starting\n");
    world.signal("SIGTERM");
    played.stopped.resolve();
    expect(await code).toBe(0);
  });

  it("[A14] prints every line as JSON on standard output with --json", async () => {
    const played = createPlayedGateway();
    const world = createFakeWorld({
      startGateway(start) {
        expect(start.flags.json).toBe(true);
        start.onLogLine?.('{"level":"info"}');
        return Promise.resolve(played.gateway);
      },
    });
    const code = runCommand(["serve", "--json"], world);
    await world.waitFor("ready");
    expect(
      world.out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toHaveLength(2);
    expect(world.err).toBe("");
    played.closing.resolve();
    expect(await code).toBe(0);
  });

  it("[A02] hands options and environment to the assembly", async () => {
    const starts: GatewayStart[] = [];
    const world = createFakeWorld({
      env: { GATEHOUSE_STATE_DIR: "/tmp/from-env", GATEHOUSE_CONFIG: "/tmp/c.yaml" },
      startGateway(start) {
        starts.push(start);
        return Promise.reject(new Refused("INVALID_REQUEST", "enough"));
      },
    });
    const argv = ["--port", "0", "--host", "127.0.0.2", "--token", "t", "--log-level", "debug"];
    await runCommand(["serve", ...argv, "--state-dir", "/tmp/x", "--config", "/tmp/d.json"], world);
    await runCommand(["serve"], world);
    expect(starts[0]).toMatchObject({
      stateDir: "/tmp/x",
      configPath: "/tmp/d.json",
      flags: { port: 0, host: "127.0.0.2", token: "t", level: "debug" },
      version: "1.2.3",
    });
    expect(starts[1]).toMatchObject({ stateDir: "/tmp/from-env", configPath: "/tmp/c.yaml", flags: {} });
  });

  it("[A14] stops on SIGTERM, SIGINT and SIGHUP and ends with 0 once drained", async () => {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
      const played = createPlayedGateway();
      const world = createFakeWorld({ startGateway: () => Promise.resolve(played.gateway) });
      const code = runCommand(["serve"], world);
      await world.waitFor("ready");
      world.signal(signal);
      expect(played.reasons).toEqual([signal]);
      played.stopped.resolve();
      expect(await code).toBe(0);
      expect(world.exits).toEqual([]);
      expect(world.listeners).toBe(0);
    }
  });

  it("[A14] ends at once on a second signal", async () => {
    const played = createPlayedGateway();
    const world = createFakeWorld({ startGateway: () => Promise.resolve(played.gateway) });
    const code = runCommand(["serve"], world);
    await world.waitFor("ready");
    world.signal("SIGTERM");
    world.signal("SIGINT");
    expect(world.exits).toEqual([130]);
    expect(played.reasons).toHaveLength(1);
    played.stopped.resolve();
    await code;
  });

  it("ends with 1 when the drain fails", async () => {
    const played = createPlayedGateway();
    const world = createFakeWorld({ startGateway: () => Promise.resolve(played.gateway) });
    const code = runCommand(["serve"], world);
    await world.waitFor("ready");
    world.signal("SIGTERM");
    played.stopped.reject(new Error("stuck"));
    expect(await code).toBe(1);
    expect(world.err).toContain("stuck");
  });

  it("ends with 3 on a state directory in use, naming process and address", async () => {
    const refusal = new Refused("LOCKED", "a gateway already runs", {
      details: { pid: 77, url: "http://127.0.0.1:5" },
    });
    const world = createFakeWorld({ startGateway: () => Promise.reject(refusal) });
    expect(await runCommand(["serve"], world)).toBe(3);
    expect(world.err).toContain("process 77 at http://127.0.0.1:5");
    expect(world.out).toBe("");
  });

  it("ends with 2 on a configuration that is refused, and with 1 on a machine that is not ready", async () => {
    const cases: [Error, number][] = [
      [new Refused("INVALID_REQUEST", "host 0.0.0.0 needs TLS"), 2],
      [new Refused("PORT_IN_USE", "port 5 is taken"), 1],
      [new Refused("READ_ONLY", "the folder is read-only"), 1],
      [new Refused("DB_NEWER", "written by a newer version"), 1],
      [new Bug("oh"), 1],
      [new Error("odd"), 1],
    ];
    for (const [error, code] of cases) {
      const world = createFakeWorld({ startGateway: () => Promise.reject(error) });
      expect(await runCommand(["serve"], world)).toBe(code);
      expect(world.err).toContain(error.message);
    }
  });
});
