/**
 * Answers runs: one at a time per session, many sessions at once. Loads the transcript, asks the loop, commits every
 * message before the next step, tells observers what happens. It never sends anything to a client or a channel itself.
 */
import type { LoopEvent, LoopOutcome } from "#main/agent/events.ts";
import { runTurns, type Toolbox } from "#main/agent/loop.ts";
import type { Guard } from "#main/approvals/contract.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { messageOf } from "#main/base/errors.ts";
import { Lanes } from "#main/base/lane.ts";
import type { Logger } from "#main/base/logger.ts";
import type { Message } from "#main/protocol/messages.ts";
import { endRun, markRunning, requeueRun, savePartial } from "#main/store/runs.ts";
import { createAsk, type AskDeps, type ModelCall, type PrepareAsk } from "./ask.ts";
import { streamPaid, type BudgetKeeper } from "./budget.ts";
import { commitMessage } from "./commit.ts";
import type { Leave } from "./leave.ts";
import type { LiveRun } from "./live-run.ts";
import { toEnd, toResult, type RunResult } from "./run-result.ts";

/** What observers are told, in order, per run. */
export type TurnEvent =
  | { type: "queued"; run: LiveRun }
  | { type: "started"; run: LiveRun }
  | { type: "retry"; run: LiveRun; waitMs: number; error: string }
  | { type: "loop"; run: LiveRun; event: LoopEvent }
  | { type: "ended"; run: LiveRun; result: RunResult };

export interface TurnDeps extends AskDeps {
  log: Logger;
  /** Decides about calls and runs those that may. */
  guard: Guard;
  /** Asks the owner before more is spent than is set. */
  budget: Pick<BudgetKeeper, "concerns" | "admit">;
  /** The tools there are now. */
  toolbox(): Toolbox;
  observe(event: TurnEvent): void;
  /** Writes what leaves for a platform, in the transaction of a message or of an end. */
  leave?: Leave | undefined;
  /** Messages that came for this session meanwhile, committed to this run; read before its next request. */
  steer?: ((run: LiveRun) => Promise<readonly Message[]>) | undefined;
}

/** How often the text so far is written down, against a crash. */
const PARTIAL_EVERY_MS = 1000;
/** The most that a timer can count. */
const LONGEST_MS = 2 ** 31 - 1;
/** An end that could not be written down is tried again so often. */
const END_AGAIN_MS = 5000;

export class Turns {
  readonly #deps: TurnDeps;
  readonly #ask: PrepareAsk;
  readonly #lanes = new Lanes();
  readonly #runs = new Map<string, LiveRun>();
  readonly #waiters = new Map<string, Set<(result: RunResult) => void>>();
  /** Ends that wait to be written down. */
  readonly #ends = new Set<Disposable>();
  #stopping = false;

  constructor(deps: TurnDeps) {
    this.#deps = deps;
    this.#ask = createAsk(deps);
  }

  /** Takes over a run that is committed. Called by the inbox, and at start for runs that a crash cut. */
  enqueue(run: LiveRun): void {
    this.#runs.set(run.runId, run);
    this.#deps.observe({ type: "queued", run });
    void this.#lanes.run(run.sessionKey, () => this.#answer(run));
  }

  find(runId: string): LiveRun | undefined {
    return this.#runs.get(runId);
  }

  /** Runs of a session, the running one first, then in the order of their turn. */
  ofSession(sessionKey: string): LiveRun[] {
    return [...this.#runs.values()].filter((run) => run.sessionKey === sessionKey);
  }

  get counts(): { running: number; queued: number } {
    let running = 0;
    for (const run of this.#runs.values()) if (run.phase === "running") running += 1;
    return { running, queued: this.#runs.size - running };
  }

  /** Stops one run, or all of a session. @returns the ids of those that were stopped */
  abort(sessionKey: string, runId?: string): string[] {
    const runs = this.ofSession(sessionKey).filter((run) => runId === undefined || run.runId === runId);
    for (const run of runs) run.abort("user");
    return runs.map((run) => run.runId);
  }

  /** Calls `listener` with the result of a run that is queued or running now. */
  onEnd(runId: string, listener: (result: RunResult) => void): Disposable {
    const waiters = this.#waiters.get(runId) ?? new Set();
    this.#waiters.set(runId, waiters);
    waiters.add(listener);
    return { dispose: () => void waiters.delete(listener) };
  }

  /**
   * Lets running turns finish for `graceMs`, then cuts them: what they had is written down and a restart goes on.
   * Queued runs stay queued in the store.
   */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    const cut = this.#deps.clock.after(graceMs, () => {
      for (const run of this.#runs.values()) run.abort("shutdown");
    });
    await this.#lanes.idle();
    await cut.dispose();
    for (const timer of this.#ends) await timer.dispose();
  }

  async #answer(run: LiveRun): Promise<void> {
    // One that was stopped while it waited is written down as such, or the restart would answer it.
    if (this.#stopping && run.abortCause !== "user") {
      this.#runs.delete(run.runId);
      return;
    }
    const { clock, observe } = this.#deps;
    run.startedAtMs = clock.now();
    run.phase = "running";
    run.limitMs = Math.min(run.options.timeoutMs ?? LONGEST_MS, this.#deps.settings().turnSeconds * 1000, LONGEST_MS);
    const timer = clock.after(run.limitMs, () => run.abort("timeout"));
    const saver = clock.every(PARTIAL_EVERY_MS, () => void this.#savePartial(run));
    let outcome: LoopOutcome;
    try {
      await markRunning(this.#deps.db, run.runId, run.startedAtMs);
      observe({ type: "started", run });
      run.controller.signal.throwIfAborted();
      outcome = await this.#runLoop(run);
    } catch (error) {
      outcome = run.controller.signal.aborted ? { status: "aborted" } : { status: "error", error };
    } finally {
      await timer.dispose();
      await saver.dispose();
    }
    await this.#end(run, outcome);
  }

  async #runLoop(run: LiveRun): Promise<LoopOutcome> {
    const { clock, guard, observe } = this.#deps;
    const ask = await this.#ask(run, (id) => this.#runs.has(id));
    const toolbox = this.#deps.toolbox();
    const onRetry = (info: { waitMs: number; error: unknown }) =>
      observe({ type: "retry", run, waitMs: info.waitMs, error: messageOf(info.error) });
    const { runId, sessionKey, agentId } = run;
    const { requester } = run.options;
    return runTurns(
      { runId, messages: ask.transcript, maxTurns: this.#deps.settings().maxTurns },
      {
        stream: (messages, signal) => {
          const question = ask.toRequest(messages, toolbox.specs);
          const send = () => ask.model.stream(question, signal, onRetry);
          const { budget } = this.#deps;
          if (!budget.concerns(agentId, ask.model.answeredBy())) return send();
          const tell = (event: LoopEvent) => void this.#emit(run, event, ask.model);
          return streamPaid(
            budget,
            { spender: { runId, sessionKey, agentId, requester }, question, send, tell, signal },
            ask.model,
          );
        },
        answeredBy: () => ask.model.answeredBy(),
        steer: async () => (await this.#deps.steer?.(run)) ?? [],
        toolbox,
        execute: ({ id, name, args, level }, progress, signal) =>
          guard.execute(
            { callId: id, tool: name, args, level, agentId, sessionKey, runId, requester },
            progress,
            signal,
          ),
        emit: (event) => this.#emit(run, event, ask.model),
        signal: run.controller.signal,
        clock,
      },
    );
  }

  /** Commits what must be committed, then tells. Text is told at once: it is only committed with its message. */
  #emit(run: LiveRun, event: LoopEvent, model: ModelCall): void | Promise<void> {
    if (event.type === "message") return this.#commit(run, event, model);
    run.apply(event);
    this.#deps.observe({ type: "loop", run, event });
    return undefined;
  }

  async #commit(run: LiveRun, event: Extract<LoopEvent, { type: "message" }>, model: ModelCall): Promise<void> {
    const { message } = event;
    // Cut by a shutdown: the restart answers anew, so the torso goes where a crash would have left it.
    if (message.incomplete === true && run.abortCause === "shutdown") return this.#savePartial(run);
    if (message.incomplete === true && run.abortCause === "user" && message.content.length === 0) return;
    const cost = message.usage === undefined ? undefined : model.costOf(message.usage);
    if (message.usage && cost !== undefined) message.usage.costUsd = cost;
    await commitMessage(this.#deps.db, run, message, this.#deps.clock.now(), this.#deps.leave);
    run.apply(event);
    this.#deps.observe({ type: "loop", run, event });
  }

  async #savePartial(run: LiveRun): Promise<void> {
    if (run.text === "") return;
    try {
      await savePartial(this.#deps.db, run.runId, run.text);
    } catch (error) {
      this.#deps.log.warn("the text so far could not be written down", { runId: run.runId, error: messageOf(error) });
    }
  }

  async #end(run: LiveRun, outcome: LoopOutcome): Promise<void> {
    const { clock, log } = this.#deps;
    const result = toResult(run, outcome, clock.now());
    this.#runs.delete(run.runId);
    try {
      await this.#writeEnd(run, result);
    } catch (error) {
      log.error("the end of a run could not be written down", { runId: run.runId, error: messageOf(error) });
      this.#writeEndLater(run, result);
    }
    if (result.status === "error") log.warn("run failed", { runId: run.runId, error: result.error });
    this.#deps.observe({ type: "ended", run, result });
    const waiters = this.#waiters.get(run.runId);
    this.#waiters.delete(run.runId);
    for (const waiter of waiters ?? []) waiter(result);
  }

  async #writeEnd(run: LiveRun, result: RunResult): Promise<void> {
    const { db } = this.#deps;
    // It ended with the commit of its answer.
    if (result.status === "ok") return undefined;
    // A restart goes on from there, with what was written down.
    if (run.abortCause === "shutdown") return requeueRun(db, run.runId);
    const after = await db.transaction().execute(async (trx) => {
      await endRun(trx, run.runId, toEnd(result), result.endedAt);
      return this.#deps.leave?.onEnd(trx, run, result);
    });
    return after?.();
  }

  /** A full disk may have room again soon; without this a run that has ended would look as if it still ran. */
  #writeEndLater(run: LiveRun, result: RunResult): void {
    const timer = this.#deps.clock.after(END_AGAIN_MS, () => {
      this.#ends.delete(timer);
      if (this.#stopping) return;
      this.#writeEnd(run, result).catch(() => this.#writeEndLater(run, result));
    });
    this.#ends.add(timer);
  }
}
