import { describe, expect, it } from "vitest";
import type { LoopEvent } from "#main/agent/events.ts";
import type { Broadcast } from "#main/gateway/broadcast.ts";
import { TurnWire } from "#main/gateway/turn-wire.ts";
import type { AgentEvent, ChatEvent } from "#main/protocol/events.ts";
import { LiveRun } from "#main/sessions/live-run.ts";
import type { RunResult } from "#main/sessions/run-result.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";

function setUp() {
  const clock = createManualClock();
  const log: string[] = [];
  const seqs: number[] = [];
  const chats: ChatEvent[] = [];
  const broadcast = {
    sendAgent(event: AgentEvent) {
      seqs.push(event.seq);
      const { phase } = event.data as { phase?: string };
      if (event.stream !== "assistant") log.push(phase === undefined ? event.stream : `${event.stream}:${phase}`);
    },
    sendChat(event: ChatEvent) {
      seqs.push(event.seq);
      chats.push(event);
      log.push(event.state === "delta" ? `delta:${event.deltaText}` : event.state);
    },
    sendMessage: () => void log.push("message"),
    sendSessionsChanged: () => {},
  } as unknown as Broadcast;
  const wire = new TurnWire(clock, broadcast);
  const run = new LiveRun({
    runId: "r",
    sessionKey: "agent:main:s",
    sessionId: "1",
    agentId: "main",
    options: {},
  } as never);
  const loop = (event: LoopEvent) => wire.take({ type: "loop", run, event });
  const text = (delta: string) => loop({ type: "text", delta });
  const end = (result: Partial<RunResult>) =>
    wire.take({ type: "ended", run, result: { runId: "r", status: "ok", startedAt: 0, endedAt: 1, ...result } });
  return { clock, log, seqs, chats, wire, run, loop, text, end };
}

describe("text", () => {
  it("leaves at once, is joined afterwards, and is never held longer than 40 ms", async () => {
    const { clock, log, text } = setUp();
    text("a");
    expect(log).toEqual(["delta:a"]);
    text("b");
    text("c");
    await clock.advance(39);
    expect(log).toEqual(["delta:a"]);
    await clock.advance(1);
    expect(log).toEqual(["delta:a", "delta:bc"]);
    text("d");
    await clock.advance(40);
    expect(log.at(-1)).toBe("delta:d");
    expect(clock.pendingTimers).toBe(0);
  });

  it("goes before whatever comes after it, and the next piece leaves at once again", () => {
    const { log, text, loop, clock } = setUp();
    text("a");
    text("b");
    loop({ type: "tool-announced", id: "t", name: "n" });
    text("c");
    expect(log).toEqual(["delta:a", "delta:b", "tool:start", "delta:c"]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("of a delta is what was added, its message all there is so far", () => {
    const { chats, text, end } = setUp();
    text("a");
    text("b");
    end({});
    expect(
      chats.map((chat) =>
        chat.state === "delta"
          ? [chat.deltaText, (chat.message as { content: { text: string }[] }).content[0]?.text]
          : [],
      ),
    ).toEqual([["a", "a"], ["b", "ab"], []]);
  });
});

describe("the end", () => {
  it.each([
    [{ status: "ok" }, ["lifecycle:end", "final"]],
    [{ status: "aborted" }, ["lifecycle:end", "aborted"]],
    [{ status: "error", error: "words", errorKind: "timeout" }, ["lifecycle:error", "error"]],
  ] as [Partial<RunResult>, string[]][])("of %j is told last, after the text that waited", (result, told) => {
    const { log, text, end, clock, seqs } = setUp();
    text("a");
    text("b");
    end(result);
    expect(log).toEqual(["delta:a", "delta:b", ...told]);
    expect(clock.pendingTimers).toBe(0);
    expect(seqs).toEqual(seqs.map((_, i) => i + 1));
  });

  it("[B19] without words has some all the same", () => {
    const { chats, end } = setUp();
    end({ status: "error" });
    expect(chats[0]).toMatchObject({ state: "error", errorMessage: "the answer failed", errorKind: "unknown" });
  });
});
