/** Who can answer, over the wire: what is listed with nothing configured, and where a kept key may go. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ModelRow } from "#main/protocol/methods/config.ts";
import { startTestGateway, type TestGateway } from "#test/fakes/gateway.ts";
import { startFakeOpenAI } from "#test/fakes/openai.ts";
import type { ScriptedServer } from "#test/fakes/scripted-http.ts";

const KEY = "sk-fake-canary-key";

let world: TestGateway;
let elsewhere: ScriptedServer;

beforeAll(async () => {
  elsewhere = await startFakeOpenAI();
  world = await startTestGateway();
});
afterAll(async () => {
  await world.dispose();
  await elsewhere.close();
});

const keysSent = (server: ScriptedServer) => server.requests.map((request) => request.headers["authorization"]);
const probe = async (params: Record<string, unknown>) =>
  (await world.connect()).call<{ status: string }>("models.probe", { provider: "fake", ...params });

it("lists Anthropic's and OpenAI's models as not available while they have no key, with the reason", async () => {
  const client = await world.connect();
  const { models } = await client.call<{ models: ModelRow[] }>("models.list", {});
  for (const provider of ["anthropic", "openai"]) {
    const own = models.filter((model) => model.provider === provider);
    expect(own.length).toBeGreaterThan(5);
    for (const model of own) {
      expect(model).toMatchObject({ available: false, unavailableReason: expect.stringContaining("no API key") });
    }
  }
  expect(models.filter((model) => model.available).map((model) => model.ref)).toEqual([
    "fake/fake-model",
    "fake/fake-large",
    "demo/tour",
  ]);
});

it("[LM-15] tests a provider with its kept key at its own address only", async () => {
  world.model.requests.length = 0;
  elsewhere.requests.length = 0;
  expect(await probe({})).toMatchObject({ status: "ok" });
  expect(await probe({ baseUrl: `${elsewhere.url}/v1` })).toMatchObject({ status: "ok" });
  expect(keysSent(world.model)).toEqual([`Bearer ${KEY}`]);
  expect(keysSent(elsewhere)).toEqual([undefined]);
  // The same with the key typed in again: then it goes where the owner says.
  expect(await probe({ baseUrl: `${elsewhere.url}/v1`, apiKey: KEY })).toMatchObject({ status: "ok" });
  expect(keysSent(elsewhere)).toEqual([undefined, `Bearer ${KEY}`]);
});

it("[LM-15] does not save another address for a kept key unless the key is entered again", async () => {
  const client = await world.connect();
  const save = (more: Record<string, unknown>) =>
    client.call("models.provider.save", { provider: "fake", kind: "openai", baseUrl: `${elsewhere.url}/v1`, ...more });
  await expect(save({})).rejects.toThrow(/enter the key again/);
  elsewhere.requests.length = 0;
  world.model.requests.length = 0;
  await client.call("models.list", { provider: "fake", refresh: true });
  expect(keysSent(elsewhere)).toEqual([]);
  expect(keysSent(world.model)).toEqual([`Bearer ${KEY}`]);
});

it("refuses addresses that are none, or hide a password", async () => {
  for (const baseUrl of ["nonsense", "ftp://127.0.0.1/", "http://user:pass@127.0.0.1/v1"]) {
    await expect(probe({ baseUrl })).rejects.toThrow(/address/);
  }
});
