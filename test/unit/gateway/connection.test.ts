import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { Connection, type ConnectionDeps } from "#main/gateway/connection.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";

/** A connection over a stream that notes each write as it leaves. */
function open() {
  const writes: string[] = [];
  const stream = new PassThrough({
    writev(chunks, done) {
      writes.push(chunks.map(({ chunk }) => String(chunk)).join("\n"));
      done();
    },
    write(chunk, _encoding, done) {
      writes.push(String(chunk));
      done();
    },
  });
  const send = (text: string, done: () => void) => void stream.write(text, done);
  const socket = Object.assign(new EventEmitter(), { bufferedAmount: 0, readyState: 1, OPEN: 1, send });
  const deps = { clock: createManualClock(), onClosed() {} } as unknown as ConnectionDeps;
  return { writes, connection: new Connection(socket as never, stream, { isLoopback: true } as never, true, deps) };
}

const tick = () => new Promise((resolve) => process.nextTick(resolve));

it("sends what is said in one go in one write", async () => {
  const { writes, connection } = open();
  await tick();
  writes.length = 0;
  for (const event of ["a", "b", "c"]) connection.sendEvent(event, "{}");
  expect(writes).toHaveLength(0);
  await tick();
  expect(writes).toEqual([expect.stringMatching(/"a".*\n.*"b".*\n.*"c"/)]);
  connection.sendEvent("d", "{}");
  await tick();
  expect(writes).toHaveLength(2);
});

it("lets go at once of what somebody waits for", async () => {
  const { writes, connection } = open();
  await tick();
  writes.length = 0;
  connection.sendEvent("a", "{}");
  connection.release();
  expect(writes).toHaveLength(1);
  await tick();
  connection.release();
  expect(writes).toHaveLength(1);
});
