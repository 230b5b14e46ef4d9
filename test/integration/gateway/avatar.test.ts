/** Who an agent is for the eye, from the configuration to the picture, and what the log says about the asking. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestGateway, type TestGateway } from "#test/fakes/gateway.ts";

interface Identity {
  agentId: string;
  name: string;
  avatar: string;
  emoji?: string;
}

let world: TestGateway;

beforeAll(async () => {
  const agents = { cook: { name: "Cook", emoji: "🍳" }, clerk: { name: "Zoë" } };
  world = await startTestGateway({ config: { agents, logging: { level: "debug" } } });
});
afterAll(() => world.dispose());

it("[C28] names a path of the gateway as an agent's avatar when it has no emoji, and the picture is there", async () => {
  const client = await world.connect();
  expect(await client.call<Identity>("agent.identity.get", { agentId: "cook" })).toEqual({
    agentId: "cook",
    name: "Cook",
    avatar: "🍳",
    emoji: "🍳",
  });
  for (const [agentId, letter] of [
    ["main", "G"],
    ["clerk", "Z"],
  ] as const) {
    const { avatar } = await client.call<Identity>("agent.identity.get", { agentId });
    expect(avatar).toBe(`/avatar/${agentId}`);
    const answer = await fetch(`${world.url}${avatar}`);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "image/svg+xml; charset=utf-8"]);
    expect(await answer.text()).toContain(`>${letter}</text>`);
  }
  const stranger = await fetch(`${world.url}/avatar/stranger`);
  expect(stranger.status).toBe(404);
  await stranger.body?.cancel();
});

it("[C31] the gateway's log holds a line per request, without what came after the question mark", async () => {
  await (await fetch(`${world.url}/avatar/main?token=never-in-a-log-1`)).text();
  const lines = world.log.map((line) => JSON.parse(line) as Record<string, unknown>);
  const line = lines.findLast(({ path }) => path === "/avatar/main");
  expect(line).toMatchObject({ level: "debug", method: "GET", status: 200 });
  expect(line?.["ms"]).toBeTypeOf("number");
  expect(world.log.join("\n")).not.toContain("never-in-a-log-1");
});
