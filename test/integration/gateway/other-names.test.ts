/** Tools called and forbidden by the names that other programs use, through the whole gateway. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished, expect, it } from "vitest";
import { startTestGateway, TEST_TOKEN, type TestGateway } from "#test/fakes/gateway.ts";
import { textAnswer, toolAnswer } from "#test/fakes/openai.ts";

interface Answer {
  status: number;
  body: { ok: boolean; result?: string; status?: string; error?: { message: string } };
}

async function start(tools: Record<string, unknown> = {}): Promise<TestGateway> {
  const world = await startTestGateway({ config: { tools, sandbox: { mode: "off" } } });
  onTestFinished(() => world.dispose());
  return world;
}

async function invoke(world: TestGateway, tool: string, args: Record<string, unknown>): Promise<Answer> {
  const response = await fetch(`${world.url}/tools/invoke`, {
    method: "POST",
    headers: { authorization: `Bearer ${TEST_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({ tool, args }),
  });
  return { status: response.status, body: (await response.json()) as Answer["body"] };
}

const everything = { approvals: { autoApproveLevels: [1, 2, 3, 4, 5, 6, 7] } };

it("[H14] reads, writes and lists files and runs programs by those names", async () => {
  const world = await start(everything);
  const file = join(world.stateDir, "workspace", "note.txt");
  expect((await invoke(world, "write_file", { path: "note.txt", content: "one" })).body.ok).toBe(true);
  expect(readFileSync(file, "utf8")).toBe("one");
  expect((await invoke(world, "read_file", { path: "note.txt" })).body.result).toContain("one");
  expect((await invoke(world, "list_files", {})).body.result).toContain("note.txt");
  const ran = await invoke(world, "exec", { command: "printf", args: ["%s|", "a b", "$(id)", ";"] });
  expect(ran.body.result).toMatch(/Output:\na b\|\$\(id\)\|;\|\nExit code: 0/);
});

it("[H14] asks the owner as it would for the tool itself", async () => {
  const world = await start();
  for (const [tool, args] of [
    ["write_file", { path: "note.txt", content: "one" }],
    ["exec", { command: "touch", args: ["made.txt"] }],
    ["exec", { command: "touch made.txt" }],
  ] as const) {
    expect(await invoke(world, tool, args)).toMatchObject({ status: 202, body: { status: "pending" } });
  }
  const client = await world.connect();
  const explained = await client.call("tools.explain", { tool: "exec", args: { command: "touch", args: ["x"] } });
  expect(explained).toMatchObject({ level: 7, decision: "ask" });
  expect(existsSync(join(world.stateDir, "workspace", "made.txt"))).toBe(false);
});

it.each([
  ["exec", "bash", "exec"],
  ["bash", "exec", "bash"],
])("[H14] a rule that denies %s leaves no way in as %s or %s", async (denied, one, other) => {
  const world = await start({ ...everything, deny: [denied] });
  for (const tool of [one, other]) {
    const { body } = await invoke(world, tool, { command: "touch made.txt" });
    expect(body.error?.message).toContain(`tools.deny lists ${denied}`);
  }
  expect(existsSync(join(world.stateDir, "workspace", "made.txt"))).toBe(false);
});

it("[H14] a model that calls by such a name reaches the tool, and is refused where the tool is denied", async () => {
  const call = toolAnswer([{ id: "call_1", name: "exec", args: '{"command":"touch","args":["made.txt"]}' }]);
  for (const [tools, isThere] of [
    [everything, true],
    [{ ...everything, deny: ["exec"] }, false],
  ] as const) {
    const world = await start(tools);
    const client = await world.connect();
    world.model.script(call, textAnswer("done"));
    await client.call("chat.send", { sessionKey: "main", message: "go", idempotencyKey: "run-1" });
    await client.event("chat", (chat: { state: string }) => chat.state === "final");
    expect(existsSync(join(world.stateDir, "workspace", "made.txt"))).toBe(isThere);
    expect(JSON.stringify(world.model.requests.at(-1)?.body)).toContain(isThere ? "Exit code: 0" : "is not allowed");
  }
});
