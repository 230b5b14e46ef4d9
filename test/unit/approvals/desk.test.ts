import { describe, expect, it } from "vitest";
import { Desk, type Answerer } from "#main/approvals/desk.ts";
import type { GuardedCall } from "#main/approvals/contract.ts";
import { toApprovalRequest } from "#main/approvals/show.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import { openStore } from "../store/open-store.ts";

const owner: Answerer = { id: "device:phone", mayApprove: true };
const call: GuardedCall = {
  ...{
    callId: "c",
    tool: "bash",
    args: { command: "make" },
    level: 7,
    agentId: "main",
    sessionKey: "agent:main:main",
    runId: "r",
  },
  requester: { channel: "webchat", sender: "d", isOwner: true },
};

async function setUp() {
  const { db } = await openStore();
  const clock = createManualClock();
  const desk = new Desk({ db, clock });
  const events: string[] = [];
  desk.onEvent((event) => events.push(`${event.type} ${event.approval.outcome ?? ""}`.trim()));
  const ask = (more: Partial<GuardedCall> = {}, signal = new AbortController().signal) => {
    const one = { ...call, ...more };
    let told: (id: string) => void = () => {};
    const id = new Promise<string>((resolve) => {
      told = resolve;
    });
    const request = toApprovalRequest(one, { summary: "Run make" }, "d".repeat(64), "this computer", []);
    return { id, answer: desk.ask({ call: one, request, timeoutMs: 120_000 }, signal, told) };
  };
  return { db, clock, desk, events, ask };
}

describe("the desk", () => {
  it("[I04] keeps a question, announces it, and hands the answer to whoever waits", async () => {
    const { desk, events, ask } = await setUp();
    const { id, answer } = ask();
    expect(await desk.list()).toMatchObject([{ id: await id, status: "pending", request: { tool: "bash", level: 7 } }]);
    await desk.resolve(await id, "allow-once", owner);
    expect(await answer).toEqual({ id: await id, outcome: "allowed", decision: "allow-once", by: "device:phone" });
    expect(events).toEqual(["requested", "resolved allowed"]);
    expect(await desk.list()).toEqual([]);
    expect((await desk.history({ limit: 5 })).items).toMatchObject([
      { outcome: "allowed", resolvedBy: "device:phone" },
    ]);
  });

  it("[AP-21] lets the first answer stand and tells the others which one it was", async () => {
    const { desk, ask } = await setUp();
    const { id, answer } = ask();
    await desk.resolve(await id, "deny", owner);
    await expect(desk.resolve(await id, "allow-once", { ...owner, id: "cli" })).rejects.toMatchObject({
      code: "ALREADY_RESOLVED",
      details: { decision: "deny", outcome: "denied", resolvedBy: "device:phone" },
    });
    expect((await answer).outcome).toBe("denied");
  });

  it("[AP-20] takes one of a hundred answers that come at once, and one run, a hundred times over", async () => {
    const { desk, ask } = await setUp();
    for (let race = 0; race < 100; race++) {
      const { id, answer } = ask({ callId: `c${race}` });
      const key = await id;
      const presses = Array.from({ length: 100 }, (_, n) =>
        desk.resolve(key, n % 3 === 0 ? "deny" : "allow-once", { id: `p${n}`, mayApprove: true }).then(
          () => `p${n}`,
          () => undefined,
        ),
      );
      const winners = (await Promise.all(presses)).filter((winner) => winner !== undefined);
      const settled = await answer;
      expect(winners).toEqual([settled.by]);
      const starts = await Promise.all(Array.from({ length: 10 }, () => desk.start(key)));
      expect(starts.filter(Boolean)).toHaveLength(settled.outcome === "allowed" ? 1 : 0);
    }
  }, 60_000);

  it("[AP-22] ends a question that nobody answers as expired, and takes no answer after the time", async () => {
    const { clock, desk, events, ask } = await setUp();
    const { id, answer } = ask();
    const key = await id;
    await clock.advance(119_999);
    expect(desk.pending).toBe(1);
    await clock.advance(1);
    expect(await answer).toMatchObject({ outcome: "expired" });
    await expect(desk.resolve(key, "allow-once", owner)).rejects.toMatchObject({ code: "ALREADY_RESOLVED" });
    expect(await desk.start(key)).toBe(false);
    expect(events).toEqual(["requested", "resolved expired"]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("[AP-27] [AP-28] takes no answer from whoever lacks the right", async () => {
    const { desk, ask } = await setUp();
    const { id } = ask();
    await expect(desk.resolve(await id, "allow-once", { id: "model", mayApprove: false })).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
    await expect(desk.couldNotShow(await id, { id: "model", mayApprove: false }, "x")).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
    expect(desk.pending).toBe(1);
    await desk.dispose();
  });

  it("[AP-24] knows no part of an id", async () => {
    const { desk, ask } = await setUp();
    const { id } = ask();
    const key = await id;
    for (const guess of [key.slice(0, -1), key.slice(0, 8), `${key}x`, "", "%", "apr_"]) {
      await expect(desk.resolve(guess, "allow-once", owner)).rejects.toMatchObject({ code: "APPROVAL_NOT_FOUND" });
    }
    await desk.dispose();
  });

  it("never offers always for levels 8 and 9, and refuses it when it comes all the same", async () => {
    const { desk, ask } = await setUp();
    const { id } = ask({ level: 8 });
    await expect(desk.resolve(await id, "allow-always", owner)).rejects.toMatchObject({ code: "INVALID_REQUEST" });
    expect(desk.pending).toBe(1);
    await desk.dispose();
  });

  it("keeps a question that could not be shown apart from a no", async () => {
    const { desk, ask } = await setUp();
    const { id, answer } = ask();
    await desk.couldNotShow(await id, owner, "the window broke");
    expect((await answer).outcome).toBe("could-not-show");
  });

  it("[AP-25] a restart expires what was pending, and starts nothing that was allowed before", async () => {
    const { db, clock, desk, ask } = await setUp();
    const pending = ask({ callId: "a" });
    const allowed = ask({ callId: "b" });
    const running = ask({ callId: "c" });
    await desk.resolve(await allowed.id, "allow-once", owner);
    await desk.resolve(await running.id, "allow-once", owner);
    expect(await desk.start(await running.id)).toBe(true);
    // The process ends here: nobody is left who waits.
    const next = new Desk({ db, clock });
    await next.recover();
    const stateOf = async (id: string) => (await next.get(id))?.approval;
    expect(await stateOf(await pending.id)).toMatchObject({ outcome: "expired", resolvedBy: "restart" });
    expect(await stateOf(await allowed.id)).toMatchObject({ outcome: "allowed", run: "failed" });
    expect(await stateOf(await running.id)).toMatchObject({ outcome: "allowed", run: "unknown" });
    for (const one of [pending, allowed, running]) expect(await next.start(await one.id)).toBe(false);
    await expect(next.resolve(await pending.id, "allow-once", owner)).rejects.toMatchObject({
      code: "ALREADY_RESOLVED",
    });
  });

  it("ends the question when the run is stopped", async () => {
    const { desk, ask } = await setUp();
    const controller = new AbortController();
    const { id, answer } = ask({}, controller.signal);
    await id;
    controller.abort();
    expect(await answer).toMatchObject({ outcome: "expired", by: "the run was stopped" });
    expect(desk.pending).toBe(0);
  });

  it("refuses a question when sixty-four wait", async () => {
    const { desk, ask } = await setUp();
    const waiting = Array.from({ length: 64 }, (_, n) => ask({ callId: `c${n}` }));
    await Promise.all(waiting.map((one) => one.id));
    await expect(ask({ callId: "one more" }).answer).rejects.toThrow("too many questions");
    await desk.dispose();
    expect(new Set((await Promise.all(waiting.map((one) => one.answer))).map((answer) => answer.outcome))).toEqual(
      new Set(["expired"]),
    );
  });

  it("pages through history without losing or repeating one", async () => {
    const { clock, desk, ask } = await setUp();
    for (let n = 0; n < 7; n++) {
      const { id } = ask({ callId: `c${n}` });
      await desk.resolve(await id, "deny", owner);
      if (n % 2 === 0) await clock.advance(10);
    }
    const seen: string[] = [];
    let before: string | undefined;
    do {
      const page = await desk.history({ limit: 3, before });
      seen.push(...page.items.map((item) => item.id));
      before = page.nextCursor;
    } while (before !== undefined);
    expect(seen).toHaveLength(7);
    expect(new Set(seen).size).toBe(7);
  });
});
