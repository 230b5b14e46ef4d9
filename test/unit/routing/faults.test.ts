/** What a hostile review found: each test fails until the fault is mended. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sql } from "kysely";
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
import { ChatPeople } from "#main/identity/chat-people.ts";
import { CHANNELS } from "#main/channels/index.ts";
import { Arrivals } from "#main/routing/arrivals.ts";
import { Intake } from "#main/routing/intake.ts";
import { toShown } from "#main/routing/outgoing/question-text.ts";
import { toSession } from "#main/routing/route.ts";
import { createBegin } from "#main/routing/begin.ts";
import { toRow, type Leaving } from "#main/routing/outgoing/notices.ts";
import { Outbox } from "#main/routing/outgoing/outbox.ts";
import { parseSessionKey } from "#main/sessions/key.ts";
import { dropInbox, insertInbox, rewriteInbox } from "#main/store/channels/inbox.ts";
import { findOutboxByKey } from "#main/store/channels/outbox.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { openStore } from "../store/open-store.ts";

async function startWorld() {
  const { db, clock } = await openStore();
  const events = new Emitter<SupervisorEvent>();
  const sent: string[] = [];
  const edited: string[] = [];
  const answers: (ChannelError | undefined)[] = [];
  const hooks: { onSend?: (message: OutboundMessage) => Promise<void> | void; hangsOnEdit?: boolean } = {};
  let calls = 0;
  const connection: ChannelConnection = {
    async send(message: OutboundMessage) {
      calls += 1;
      const answer = answers.shift();
      if (answer) throw answer;
      await hooks.onSend?.(message);
      sent.push(message.text);
      return { platformIds: [`p${sent.length}`] };
    },
    async edit(_chat, platformId, { text }) {
      calls += 1;
      if (hooks.hangsOnEdit) return new Promise(() => {});
      const answer = answers.shift();
      if (answer) throw answer;
      edited.push(`${platformId}: ${text}`);
    },
    dispose: () => {},
  };
  const plug = { capabilities: { idempotentSend: false } } as AnyChannel;
  const standing: LiveAccount["standing"] = { accountId: "default", state: "connected", since: 0 };
  const live = { channel: "c", account: "default", plug, connection, standing };
  const channels = { find: () => live, onEvent: events.on.bind(events), noteTraffic: () => {} };
  const outbox = new Outbox({ db, clock, log: silentLogger, random: () => 0.5, flush: async () => {}, channels });
  onTestFinished(() => outbox.dispose());
  return { db, clock, outbox, sent, edited, answers, hooks, calls: () => calls };
}

function row(more: Partial<Leaving> & { text: string; chat?: string }, now = Date.UTC(2026, 0, 1, 12)) {
  const address = { channel: "c", account: "default", chat: { id: more.chat ?? "1", kind: "direct" as const } };
  return toRow({ address, dedupe: `k:${more.text}`, kind: "reply", ...more }, now);
}

const retry = (retryAfterMs: number, isAccountWide = false) =>
  new ChannelError("retry", "later", { retryAfterMs, isAccountWide });

describe("under attack: outbox", () => {
  // The store fails for a moment after the platform took the message: it is sent a second time.
  it("does not send twice when `sent` could not be written down at first", async () => {
    const { db, clock, outbox, sent, hooks } = await startWorld();
    hooks.onSend = async () => {
      await sql`CREATE TRIGGER full BEFORE UPDATE OF state ON outbox WHEN NEW.state IN ('sent', 'may-have-been-sent')
        BEGIN SELECT RAISE(ABORT, 'disk full'); END`.execute(db);
    };
    await outbox.add([row({ text: "a" })]);
    await clock.advance(0);
    delete hooks.onSend;
    await sql`DROP TRIGGER full`.execute(db);
    await clock.advance(60_000);
    expect(sent).toEqual(["a"]);
  });

  // rm of the sent file throws after the row was shifted: #fail shifts again and the row behind is forgotten.
  it("does not forget the row behind when a sent file cannot be removed", async () => {
    const { clock, outbox, sent, hooks } = await startWorld();
    const path = join(tempState(), "file");
    writeFileSync(path, "x");
    hooks.onSend = ({ media }) => {
      if (!media) return;
      rmSync(path);
      mkdirSync(path);
    };
    const media = { path, kind: "document", mimeType: "text/plain", fileName: "f" };
    await outbox.add([row({ text: "a", media }), row({ text: "b" }), row({ text: "c" })]);
    for (let i = 0; i < 20; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      await clock.advance(1000);
    }
    expect(sent).toEqual(["a", "b", "c"]);
  });

  // The credentials were refused but the account still looks connected: calls follow each other without a pause.
  it("does not hammer while the platform refuses the credentials", async () => {
    const { clock, outbox, answers, calls } = await startWorld();
    answers.push(...Array.from({ length: 300 }, () => new ChannelError("auth", "401")));
    await outbox.add([row({ text: "a" })]);
    await clock.advance(0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(calls()).toBeLessThan(5);
  });

  // A second, shorter pause overwrites the longer one of the whole account.
  it("never undercuts a pause of the account", async () => {
    const { clock, outbox, answers, calls } = await startWorld();
    answers.push(retry(60_000, true), retry(1000, true));
    await outbox.add([row({ text: "a", chat: "1" }), row({ text: "b", chat: "2" })]);
    await clock.advance(30_000);
    expect(calls()).toBe(2);
  });

  // A pause asked for when a draft is changed is thrown away: the answer follows at once.
  it("keeps the pause that the platform asked for at a change of a draft", async () => {
    const { db, clock, outbox, answers, sent, edited } = await startWorld();
    await outbox.add([row({ text: "draft", kind: "draft", runId: "r" })]);
    await clock.advance(0);
    const draft = await findOutboxByKey(db, "k:draft");
    if (!draft) throw new Error("no draft");
    answers.push(retry(30_000, true));
    await outbox.amend(draft, "more").catch(() => {});
    await outbox.amend(draft, "more and more").catch(() => {});
    await outbox.add([row({ text: "answer", runId: "r" })]);
    await clock.advance(1000);
    expect([sent, edited]).toEqual([["draft"], []]);
  });

  // An edit that never settles holds its chat for ever: only `send` has a time limit.
  it("goes on after an edit that never settles", async () => {
    const world = await startWorld();
    const { clock, outbox, sent } = world;
    await outbox.add([row({ text: "first" })]);
    await clock.advance(0);
    const first = await findOutboxByKey(world.db, "k:first");
    if (!first) throw new Error("none");
    world.hooks.hangsOnEdit = true;
    outbox.amend(first, "x").catch(() => {});
    await outbox.add([row({ text: "second" })]);
    await clock.advance(600_000);
    expect(sent).toEqual(["first", "second"]);
  });

  // The copy of a file that was cancelled stays on the disk.
  it("removes the file of a cancelled row", async () => {
    const { db, clock, outbox, answers } = await startWorld();
    const path = join(tempState(), "file");
    writeFileSync(path, "x");
    answers.push(retry(3_600_000));
    await outbox.add([row({ text: "a", media: { path, kind: "document", mimeType: "text/plain", fileName: "f" } })]);
    await clock.advance(0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await outbox.cancel((await findOutboxByKey(db, "k:a"))?.id ?? "");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(existsSync(path)).toBe(false);
  });
});

describe("under attack: people", () => {
  // Two messages of a stranger whose code just ran out: the second wipes the first's request from memory, or rejects.
  it("makes one new request when two messages come after the code ran out", async () => {
    const { db, clock } = await openStore();
    const people = new ChatPeople({ db, clock, codeSeconds: () => 30 });
    onTestFinished(() => people.dispose());
    await people.load();
    const who = { channel: "c", account: "default", senderId: "1", chat: "{}" };
    await people.request(who);
    await clock.advance(31_000);
    const both = await Promise.allSettled([people.request(who), people.request(who)]);
    const codes = both.map((one) => (one.status === "fulfilled" ? one.value?.code : String(one.reason)));
    expect(new Set(codes).size).toBe(1);
    expect(people.pairings()).toHaveLength(1);
  });
});

describe("under attack: begin", () => {
  const at = { channel: "c", account: "default" };
  const world = async (
    meanwhile: (db: Awaited<ReturnType<typeof openStore>>["db"], seq: number) => Promise<unknown>,
  ) => {
    const { db, clock } = await openStore();
    const message = {
      ...{ type: "message" as const, messageId: "m", platformId: "p", chat: { id: "1", kind: "direct" as const } },
      ...{ sender: { id: "1" }, at: 0, text: "old", mentionsMe: false, media: [] },
    };
    const inserted = await insertInbox(db, {
      ...{ ...at, message_id: "m", chat_id: "1", sender_id: "1", platform_id: "p", received_at: 0 },
      ...{ state: "accepted", reason: null, body: JSON.stringify(message) },
    });
    const seq = inserted?.seq ?? 0;
    const told: string[] = [];
    const { begin } = createBegin({
      ...{ db, clock, turns: { ofSession: () => [], enqueue: () => {} } as never },
      config: () => ({ sessions: { reset: { daily: "", idleMinutes: 0 } } }) as never,
      async loadContent({ message: { text } }) {
        await meanwhile(db, seq);
        return [{ type: "text", text }];
      },
      onCommitted: (_key, { content }) => void told.push(JSON.stringify(content)),
      standing: () => "guest",
      drop: (seqs, reason) => dropInbox(db, seqs, reason),
    });
    await begin(parseSessionKey("agent:main:x"), [{ seq, ...at, message, isOwner: false }]);
    return told.join();
  };

  // An edit that comes while a file is loaded is written into the row and read by nobody.
  it("answers the text as it is when it is committed", async () => {
    const body = (text: string) =>
      JSON.stringify({
        ...{ type: "message", messageId: "m", platformId: "p", at: 0, mentionsMe: false },
        ...{ text, chat: { id: "1", kind: "direct" }, sender: { id: "1" }, media: [] },
      });
    expect(await world((db, seq) => rewriteInbox(db, seq, body("new")))).toContain("new");
  });

  // A message that is taken back while a file is loaded is answered all the same.
  it("does not answer what was taken back meanwhile", async () => {
    expect(await world((db, seq) => dropInbox(db, [seq], "taken back by the sender"))).toBe("");
  });
});

describe("under attack: arrivals", () => {
  // The disk is full while a stranger is told their code: nobody listens to the rejected flush yet.
  it("leaves no rejection unheard when the flush fails while a stranger is greeted", async () => {
    const { db, clock } = await openStore();
    const people = new ChatPeople({ db, clock, codeSeconds: () => 3600 });
    onTestFinished(() => people.dispose());
    const heard: unknown[] = [];
    const listener = (error: unknown) => void heard.push(error);
    const others = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", listener);
    onTestFinished(() => {
      process.removeAllListeners("unhandledRejection");
      for (const other of others) process.on("unhandledRejection", other);
    });
    const arrivals = new Arrivals({
      ...{ db, clock, people, log: silentLogger, take: () => {}, annotate: async () => {}, noteTraffic: () => {} },
      config: () => ({ channels: { c: {} } }) as never,
      flush: () => Promise.reject(new Error("disk full")),
      notices: { send: () => new Promise((resolve) => setTimeout(resolve, 50)) },
    });
    const message = {
      ...{ type: "message" as const, messageId: "m", platformId: "p", chat: { id: "1", kind: "direct" as const } },
      ...{ sender: { id: "1" }, at: 0, text: "hi", mentionsMe: false, media: [] },
    };
    await expect(arrivals.receive({ channel: "c", account: "default" }, message)).rejects.toThrow("disk full");
    expect(heard).toEqual([]);
  });
});

describe("under attack: routes", () => {
  // An address book id of iMessage with many signs (allowed in an email address) makes a key that is too long: it throws.
  it("finds a conversation for each id that a platform allows", () => {
    const id = `${"{".repeat(64)}@${"a".repeat(60)}.${"b".repeat(60)}.${"c".repeat(60)}.example`;
    const message = { chat: { id, kind: "direct" as const }, sender: { id } };
    const config = { sessions: { scope: "per-sender", identityLinks: {} }, bindings: [] } as never;
    const input = { channel: "imessage", account: "default", message, rules: {}, config };
    expect(() => toSession(input)).not.toThrow();
  });
});

describe("under attack: questions", () => {
  // A long summary pushes what would run out of the only part that is shown, and the buttons stay.
  it("shows all of what is asked, or no button", () => {
    const request = {
      ...{ summary: "looks harmless ".repeat(400), command: "rm -rf /important", cwd: "/w", warnings: [], level: 5 },
      ...{ host: "here", requester: "you", sessionKey: "k", allowedDecisions: ["allow-once", "deny"] },
    };
    const approval = { id: "ap_1", request, createdAtMs: 0, expiresAtMs: 60_000 } as never;
    const telegram = CHANNELS.find(({ id }) => id === "telegram");
    if (!telegram) throw new Error("no channel");
    const { text, isWhole } = toShown(approval, telegram);
    expect([isWhole, telegram.split(text).length]).toEqual([false, 1]);
    expect(text).toMatch(/look at it, and answer, in the Gatehouse window/);
  });
});

describe("under attack: intake", () => {
  const world = (mode: "collect" | "steer") => {
    let runs: unknown[] = [{}];
    const begun: string[][] = [];
    const rules = { queue: { mode }, accounts: { one: {}, two: {} } };
    const config = { channels: { a: rules, b: rules }, sessions: { scope: "main", identityLinks: {} }, bindings: [] };
    const intake = new Intake({
      ...{ clock: createManualClock(), log: silentLogger, config: () => config as never },
      turns: { ofSession: () => runs, abort: () => [] } as never,
      notices: { send: async () => {} },
      commands: () => undefined,
      begin: async (_session, batch) => void begun.push(batch.map(({ message }) => message.text)),
      ...{ seen: () => {}, drop: async () => {} },
    });
    const take = (seq: number, channel: string, account: string, text: string, isOwner: boolean) => {
      const chat = { id: `${channel}${account}`, kind: "direct" as const };
      const ids = { messageId: String(seq), platformId: String(seq), at: 0, mentionsMe: false, media: [] };
      const message = { type: "message" as const, ...ids, chat, sender: { id: "42" }, text };
      intake.take({ seq, channel, account, message, isOwner });
    };
    const end = async () => {
      runs = [];
      intake.ended("agent:main:main");
      await new Promise((resolve) => setTimeout(resolve, 10));
      return begun;
    };
    return { intake, take, end };
  };

  // Ids count per platform: user 42 of another one is collected into the owner's message and answered with their rights.
  it("does not collect two people whose platforms gave them the same id", async () => {
    const { take, end } = world("collect");
    take(1, "a", "default", "from the owner", true);
    take(2, "b", "default", "from a guest", false);
    expect(await end()).toEqual([["from the owner"], ["from a guest"]]);
  });

  // What somebody writes to another account of the channel steers the run, whose answer goes to the first.
  it("[CH-31] does not steer a run that is answered elsewhere", () => {
    const { intake, take } = world("steer");
    take(1, "a", "two", "to the second account", true);
    const origin = { channel: "a", account: "one", chat: { id: "aone", kind: "direct" } };
    const run = {
      sessionKey: "agent:main:main",
      options: { requester: { channel: "a", sender: "42", isOwner: true }, origin },
    };
    expect(intake.takeSteering(run as never)).toEqual([]);
  });
});
