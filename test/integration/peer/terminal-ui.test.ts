/** OpenClaw's terminal UI: a device that asks for admin, waits for the owner, and then holds a conversation. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDevice } from "#test/fakes/device.ts";
import { startTestGateway, TEST_TOKEN, type TestGateway } from "#test/fakes/gateway.ts";
import { expectRefused } from "#test/fakes/wire-client.ts";
import { asCommandLine, asTerminal, runCommand } from "./peer.ts";

let world: TestGateway;
beforeAll(async () => {
  world = await startTestGateway();
});
afterAll(() => world.dispose());

interface Pending {
  pending: { requestId: string; displayName: string; scopes: string[] }[];
  paired: { deviceId: string; roles: string[] }[];
}

const listDevices = () => runCommand<Pending>(world, asCommandLine("operator.pairing"), "device.pair.list", {});

/** `devices approve`: lists with the pairing scope, then approves with admin. */
async function approveAll(): Promise<void> {
  const { pending } = await listDevices();
  for (const { requestId } of pending) {
    await runCommand(world, asCommandLine("operator.admin"), "device.pair.approve", { requestId });
  }
}

async function pairedTerminal() {
  const device = createDevice();
  await expectRefused(world.wsUrl, { ...asTerminal(device), auth: { token: TEST_TOKEN } });
  await approveAll();
  return world.connect(asTerminal(device));
}

it("[D09] waits for the owner, since it asks for admin, and is let in once `devices approve` ran", async () => {
  const device = createDevice();
  const { error, closed } = await expectRefused(world.wsUrl, { ...asTerminal(device), auth: { token: TEST_TOKEN } });
  expect(error).toMatchObject({ code: "NOT_PAIRED", details: { code: "PAIRING_REQUIRED", reason: "not-paired" } });
  expect(closed.code).toBe(1008);
  const { pending } = await listDevices();
  expect(pending).toMatchObject([
    { displayName: "openclaw-tui", scopes: expect.arrayContaining(["operator.admin"]) as string[] },
  ]);
  await approveAll();
  expect((await listDevices()).paired).toMatchObject([{ deviceId: device.id, roles: ["operator"] }]);
  const client = await world.connect(asTerminal(device));
  expect(client.hello?.auth).toMatchObject({ role: "operator", deviceToken: expect.any(String) as string });
});

it("loads what a chat window shows", async () => {
  const client = await pairedTerminal();
  await client.call("sessions.subscribe", {});
  const agents = await client.call<{ agents: unknown[] }>("agents.list", {});
  expect(agents.agents).not.toHaveLength(0);
  await client.call("chat.history", { sessionKey: "agent:main:main", limit: 200 });
  await client.call("sessions.describe", { key: "agent:main:main" });
  await client.call("sessions.list", { agentId: "main", limit: 1 });
  const picker = { limit: 50, activeMinutes: 10_080, includeGlobal: false, includeUnknown: false };
  const titles = { includeDerivedTitles: true, includeLastMessage: true, agentId: "main" };
  await client.call("sessions.list", { ...picker, ...titles });
});

it("sends with the transcript that it shows, and is told when that has begun anew", async () => {
  const client = await pairedTerminal();
  const sessionKey = "agent:main:terminal";
  await client.call("chat.send", { sessionKey, message: "hello", deliver: false, idempotencyKey: "tui-1" });
  await client.event("chat", (p: { state: string; runId: string }) => p.state === "final" && p.runId === "tui-1");
  const { sessionId } = await client.call<{ sessionId: string }>("chat.history", { sessionKey, limit: 200 });
  const message = { sessionKey, sessionId, deliver: false };
  const sent = await client.call("chat.send", { ...message, message: "again", idempotencyKey: "tui-2" });
  expect(sent).toMatchObject({ status: "started" });
  await client.event("chat", (p: { state: string; runId: string }) => p.state === "final" && p.runId === "tui-2");
  await client.call("sessions.reset", { key: sessionKey, reason: "reset" });
  const stale = await client.refusal("chat.send", { ...message, message: "to the old one", idempotencyKey: "tui-3" });
  expect(stale).toMatchObject({ code: "INVALID_REQUEST" });
  expect(stale.message).toContain("load it again");
  const repeated = await client.call("chat.send", { ...message, message: "again", idempotencyKey: "tui-2" });
  expect(repeated).toMatchObject({ runId: "tui-2", status: "ok" });
  const after = await client.call<{ totalMessages: number }>("chat.history", { sessionKey });
  expect(after.totalMessages).toBe(0);
});

it("aborts with the property that it adds, and with no other", async () => {
  const client = await pairedTerminal();
  const abort = { sessionKey: "agent:main:main", preserveSideRuns: true };
  expect(await client.call("chat.abort", abort)).toMatchObject({ ok: true, aborted: false });
  expect((await client.refusal("chat.abort", { ...abort, other: true })).message).toContain(
    "unexpected property 'other'",
  );
});

it("begins a new conversation with /new, and sets how it thinks", async () => {
  const client = await pairedTerminal();
  const made = await client.call<{ key: string; sessionId: string }>("sessions.create", {
    key: "tui-97148ae2-c287-43c1-a0f5-afcf35a0cf1e",
    agentId: "main",
    parentSessionKey: "agent:main:main",
    succeedsParent: true,
    emitCommandHooks: true,
  });
  expect(made.key).toBe("agent:main:tui-97148ae2-c287-43c1-a0f5-afcf35a0cf1e");
  const entry = await client.call("sessions.patch", { key: made.key, thinkingLevel: "high" });
  expect(entry).toMatchObject({ entry: { sessionId: made.sessionId, thinkingLevel: "high" } });
  const again = await client.call<{ sessionId: string }>("sessions.create", { key: made.key });
  expect(again.sessionId).toBe(made.sessionId);
});

it("refuses a new conversation without the right to write, or with half a model", async () => {
  const reader = await world.connect(asCommandLine("operator.read"));
  expect((await reader.refusal("sessions.create", { key: "x" })).code).toBe("FORBIDDEN");
  const writer = await world.connect(asCommandLine("operator.write"));
  expect((await writer.refusal("sessions.create", { key: "x", model: "only-a-name" })).message).toContain(
    "provider/model",
  );
});
