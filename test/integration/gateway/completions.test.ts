/** `/v1/chat/completions` down to the model and back: a model alone, or an agent that remembers. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestGateway, TEST_TOKEN, type TestGateway } from "#test/fakes/gateway.ts";
import { chunk, errorAnswer, FAKE_OPENAI_ANSWER } from "#test/fakes/openai.ts";

let world: TestGateway;
beforeAll(async () => {
  world = await startTestGateway();
});
afterAll(() => world.dispose());

const ask = (model: string, more: Record<string, unknown> = {}, signal?: AbortSignal) =>
  fetch(`${world.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${TEST_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "hi" }], ...more }),
    ...(signal ? { signal } : {}),
  });

interface Completion {
  choices: { message: { content: string }; finish_reason: string }[];
  error?: { message: string };
}

it.each(["fake/fake-model", "gatehouse:main"])("[D03] %s answers", async (model) => {
  const response = await ask(model);
  const body = (await response.json()) as Completion;
  expect(response.status).toBe(200);
  expect(body.choices[0]).toMatchObject({ message: { content: FAKE_OPENAI_ANSWER }, finish_reason: "stop" });
});

it.each([
  ["nobody/nothing", undefined, 404],
  ["gatehouse:nobody", undefined, 404],
  ["fake/fake-model", errorAnswer(401, "wrong key"), 502],
  ["gatehouse:main", errorAnswer(401, "wrong key"), 502],
  ["fake/fake-model", errorAnswer(400, "too long", { code: "context_length_exceeded" }), 400],
] as const)("%s with the service saying no is answered %#", async (model, script, status) => {
  if (script) world.model.script(script);
  const response = await ask(model);
  expect(response.status).toBe(status);
  expect(((await response.json()) as Completion).error?.message).not.toBe("");
});

it("a caller that goes away stops the model", async () => {
  world.model.script({ steps: [chunk({ role: "assistant", content: "One" }), { hang: true }] });
  const before = world.model.abandoned;
  const controller = new AbortController();
  const response = await ask("fake/fake-model", { stream: true }, controller.signal);
  const reader = response.body?.getReader();
  await reader?.read();
  controller.abort();
  const client = await world.connect();
  while (world.model.abandoned === before) await client.request("health");
  expect(world.model.abandoned).toBe(before + 1);
  await client.close();
});
