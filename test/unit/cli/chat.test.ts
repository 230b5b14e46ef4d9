import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { runCommand } from "#main/cli/run.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { playGateway, Refusal, type FakeGatewayOptions } from "./fake-gateway.ts";
import { createFakeWorld } from "./fake-world.ts";

type Methods = NonNullable<FakeGatewayOptions["methods"]>;

/** A stored answer, as `final` carries it. */
function toMessage(text: string) {
  return {
    id: "msg_1",
    role: "assistant",
    content: [{ type: "text", text }],
    timestamp: 0,
    model: "demo/echo",
    usage: { input: 1, output: 2 },
  };
}

/** Answers each message with an echo in two pieces. */
const echo: Methods = {
  "chat.send"(params, send) {
    const turn = { runId: params["idempotencyKey"], sessionKey: params["sessionKey"], seq: 0 };
    const text = `you said ${String(params["message"])}`;
    send("chat", { ...turn, runId: "other", state: "delta", deltaText: "not ours" });
    send("chat", { ...turn, state: "delta", deltaText: "you said ", message: {} });
    send("chat", { ...turn, state: "final", message: toMessage(text) });
    return { runId: turn.runId, status: "started" };
  },
};

async function startChat(methods: Methods) {
  const stateDir = tempState();
  const gateway = await playGateway({ stateDir, socket: true, methods }, onTestFinished);
  const world = createFakeWorld({ env: { GATEHOUSE_STATE_DIR: stateDir } });
  return { gateway, world, stateDir };
}

describe("gatehouse chat with one message", () => {
  it("[R02] sends -e to the main session and prints the answer", async () => {
    const { gateway, world } = await startChat(echo);
    expect(await runCommand(["chat", "-e", "hello"], world)).toBe(0);
    expect(world.out).toBe("you said hello\n");
    expect(gateway.calls[0]?.params).toMatchObject({ sessionKey: "agent:main:main", message: "hello" });
  });

  it("[R02] sends a file, and what is piped in", async () => {
    const { gateway, world, stateDir } = await startChat(echo);
    const file = join(stateDir, "question.txt");
    writeFileSync(file, "from a file");
    expect(await runCommand(["chat", "-f", file, "--session", "notes"], world)).toBe(0);
    world.stdin.end("from a pipe");
    expect(await runCommand(["chat"], world)).toBe(0);
    expect(gateway.calls.map(({ params }) => params)).toMatchObject([
      { message: "from a file", sessionKey: "notes" },
      { message: "from a pipe" },
    ]);
  });

  it("[R02] takes -e without a command, as older command lines do", async () => {
    const { world } = await startChat(echo);
    expect(await runCommand(["-e", "hello"], world)).toBe(0);
    expect(world.out).toBe("you said hello\n");
  });

  it("prints one JSON object with --json", async () => {
    const { world } = await startChat(echo);
    expect(await runCommand(["chat", "-e", "hello", "--json"], world)).toBe(0);
    expect(JSON.parse(world.out)).toMatchObject({
      sessionKey: "agent:main:main",
      status: "ok",
      text: "you said hello",
      model: "demo/echo",
      usage: { input: 1, output: 2 },
    });
  });

  it("ends with 1 and the reason when the turn fails, keeping what had come", async () => {
    const { world } = await startChat({
      "chat.send"(params, send) {
        const turn = { runId: params["idempotencyKey"], sessionKey: "x", seq: 0 };
        send("chat", { ...turn, state: "delta", deltaText: "half", message: {} });
        send("chat", { ...turn, state: "error", errorMessage: "the model hung up" });
        return { runId: turn.runId, status: "started" };
      },
    });
    expect(await runCommand(["chat", "-e", "hello"], world)).toBe(1);
    expect([world.out, world.err]).toEqual(["half\n", "gatehouse chat: the model hung up\n"]);
  });

  it("stops the run on Ctrl-C and ends with 130", async () => {
    const { gateway, world } = await startChat({
      "chat.send": (params, send) => {
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
        return { ok: true, aborted: true, runIds: [params["runId"]] };
      },
    });
    const code = runCommand(["chat", "-e", "hello"], world);
    await world.waitFor("hi");
    world.signal("SIGINT");
    expect(await code).toBe(130);
    expect(gateway.calls.map(({ method }) => method)).toEqual(["chat.send", "chat.abort"]);
  });

  it("says that the answer goes on when the connection breaks", async () => {
    const { gateway, world } = await startChat({
      "chat.send": (params) => ({ runId: params["idempotencyKey"], status: "started" }),
    });
    const code = runCommand(["chat", "-e", "hello"], world);
    while (gateway.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    gateway.drop();
    expect(await code).toBe(1);
    expect(world.err).toContain("the answer goes on in the gateway");
  });

  it("prints the gateway's refusal", async () => {
    const { world } = await startChat({
      "chat.send"() {
        throw new Refusal({ code: "UNAVAILABLE", message: "no model is configured" });
      },
    });
    expect(await runCommand(["chat", "-e", "hello"], world)).toBe(1);
    expect(world.err).toBe("gatehouse chat: UNAVAILABLE: no model is configured\n");
  });

  it("refuses an empty message", async () => {
    const { world } = await startChat(echo);
    expect(await runCommand(["chat", "-e", " "], world)).toBe(2);
  });
});
