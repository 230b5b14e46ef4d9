/** A whole conversation over the wire: every frame, every answer and every event against the schemas. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestGateway, type TestGateway } from "#test/fakes/gateway.ts";

let world: TestGateway;
beforeAll(async () => {
  world = await startTestGateway();
});
afterAll(() => world.dispose());

it("answers a message", async () => {
  const client = await world.connect();
  const started = performance.now();
  const sent = await client.call("chat.send", { sessionKey: "main", message: "hi", idempotencyKey: "k1" });
  expect(sent).toMatchObject({ runId: "k1", status: "started" });
  const final = await client.event("chat", (p: { state: string }) => p.state === "final");
  expect(final.payload).toMatchObject({ message: { content: [{ type: "text", text: "Hello from the fake model." }] } });
  expect(performance.now() - started).toBeLessThan(5000);
});
