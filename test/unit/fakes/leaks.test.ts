import { createServer } from "node:http";
import { once } from "node:events";
import { expect, it } from "vitest";
import { assertNoNewHandles, newHandles, openHandles } from "#test/fakes/leaks.ts";

it("names a server that is still listening", async () => {
  const before = openHandles();
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  expect(newHandles(before)).toEqual(["TCPServerWrap ×1"]);
  await expect(assertNoNewHandles(before, 3)).rejects.toThrow("TCPServerWrap ×1");
  server.close();
  await once(server, "close");
  await expect(assertNoNewHandles(before)).resolves.toBeUndefined();
});

it("says nothing of what was open before", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  expect(newHandles(openHandles())).toEqual([]);
  server.close();
  await once(server, "close");
});
