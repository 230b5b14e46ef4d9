/** The log at its most talkative, while secrets pass through every door: none of them is in it, nor what people wrote. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestGateway, TEST_TOKEN, type TestGateway } from "#test/fakes/gateway.ts";
import { errorAnswer, textAnswer, toolAnswer } from "#test/fakes/openai.ts";
import { createDevice } from "#test/fakes/device.ts";

const KEY = "sk-fake-canary-key";
const HEADER = "header-canary-8321";
const SAID = "the-users-own-words-5417";
const ANSWERED = "the-models-own-words-9911";
const ARGUMENT = "an-argument-of-a-tool-2276";
const GUESS = "a-wrong-token-somebody-tried-7730";

let world: TestGateway;

beforeAll(async () => {
  world = await startTestGateway({ config: { logging: { level: "trace" } } });
});
afterAll(() => world.dispose());

function everyLog(): string {
  const folder = join(world.stateDir, "logs");
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  return [...world.log, ...files].join("\n");
}

it("[I14] holds no token, key, message, answer or argument, not even at trace", async () => {
  const device = await world.connect({
    client: { id: "test", mode: "test" },
    scopes: ["operator.read"],
    device: createDevice(),
  });
  const client = await world.connect();
  const { hash } = await client.call<{ hash: string }>("config.get");
  const patch = { llm: { providers: { fake: { headers: { "X-Extra": HEADER } } } } };
  await client.call("config.patch", { raw: JSON.stringify(patch), baseHash: hash });
  const turn = async (runId: string, message: string) => {
    await client.call("chat.send", { sessionKey: "main", message, idempotencyKey: runId });
    return client.event(
      "chat",
      (chat: { runId: string; state: string }) => chat.runId === runId && chat.state !== "delta",
    );
  };
  const call = { id: "call_1", name: "read", args: JSON.stringify({ path: ARGUMENT }) };
  world.model.script(toolAnswer([call]), textAnswer(ANSWERED));
  await turn("run-1", SAID);
  world.model.script(errorAnswer(401, `Incorrect API key provided: ${KEY}`));
  await turn("run-2", SAID);
  expect(world.model.requests.at(-1)?.headers).toMatchObject({ authorization: `Bearer ${KEY}`, "x-extra": HEADER });
  for (const token of [TEST_TOKEN, GUESS]) {
    const headers = { authorization: `Bearer ${token}` };
    await (await fetch(`${world.url}/v1/models?token=${token}`, { headers })).text();
  }
  await expect(world.connect({ auth: { token: GUESS } })).rejects.toThrow("refused");
  await expect.poll(everyLog).toContain("/v1/models");
  const text = everyLog();
  expect(text.split("\n").length).toBeGreaterThan(10);
  for (const secret of [TEST_TOKEN, KEY, HEADER, SAID, ANSWERED, ARGUMENT, GUESS]) expect(text).not.toContain(secret);
  const deviceToken = device.hello?.auth.deviceToken;
  expect(deviceToken).toMatch(/^[\w-]{43}$/);
  expect(text).not.toContain(deviceToken);
});
