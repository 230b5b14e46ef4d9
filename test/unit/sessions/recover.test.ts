import { describe, expect, it } from "vitest";
import { INTERRUPTED } from "#main/agent/prompt.ts";
import type { Message } from "#main/protocol/messages.ts";
import { textOf } from "#main/protocol/text-of.ts";
import type { Database } from "#main/store/database.ts";
import { insertMessage, readRunMessages } from "#main/store/messages.ts";
import { findRun, insertRun, markRunning, savePartial } from "#main/store/runs.ts";
import { ensureSession } from "#main/store/sessions.ts";
import { say } from "#test/fakes/scripted-provider.ts";
import { openStore, toMessage } from "../store/open-store.ts";
import { openTurns } from "./open-turns.ts";

const KEY = "agent:main:main";
const requester = { channel: "webchat", sender: "owner", isOwner: true };

/** What a killed process leaves: a message with its run, started `attempts` times, and what was committed of it. */
async function leave(db: Database, runId: string, attempts: number, messages: readonly Message[] = []) {
  const { session } = await ensureSession(db, { key: KEY, agentId: "main", kind: "direct", channel: "webchat" }, 1);
  const place = { sessionKey: KEY, sessionId: session.session_id };
  const from = { channel: "webchat", account: "default", message_id: runId, options: JSON.stringify({ requester }) };
  await insertRun(db, { ...from, run_id: runId, session_key: KEY, session_id: session.session_id }, 1);
  await insertMessage(db, place, toMessage(`q-${runId}`, runId, { runId }));
  for (let n = 0; n < attempts; n++) await markRunning(db, runId, 2);
  for (const message of messages) await insertMessage(db, place, { ...message, runId });
}

const assistant = (more: Partial<Message>): Message =>
  toMessage("a", "text", { role: "assistant", stopReason: "stop", ...more });
const call = assistant({
  content: [{ type: "toolCall", id: "c1", name: "note", arguments: { text: "a" } }],
  stopReason: "toolUse",
});

/** Recovers, lets everything be answered, and gives what the run holds then. */
async function recover(db: Database, clock: Awaited<ReturnType<typeof openStore>>["clock"], runId = "r1") {
  const open = openTurns(db, clock);
  open.provider.script(say("Answer."));
  const resumed = await open.recover();
  await clock.advance(10);
  const messages = (await readRunMessages(db, runId)).map((m) => `${m.role}${m.incomplete ? "?" : ""}: ${textOf(m)}`);
  return { resumed, messages, run: await findRun(db, runId), ...open };
}

describe("what was open when the process ended", () => {
  it("[ST-22] is answered when its turn had not begun", async () => {
    const { db, clock } = await openStore();
    await leave(db, "r1", 0);
    const after = await recover(db, clock);
    expect(after.messages).toEqual(["user: r1", "assistant: Answer."]);
    expect(after.run).toMatchObject({ state: "ok", attempts: 1 });
  });

  it("[ST-22] is answered anew when its answer was cut; the text so far is kept, marked, and not shown to the model", async () => {
    const { db, clock } = await openStore();
    await leave(db, "r1", 1);
    await savePartial(db, "r1", "Once upon");
    const after = await recover(db, clock);
    expect(after.messages).toEqual(["user: r1", "assistant?: Once upon", "assistant: Answer."]);
    expect(after.provider.requests[0]?.messages.map(textOf)).toEqual(["r1"]);
    expect(after.run?.partial_text).toBeNull();
  });

  it("[ST-22] tells the model of a call that was cut, and never makes it again", async () => {
    const { db, clock } = await openStore();
    await leave(db, "r1", 1, [call]);
    const after = await recover(db, clock);
    expect(after.ran).toEqual([]);
    expect(after.messages).toEqual(["user: r1", "assistant: ", `toolResult: ${INTERRUPTED}`, "assistant: Answer."]);
    expect(after.provider.requests[0]?.messages.at(-1)).toMatchObject({
      role: "toolResult",
      toolCallId: "c1",
      isError: true,
    });
  });

  it("[ST-22] goes on after a call whose result was committed", async () => {
    const { db, clock } = await openStore();
    const result = toMessage("t", "noted a", { role: "toolResult", toolCallId: "c1", toolName: "note" });
    await leave(db, "r1", 1, [call, result]);
    const after = await recover(db, clock);
    expect(after.messages).toEqual(["user: r1", "assistant: ", "toolResult: noted a", "assistant: Answer."]);
    expect(after.ran).toEqual([]);
  });

  it("is not answered twice when the answer was there already", async () => {
    const { db, clock } = await openStore();
    await leave(db, "r1", 1, [assistant({})]);
    const after = await recover(db, clock);
    expect([after.resumed, after.provider.requests.length]).toEqual([0, 0]);
    expect(after.run).toMatchObject({ state: "ok", summary: "text" });
  });

  it.each([
    ["aborted", { state: "aborted", summary: "text" }],
    ["error", { state: "error", error: "the connection broke" }],
  ] as const)("ends as it had ended when the answer was cut before the crash (%s)", async (stopReason, end) => {
    const { db, clock } = await openStore();
    await leave(db, "r1", 1, [assistant({ incomplete: true, stopReason, errorMessage: "the connection broke" })]);
    const after = await recover(db, clock);
    expect([after.resumed, after.run]).toEqual([0, expect.objectContaining(end)]);
  });

  it("is given up after five starts that ended in a crash, with words", async () => {
    const { db, clock } = await openStore();
    await leave(db, "r1", 5);
    await leave(db, "r2", 4);
    const after = await recover(db, clock);
    expect(after.resumed).toBe(1);
    expect(after.run).toMatchObject({
      state: "error",
      error: "Gatehouse stopped 5 times while answering this; it was given up.",
    });
    expect((await findRun(db, "r2"))?.state).toBe("ok");
  });

  it("[ST-01] keeps its order, and nothing is left open at the end", async () => {
    const { db, clock } = await openStore();
    for (const runId of ["z", "a", "m"]) await leave(db, runId, runId === "z" ? 1 : 0);
    const after = await recover(db, clock, "z");
    expect(after.provider.requests.map((request) => textOf(request.messages.at(-1) as Message))).toEqual([
      "z",
      "a",
      "m",
    ]);
    expect(await openTurns(db, clock).recover()).toBe(0);
  });
});
