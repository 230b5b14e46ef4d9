import { expect, it } from "vitest";
import type { Message } from "#main/protocol/messages.ts";
import { addMessage } from "#main/sessions/add-message.ts";
import { Transcripts } from "#main/sessions/transcripts.ts";
import type { Database } from "#main/store/database.ts";
import { removeFrom } from "#main/store/messages.ts";
import { ensureSession, resetSession } from "#main/store/sessions.ts";
import { openStore } from "../store/open-store.ts";

async function startWorld() {
  const { db } = await openStore();
  const open = async (key: string) => {
    const wanted = { key, agentId: "main", kind: "direct", channel: "webchat" } as const;
    const { session } = await ensureSession(db, wanted, 1);
    return { sessionKey: key, sessionId: session.session_id };
  };
  return { db, open, transcripts: new Transcripts(db) };
}

type Place = { sessionKey: string; sessionId: string };

async function write(db: Database, place: Place, ...texts: string[]) {
  for (const text of texts) {
    const message: Message = { id: `msg_${text}`, role: "user", content: [{ type: "text", text }], timestamp: 1 };
    await db.transaction().execute((trx) => addMessage(trx, place, message));
  }
}

const textsOf = ({ messages }: { messages: readonly Message[] }) => messages.map(({ id }) => id.slice(4));

/** How many rows of messages were read. */
function countReads(db: Database) {
  const read: number[] = [];
  const transcripts = new Transcripts(
    db.withPlugin({
      transformQuery: ({ node }) => node,
      async transformResult({ result }) {
        if (result.rows.some((row) => "body" in row)) read.push(result.rows.length);
        return result;
      },
    }),
  );
  return { transcripts, read };
}

it("reads only what came since the last time", async () => {
  const { db, open } = await startWorld();
  const { transcripts, read } = countReads(db);
  const place = await open("a");
  await write(db, place, "1", "2", "3");
  expect(textsOf(await transcripts.read(place))).toEqual(["1", "2", "3"]);
  await write(db, place, "4");
  expect(textsOf(await transcripts.read(place))).toEqual(["1", "2", "3", "4"]);
  expect(textsOf(await transcripts.read(place))).toEqual(["1", "2", "3", "4"]);
  expect(read).toEqual([3, 1]);
});

it("keeps conversations apart, each with its session", async () => {
  const { db, open, transcripts } = await startWorld();
  const [a, b] = [await open("a"), await open("b")];
  await write(db, a, "a1");
  await write(db, b, "b1");
  await write(db, a, "a2");
  for (let round = 0; round < 2; round++) {
    expect(textsOf(await transcripts.read(a))).toEqual(["a1", "a2"]);
    const read = await transcripts.read(b);
    expect([textsOf(read), read.session?.key]).toEqual([["b1"], "b"]);
  }
});

it("notices what was taken back, also when as much was said since", async () => {
  const { db, open, transcripts } = await startWorld();
  const place = await open("a");
  await write(db, place, "1", "2", "3");
  await transcripts.read(place);
  await db.transaction().execute((trx) => removeFrom(trx, place, "msg_2", 5));
  expect(textsOf(await transcripts.read(place))).toEqual(["1"]);
  await write(db, place, "4");
  await transcripts.read(place);
  await db.transaction().execute((trx) => removeFrom(trx, place, "msg_4", 6));
  await write(db, place, "5");
  expect(textsOf(await transcripts.read(place))).toEqual(["1", "5"]);
});

it("begins anew with the conversation, and still reads the one before for a run that belongs to it", async () => {
  const { db, open, transcripts } = await startWorld();
  const before = await open("a");
  await write(db, before, "1");
  await transcripts.read(before);
  const session = await resetSession(db, "a", 2);
  const place = { sessionKey: "a", sessionId: session?.session_id ?? "" };
  expect(textsOf(await transcripts.read(place))).toEqual([]);
  await write(db, place, "2");
  expect(textsOf(await transcripts.read(place))).toEqual(["2"]);
  expect(textsOf(await transcripts.read(before))).toEqual(["1"]);
});

it("looks at the newest four hundred, whether it knew them or not", async () => {
  const { db, open, transcripts } = await startWorld();
  const place = await open("a");
  const names = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => String(from + n));
  await write(db, place, ...names(0, 399));
  await transcripts.read(place);
  await write(db, place, ...names(399, 410));
  expect(textsOf(await transcripts.read(place))).toEqual(names(10, 410));
  expect(textsOf(await new Transcripts(db).read(place))).toEqual(names(10, 410));
});

it("does not keep more than it may: what was used longest ago is read again", async () => {
  const { db, open } = await startWorld();
  const { transcripts, read } = countReads(db);
  const places = [await open("a"), await open("b"), await open("c")];
  for (const place of places) await write(db, place, place.sessionKey + "x".repeat(250_000));
  for (const place of places) await transcripts.read(place);
  const [a, b, c] = places as [Place, Place, Place];
  read.length = 0;
  await transcripts.read(c);
  await transcripts.read(b);
  expect(read).toEqual([]);
  await transcripts.read(a);
  expect(read).toEqual([1]);
});
