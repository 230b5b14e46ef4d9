import { describe, expect, it, onTestFinished } from "vitest";
import { Emitter } from "#main/base/emitter.ts";
import { silentLogger } from "#main/base/logger.ts";
import {
  ChannelError,
  type AnyChannel,
  type ChannelConnection,
  type OutboundMessage,
} from "#main/channels/contract.ts";
import type { LiveAccount, SupervisorEvent } from "#main/channels/supervisor.ts";
import { toRow, type Leaving } from "#main/routing/outgoing/notices.ts";
import { Outbox } from "#main/routing/outgoing/outbox.ts";
import { DRAFT } from "#main/routing/outgoing/outbox-item.ts";
import { findOutboxByKey, insertOutbox, listOutbox, moveOutbox } from "#main/store/channels/outbox.ts";
import type { Database } from "#main/store/database.ts";
import { createManualClock, type ManualClock } from "#test/fakes/manual-clock.ts";
import { openStore } from "../store/open-store.ts";

interface World {
  db: Database;
  clock: ManualClock;
  outbox: Outbox;
  sent: string[];
  edited: string[];
  /** What the platform does with the next calls; nothing left: it takes the message. */
  answers: (ChannelError | "hang" | undefined)[];
  setState(state: LiveAccount["standing"]["state"]): void;
  add(...texts: string[]): Promise<void>;
  /** Another outbox on the same store, as after a crash. */
  again(): Outbox;
}

async function startWorld(options: { idempotent?: boolean; account?: string } = {}): Promise<World> {
  const { db } = await openStore();
  const clock = createManualClock();
  const events = new Emitter<SupervisorEvent>();
  const sent: string[] = [];
  const edited: string[] = [];
  const answers: World["answers"] = [];
  const connection: ChannelConnection = {
    async send(message: OutboundMessage) {
      const answer = answers.shift();
      if (answer === "hang") return new Promise(() => {});
      if (answer) throw answer;
      sent.push(message.text);
      return { platformIds: [`p${sent.length}`] };
    },
    async edit(_chat, platformId, { text }) {
      const answer = answers.shift();
      if (answer instanceof ChannelError) throw answer;
      edited.push(`${platformId}: ${text}`);
    },
    dispose: () => {},
  };
  const plug = { capabilities: { idempotentSend: options.idempotent === true } } as AnyChannel;
  const standing: LiveAccount["standing"] = { accountId: "default", state: "connected", since: 0 };
  const live = { channel: "c", account: "default", plug, connection, standing };
  const channels = { find: () => live, onEvent: events.on.bind(events), noteTraffic: () => {} };
  const make = () => {
    const deps = { db, clock, log: silentLogger, random: () => 0.5, flush: async () => {}, channels };
    const outbox = new Outbox(deps);
    onTestFinished(() => outbox.dispose());
    return outbox;
  };
  const outbox = make();
  return {
    ...{ db, clock, outbox, sent, edited, answers, again: make },
    setState(state) {
      live.standing = { ...standing, state };
      const at = { channel: "c", account: "default" };
      events.emit({ type: "status", at, standing: live.standing });
    },
    async add(...texts) {
      await outbox.add(texts.map((text) => row({ text })));
    },
  };
}

function row(more: Partial<Leaving> & { text: string; chat?: string }, now = Date.UTC(2026, 0, 1, 12)) {
  const address = { channel: "c", account: "default", chat: { id: more.chat ?? "1", kind: "direct" as const } };
  return toRow({ address, dedupe: `k:${more.text}`, kind: "reply", ...more }, now);
}

const stateOf = async (db: Database, text: string) => (await findOutboxByKey(db, `k:${text}`))?.state;
const retry = (retryAfterMs?: number, isAccountWide = false) =>
  new ChannelError("retry", "later", { ...(retryAfterMs === undefined ? {} : { retryAfterMs }), isAccountWide });

describe("what leaves", () => {
  it("[G19] leaves in the order in which it was queued, each once", async () => {
    const { add, clock, sent, db, outbox } = await startWorld();
    await add("a", "b", "c");
    await outbox.add([row({ text: "b" })]);
    await clock.advance(0);
    expect(sent).toEqual(["a", "b", "c"]);
    expect(await stateOf(db, "c")).toBe("sent");
  });

  it("[G19] is tried after 1 s, 5 s, 25 s, 2 min and 10 min, then failed, and holds back what is behind it", async () => {
    const { add, clock, sent, answers, db, outbox } = await startWorld();
    answers.push(...Array.from({ length: 6 }, () => retry()));
    await add("a", "b");
    for (const pause of [1000, 5000, 25_000, 120_000, 600_000]) {
      await clock.advance(pause - 1);
      const left = answers.length;
      await clock.advance(1);
      expect(answers.length).toBe(left - 1);
    }
    await clock.advance(0);
    expect(await stateOf(db, "a")).toBe("failed");
    expect(sent).toEqual(["b"]);
    await outbox.retry((await findOutboxByKey(db, "k:a"))?.id ?? "");
    await clock.advance(0);
    expect(sent).toEqual(["b", "a"]);
  });

  it("[CH-16] waits as long as the platform asked, not counted as a try, and other chats go on", async () => {
    const { outbox, clock, sent, answers, db } = await startWorld();
    answers.push(retry(30_000));
    await outbox.add([row({ text: "a" }), row({ text: "b", chat: "2" })]);
    await clock.advance(29_999);
    expect(sent).toEqual(["b"]);
    await clock.advance(1);
    expect(sent).toEqual(["b", "a"]);
    expect((await findOutboxByKey(db, "k:a"))?.attempts).toBe(1);
  });

  it("[CH-16] holds the whole account when the platform says so", async () => {
    const { outbox, clock, sent, answers } = await startWorld();
    answers.push(retry(30_000, true));
    await outbox.add([row({ text: "a" })]);
    await clock.advance(0);
    await outbox.add([row({ text: "b", chat: "2" })]);
    await clock.advance(29_999);
    expect(sent).toEqual([]);
    await clock.advance(1);
    expect(sent.toSorted()).toEqual(["a", "b"]);
  });

  it("[CH-18] is not tried again when it was refused for good", async () => {
    const { add, clock, sent, answers, db } = await startWorld();
    answers.push(new ChannelError("rejected", "blocked by the user"));
    await add("a", "b");
    await clock.advance(3_600_000);
    expect(sent).toEqual(["b"]);
    expect(await findOutboxByKey(db, "k:a")).toMatchObject({
      state: "failed",
      error: "blocked by the user",
      attempts: 1,
    });
  });

  it("[CH-17] waits for the channel without counting tries, and leaves in order when it is back", async () => {
    const { add, clock, sent, setState, answers, db } = await startWorld();
    answers.push(new ChannelError("offline", "no connection"));
    await add("a");
    setState("disconnected");
    await add("b");
    await clock.advance(3_600_000);
    expect(sent).toEqual([]);
    setState("connected");
    await clock.advance(0);
    expect(sent).toEqual(["a", "b"]);
    expect((await findOutboxByKey(db, "k:a"))?.attempts).toBe(1);
  });

  it("[CH-19] asks before it sends what waited for more than twelve hours", async () => {
    const { add, clock, sent, setState, db, outbox } = await startWorld();
    setState("disconnected");
    await add("a");
    await clock.advance(12 * 3_600_000 + 1);
    setState("connected");
    await clock.advance(0);
    expect(sent).toEqual([]);
    expect(await stateOf(db, "a")).toBe("expired");
    await outbox.retry((await findOutboxByKey(db, "k:a"))?.id ?? "");
    await clock.advance(0);
    expect(sent).toEqual(["a"]);
  });

  it("[CH-14] is never repeated by itself when its answer was lost, but where the platform knows its key", async () => {
    for (const idempotent of [false, true]) {
      const { add, clock, sent, answers, db } = await startWorld({ idempotent });
      answers.push(new ChannelError("unknown", "the connection broke"));
      await add("a", "b");
      await clock.advance(60_000);
      expect(sent).toEqual(idempotent ? ["a", "b"] : ["b"]);
      expect(await stateOf(db, "a")).toBe(idempotent ? "sent" : "may-have-been-sent");
    }
  });

  it("can be cancelled while it waits, and not when it left", async () => {
    const { add, clock, sent, answers, outbox, db } = await startWorld();
    answers.push(retry(60_000));
    await add("a", "b");
    await clock.advance(0);
    await outbox.cancel((await findOutboxByKey(db, "k:b"))?.id ?? "");
    await clock.advance(60_000);
    expect(sent).toEqual(["a"]);
    await expect(outbox.cancel((await findOutboxByKey(db, "k:a"))?.id ?? "")).rejects.toThrow(/sent already/);
  });

  it("lists what needs a look, newest first, and drafts never", async () => {
    const { add, clock, answers, db, outbox } = await startWorld();
    answers.push(new ChannelError("rejected", "no"), retry(60_000));
    await add("bad", "waits");
    await outbox.add([row({ text: "draft", kind: "draft" })]);
    await clock.advance(0);
    expect((await listOutbox(db, { limit: 10 })).map(({ text }) => text)).toEqual(["waits", "bad"]);
  });
});

describe("a row that is written as begun", () => {
  const begin = async ({ db, outbox }: World, text: string) =>
    outbox.wake(await insertOutbox(db, [{ ...row({ text }), isBegun: true }]));

  it("[G19] is sent once, and tried again like any other", async () => {
    const world = await startWorld();
    const { answers, clock, sent, db } = world;
    answers.push(retry());
    await begin(world, "a");
    await clock.advance(0);
    expect(await findOutboxByKey(db, "k:a")).toMatchObject({ state: "queued", attempts: 1 });
    await clock.advance(1000);
    expect(sent).toEqual(["a"]);
    expect(await findOutboxByKey(db, "k:a")).toMatchObject({ state: "sent", attempts: 2 });
  });

  it("[CH-14] is shown as maybe sent when the process ended in between", async () => {
    const { db, again, clock, sent } = await startWorld();
    await insertOutbox(db, [{ ...row({ text: "a" }), isBegun: true }]);
    await again().recover();
    const second = again();
    await second.recover();
    second.wake([]);
    await clock.advance(0);
    await second.add([row({ text: "b" })]);
    await clock.advance(0);
    expect([await stateOf(db, "a"), sent]).toEqual(["may-have-been-sent", ["b"]]);
  });

  it("[G19] waits when the channel went down meanwhile, and is no riddle after a stop on purpose", async () => {
    const world = await startWorld();
    world.setState("disconnected");
    await begin(world, "a");
    await world.outbox.drain(0);
    expect(await findOutboxByKey(world.db, "k:a")).toMatchObject({ state: "queued", attempts: 0 });
    const next = world.again();
    await next.recover();
    world.setState("connected");
    await world.clock.advance(0);
    expect(world.sent).toEqual(["a"]);
  });

  it("may be so only where nothing is in the way of its call", async () => {
    const { outbox, add, answers, clock, setState } = await startWorld();
    const isFree = (chat = "1") =>
      outbox.isFree({ channel: "c", account: "default", chat: { id: chat, kind: "direct" } });
    expect(isFree()).toBe(true);
    setState("disconnected");
    expect(isFree()).toBe(false);
    setState("degraded");
    expect(isFree()).toBe(true);
    answers.push(retry(30_000, true));
    await add("a");
    expect([isFree("1"), isFree("2")]).toEqual([false, true]);
    await clock.advance(0);
    // The whole account is to wait.
    expect([isFree("1"), isFree("2")]).toEqual([false, false]);
    await clock.advance(30_000);
    expect([isFree("1"), isFree("2")]).toEqual([true, true]);
    answers.push(...Array.from({ length: 8 }, () => "hang" as const));
    await outbox.add(Array.from({ length: 8 }, (_, n) => row({ text: `h${n}`, chat: `h${n}` })));
    await clock.advance(0);
    expect(isFree()).toBe(false);
    await clock.advance(60_000);
    expect(isFree()).toBe(true);
    await outbox.dispose();
    expect(isFree()).toBe(false);
  });
});

describe("after a crash", () => {
  it("[CH-13] [CH-14] [G19] shows what was being sent as maybe sent, and sends what was queued", async () => {
    const { db, clock, sent, setState, again } = await startWorld();
    setState("disconnected");
    const [first] = await insertOutbox(db, [row({ text: "cut" }), row({ text: "queued" })]);
    await moveOutbox(db, first?.id ?? "", ["queued"], { state: "sending", attempts: 1 });
    const outbox = again();
    await outbox.recover();
    setState("connected");
    await clock.advance(0);
    expect(sent).toEqual(["queued"]);
    expect(await stateOf(db, "cut")).toBe("may-have-been-sent");
  });

  it("[CH-14] sends what was being sent again where the platform knows its key", async () => {
    const { db, clock, sent, setState, again } = await startWorld({ idempotent: true });
    setState("disconnected");
    const [first] = await insertOutbox(db, [row({ text: "cut" }), row({ text: "queued" })]);
    await moveOutbox(db, first?.id ?? "", ["queued"], { state: "sending", attempts: 1 });
    await again().recover();
    setState("connected");
    await clock.advance(0);
    expect(sent).toEqual(["cut", "queued"]);
  });
});

describe("an answer that was shown while it was written", () => {
  it("replaces its draft, and the next part is a message of its own", async () => {
    const { outbox, clock, sent, edited } = await startWorld();
    await outbox.add([row({ text: "so far", kind: "draft", runId: "r" })]);
    await clock.advance(0);
    const parts = ["whole", "more"].map((text) => row({ text, runId: "r", edits: DRAFT }));
    await outbox.add(parts);
    await clock.advance(0);
    expect(edited).toEqual(["p1: whole"]);
    expect(sent).toEqual(["so far", "more"]);
  });

  it("is sent anew when its draft can no longer be changed", async () => {
    const { outbox, clock, sent, answers } = await startWorld();
    await outbox.add([row({ text: "so far", kind: "draft", runId: "r" })]);
    await clock.advance(0);
    answers.push(new ChannelError("rejected", "too old"));
    await outbox.add([row({ text: "whole", runId: "r", edits: DRAFT })]);
    await clock.advance(0);
    expect(sent).toEqual(["so far", "whole"]);
  });

  it("leaves a draft out that its answer has overtaken", async () => {
    const { outbox, clock, sent, answers } = await startWorld();
    answers.push(retry(1000));
    await outbox.add([row({ text: "so far", kind: "draft", runId: "r" })]);
    await clock.advance(0);
    await outbox.add([row({ text: "whole", runId: "r", edits: DRAFT })]);
    await clock.advance(1000);
    expect(sent).toEqual(["whole"]);
  });
});
