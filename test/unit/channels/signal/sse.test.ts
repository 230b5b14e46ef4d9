/** Server-sent events, whole, cut anywhere, and hostile. */
import { expect, it } from "vitest";
import { readEvents, type ServerSentEvent } from "#main/channels/signal/sse.ts";

async function read(...chunks: (string | Uint8Array)[]): Promise<ServerSentEvent[]> {
  async function* stream() {
    for (const chunk of chunks) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  }
  const events: ServerSentEvent[] = [];
  for await (const event of readEvents(stream())) events.push(event);
  return events;
}

const SIGNAL_CLI = 'id:1745-1\nevent:receive\ndata:{"envelope":{"a":"\u{1F980}"}}\n\n:\n';

it("reads what signal-cli writes, however it is cut", async () => {
  const expected = [{ id: "1745-1", data: '{"envelope":{"a":"\u{1F980}"}}' }];
  expect(await read(SIGNAL_CLI)).toEqual(expected);
  expect(await read(...[...Buffer.from(SIGNAL_CLI)].map((byte) => Buffer.from([byte])))).toEqual(expected);
});

it("follows the format where signal-cli does not go", async () => {
  expect(await read("data: a\r\ndata:b\r\n\r\n", "data\n\n", "id\ndata:c\n\n", "data:lost")).toEqual([
    { data: "a\nb" },
    { data: "" },
    { id: "", data: "c" },
  ]);
  expect(await read("retry:5\n\nevent:x\n\n:comment\n\nid:a\u0000b\ndata:d\n\n")).toEqual([{ data: "d" }]);
});

it("keeps the id until there is another", async () => {
  expect(await read("id:1\n:\n\ndata:a\n\ndata:b\n\n")).toEqual([
    { id: "1", data: "a" },
    { id: "1", data: "b" },
  ]);
});

it("passes over what is too long, and goes on", async () => {
  const long = "x".repeat(3_000_000);
  expect(await read(`data:${long}`, long, "\n\ndata:a\n\n")).toEqual([{ data: "a" }]);
  expect(await read(`data:${long}\ndata:${long}\n\n`, "data:b\n\n")).toEqual([{ data: "b" }]);
});
