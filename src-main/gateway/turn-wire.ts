/**
 * Turns what happens in a run into events of the wire. The first text leaves at once; a burst after it is joined, never
 * held longer than 40 ms, and always sent before anything that comes after it.
 */
import type { Clock } from "#main/base/clock.ts";
import type { Disposable } from "#main/base/disposable.ts";
import type { LoopEvent } from "#main/agent/events.ts";
import type { AgentEvent } from "#main/protocol/events.ts";
import type { LiveRun } from "#main/sessions/live-run.ts";
import type { RunResult } from "#main/sessions/run-result.ts";
import type { TurnEvent } from "#main/sessions/turn.ts";
import type { Broadcast } from "./broadcast.ts";

const JOIN_MS = 40;

/** The text of the answer being written, and what of it has not been sent yet. */
interface Stream {
  text: string;
  pending: string;
  /** True until something was sent, and again after anything but text: the next delta leaves at once. */
  isFresh: boolean;
  timer: Disposable | undefined;
}

type AgentStep = {
  [S in AgentEvent["stream"]]: Pick<Extract<AgentEvent, { stream: S }>, "stream" | "data">;
}[AgentEvent["stream"]];

type StepData<S extends AgentEvent["stream"]> = Extract<AgentEvent, { stream: S }>["data"];

export class TurnWire {
  readonly #clock: Clock;
  readonly #broadcast: Broadcast;
  readonly #streams = new Map<string, Stream>();

  constructor(clock: Clock, broadcast: Broadcast) {
    this.#clock = clock;
    this.#broadcast = broadcast;
  }

  take(event: TurnEvent): void {
    const { run } = event;
    switch (event.type) {
      case "queued":
        break;
      case "started":
        this.#lifecycle(run, { phase: "start" });
        this.#broadcast.sendSessionsChanged({ sessionKey: run.sessionKey, reason: "updated" });
        break;
      case "retry":
        this.#lifecycle(run, { phase: "retry", error: event.error, retryAfterMs: event.waitMs });
        break;
      case "loop":
        this.#loop(run, event.event);
        break;
      case "ended":
        this.#ended(run, event.result);
        break;
    }
  }

  #loop(run: LiveRun, event: LoopEvent): void {
    if (event.type === "text") {
      this.#text(run, event.delta);
      return;
    }
    this.#flush(run);
    switch (event.type) {
      case "request":
        this.#lifecycle(run, { phase: "model" });
        break;
      case "thinking":
        this.#agent(run, { stream: "thinking", data: { delta: event.delta } });
        break;
      case "tool-announced":
        this.#tool(run, { phase: "start", toolCallId: event.id, name: event.name });
        break;
      case "waiting":
        this.#lifecycle(run, { phase: "waiting-approval", approvalId: event.approvalId });
        break;
      case "answered":
        this.#lifecycle(run, { phase: "approval-resolved" });
        break;
      case "tool-start":
        this.#tool(run, { phase: "update", toolCallId: event.id, name: event.name, args: event.args });
        break;
      case "tool-result":
        const { id: toolCallId, name, text: result, isError } = event;
        this.#tool(run, { phase: "result", toolCallId, name, result, isError });
        break;
      case "usage":
        this.#agent(run, { stream: "usage", data: event.usage });
        break;
      case "message":
        this.#streams.delete(run.runId);
        this.#broadcast.sendMessage({ sessionKey: run.sessionKey, message: event.message });
        break;
    }
  }

  #text(run: LiveRun, delta: string): void {
    const stream = this.#streams.get(run.runId) ?? { text: "", pending: "", isFresh: true, timer: undefined };
    this.#streams.set(run.runId, stream);
    stream.text += delta;
    stream.pending += delta;
    if (stream.isFresh) this.#flush(run, false);
    else stream.timer ??= this.#clock.after(JOIN_MS, () => this.#flush(run, false));
  }

  /** Sends the text that waits. */
  #flush(run: LiveRun, isFresh = true): void {
    const stream = this.#streams.get(run.runId);
    if (!stream) return;
    void stream.timer?.dispose();
    stream.timer = undefined;
    stream.isFresh = isFresh;
    const { pending, text } = stream;
    stream.pending = "";
    if (pending === "") return;
    this.#agent(run, { stream: "assistant", data: { delta: pending, text } });
    this.#broadcast.sendChat({
      runId: run.runId,
      sessionKey: run.sessionKey,
      seq: this.#next(run),
      state: "delta",
      deltaText: pending,
      message: { role: "assistant", content: [{ type: "text", text }], timestamp: this.#clock.now() },
    });
  }

  #ended(run: LiveRun, result: RunResult): void {
    this.#flush(run);
    this.#streams.delete(run.runId);
    const { status, error = "the answer failed", errorKind = "unknown" } = result;
    const message = result.message === undefined ? {} : { message: result.message };
    this.#lifecycle(run, status === "error" ? { phase: "error", error } : { phase: "end" });
    const base = { runId: run.runId, sessionKey: run.sessionKey, seq: this.#next(run) };
    if (status === "error") {
      this.#broadcast.sendChat({ ...base, state: "error", errorMessage: error, errorKind, ...message });
    } else this.#broadcast.sendChat({ ...base, state: status === "ok" ? "final" : "aborted", ...message });
    this.#broadcast.sendSessionsChanged({ sessionKey: run.sessionKey, reason: "updated" });
  }

  #lifecycle(run: LiveRun, data: StepData<"lifecycle">): void {
    this.#agent(run, { stream: "lifecycle", data });
  }

  #tool(run: LiveRun, data: StepData<"tool">): void {
    this.#agent(run, { stream: "tool", data });
  }

  #agent(run: LiveRun, step: AgentStep): void {
    const { runId, sessionKey } = run;
    const event = { runId, sessionKey, seq: this.#next(run), ts: this.#clock.now(), ...step };
    this.#broadcast.sendAgent(event as AgentEvent);
  }

  #next(run: LiveRun): number {
    run.seq += 1;
    return run.seq;
  }
}
