import { describe, expect, it, onTestFinished } from "vitest";
import { REPL_COMMANDS } from "#main/cli/repl.ts";
import { runCommand } from "#main/cli/run.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { playGateway, Refusal, type FakeGatewayOptions } from "./fake-gateway.ts";
import { createFakeWorld } from "./fake-world.ts";

type Methods = NonNullable<FakeGatewayOptions["methods"]>;
const message = (role: string, text: string) => ({ id: "m", role, content: [{ type: "text", text }], timestamp: 0 });

const methods: Methods = {
  "chat.send"(params, send) {
    const turn = { runId: params["idempotencyKey"], sessionKey: params["sessionKey"], seq: 0 };
    send("chat", { ...turn, state: "final", message: message("assistant", `echo ${String(params["message"])}`) });
    return { runId: turn.runId, status: "started" };
  },
  "chat.history": () => ({
    sessionKey: "x",
    sessionId: "s",
    messages: [message("user", "hello"), message("toolResult", "42"), message("assistant", "hi\u001b[2J there")],
    hasMore: false,
    totalMessages: 3,
    queuedRunIds: [],
  }),
  "sessions.reset": () => ({ ok: true }),
  "sessions.patch": () => ({ ok: true }),
  "sessions.describe": () => ({ session: null }),
  "models.list": () => ({
    models: [
      { ref: "demo/echo", available: true, isDefault: true },
      { ref: "x/y", available: false, unavailableReason: "no key", isDefault: false },
    ],
  }),
};

/** Starts a conversation whose lines the test types. */
async function talk(played: Methods = methods) {
  const stateDir = tempState();
  const gateway = await playGateway({ stateDir, socket: true, methods: played }, onTestFinished);
  const world = createFakeWorld({ env: { GATEHOUSE_STATE_DIR: stateDir } });
  return { gateway, world, code: runCommand(["chat", "-i"], world) };
}

describe("a conversation line by line", () => {
  it("[R01] answers each line in order, then ends with the input", async () => {
    const { gateway, world, code } = await talk();
    world.stdin.end("one\n\ntwo\n");
    expect(await code).toBe(0);
    expect(world.out).toBe("echo one\necho two\n");
    expect(gateway.calls).toHaveLength(2);
  });

  it("[R01] prints every command with /help and /?", async () => {
    const { world, code } = await talk();
    world.stdin.end("/help\n/?\n");
    expect(await code).toBe(0);
    for (const { names, help } of REPL_COMMANDS) {
      expect(world.out.split(`${names.join(", ")}`).length).toBeGreaterThan(2);
      expect(world.out).toContain(help);
    }
  });

  it("[R01] leaves with /exit and /quit, and answers nothing after it", async () => {
    for (const word of ["/exit", "/quit"]) {
      const { gateway, world, code } = await talk();
      world.stdin.write(`${word}\nmore\n`);
      expect(await code).toBe(0);
      expect(gateway.calls).toEqual([]);
    }
  });

  it("[R01] shows the history without tool results and without terminal commands", async () => {
    const { world, code } = await talk();
    world.stdin.end("/history\n");
    await code;
    expect(world.out).toBe("you: hello\nassistant: hi there\n");
  });

  it("[R01] begins anew with /new", async () => {
    const { gateway, world, code } = await talk();
    world.stdin.end("/new\n");
    await code;
    expect(gateway.calls).toEqual([{ method: "sessions.reset", params: { key: "agent:main:main", reason: "new" } }]);
  });

  it("[R01] lists models, and changes the session's", async () => {
    const { gateway, world, code } = await talk();
    world.stdin.end("/model\n/model demo/echo\n");
    await code;
    expect(world.out).toContain("* demo/echo\n  x/y  (no key)\n");
    expect(gateway.calls.at(-1)).toEqual({
      method: "sessions.patch",
      params: { key: "agent:main:main", model: "demo/echo" },
    });
  });

  it("goes on after an unknown command and after a refusal", async () => {
    const refused: Methods = {
      ...methods,
      "sessions.reset"() {
        throw new Refusal({ code: "UNAVAILABLE", message: "a run is active" });
      },
    };
    const { world, code } = await talk(refused);
    world.stdin.end("/dance\n/new\nhello\n");
    expect(await code).toBe(0);
    expect(world.err).toBe("/dance is no command; /help lists them.\nUNAVAILABLE: a run is active\n");
    expect(world.out).toBe("echo hello\n");
  });

  it("[R01] stops the answer on Ctrl-C first, and leaves on the next", async () => {
    const { world, code } = await talk({
      "chat.send"(params, send) {
        send("chat", {
          runId: params["idempotencyKey"],
          sessionKey: "x",
          seq: 0,
          state: "delta",
          deltaText: "hi",
          message: {},
        });
        return { runId: params["idempotencyKey"], status: "started" };
      },
      "chat.abort"(params, send) {
        send("chat", { runId: params["runId"], sessionKey: "x", seq: 1, state: "aborted" });
        return { ok: true, aborted: true, runIds: [] };
      },
    });
    world.stdin.write("hello\n");
    await world.waitFor("hi");
    world.signal("SIGINT");
    await world.waitFor("(stopped)");
    world.signal("SIGINT");
    expect(await code).toBe(0);
    expect(world.listeners).toBe(0);
  });

  it("ends with 1 when the gateway goes away", async () => {
    const { gateway, world, code } = await talk({
      "chat.send": (params) => ({ runId: params["idempotencyKey"], status: "started" }),
    });
    world.stdin.write("hello\n");
    while (gateway.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    gateway.drop();
    expect(await code).toBe(1);
  });
});
