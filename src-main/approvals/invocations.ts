/**
 * Calls of tools from outside a turn: `POST /tools/invoke` and `tools.invoke`. The same validation and the same guard as
 * for the model. A call that waits for the owner goes on by itself; its outcome is kept with the approval.
 */
import type { Toolbox } from "#main/agent/loop.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { isAbort, messageOf } from "#main/base/errors.ts";
import { createId } from "#main/base/ids.ts";
import type { Clock } from "#main/base/clock.ts";
import type { Logger } from "#main/base/logger.ts";
import type { Explanation, Guard, Requester } from "./contract.ts";

export interface Invocation {
  tool: string;
  args: Record<string, unknown>;
  agentId: string;
  sessionKey: string;
  requester: Requester;
}

export type InvocationOutcome =
  | { state: "not-found"; message: string }
  | { state: "invalid"; message: string }
  | { state: "pending"; approvalId: string }
  | { state: "done"; text: string; isError: boolean; approvalId?: string };

export class Invocations implements Disposable {
  readonly #guard: Guard;
  readonly #toolbox: () => Toolbox;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #controller = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  constructor(deps: { guard: Guard; toolbox: () => Toolbox; clock: Clock; log: Logger }) {
    this.#guard = deps.guard;
    this.#toolbox = deps.toolbox;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  /** What would happen. Undefined: there is no such tool, or the arguments do not fit; the message says which. */
  async explain(invocation: Invocation): Promise<Explanation | { error: "not-found" | "invalid"; message: string }> {
    const parsed = this.#parse(invocation);
    if (!parsed.ok) return { error: parsed.state, message: parsed.message };
    const { agentId, sessionKey, requester } = invocation;
    const { name, args, level } = parsed.call;
    return this.#guard.explain({ tool: name, args, level, agentId, sessionKey, requester });
  }

  /**
   * Runs a call, or starts waiting for the owner.
   * @param waitMs how long to wait for an answer of the owner before saying `pending`
   */
  async invoke(invocation: Invocation, waitMs: number): Promise<InvocationOutcome> {
    const parsed = this.#parse(invocation);
    if (!parsed.ok) return { state: parsed.state, message: parsed.message };
    const { agentId, sessionKey, requester } = invocation;
    const { name, args, level } = parsed.call;
    const runId = createId("inv");
    const call = { callId: runId, tool: name, args, level, agentId, sessionKey, runId, requester };
    let approvalId: string | undefined;
    let told: () => void = () => {};
    const waiting = new Promise<void>((resolve) => {
      told = resolve;
    });
    const progress = {
      onWaiting(id: string) {
        approvalId = id;
        told();
      },
      onResolved() {},
      onStart() {},
    };
    const finished = this.#guard.execute(call, progress, this.#controller.signal).then(
      (result): InvocationOutcome => ({ state: "done", text: result.text, isError: result.isError === true }),
      (error: unknown): InvocationOutcome => {
        if (!isAbort(error)) this.#log.error("an invoked tool failed", { tool: name, error });
        return { state: "done", text: messageOf(error), isError: true };
      },
    );
    this.#track(finished);
    await Promise.race([finished, waiting]);
    if (approvalId === undefined) return finished;
    const outcome = waitMs > 0 ? await this.#within(finished, waitMs) : undefined;
    if (outcome?.state === "done") return { ...outcome, approvalId };
    return { state: "pending", approvalId };
  }

  /** Ends what waits; what runs is aborted. */
  async dispose(): Promise<void> {
    this.#controller.abort();
    await Promise.all(this.#running);
  }

  #parse(invocation: Invocation) {
    const toolbox = this.#toolbox();
    const argumentsJson = JSON.stringify(invocation.args);
    const parsed = toolbox.parse({ id: "invoke", name: invocation.tool, argumentsJson });
    if (!parsed.ok && parsed.isUnknown === true) {
      return { ok: false, state: "not-found", message: `there is no tool ${invocation.tool.slice(0, 64)}` } as const;
    }
    if (!parsed.ok) return { ok: false, state: "invalid", message: parsed.error } as const;
    return { ok: true, call: parsed.call } as const;
  }

  #track(work: Promise<unknown>): void {
    this.#running.add(work);
    void work.finally(() => this.#running.delete(work));
  }

  async #within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
    let timer: Disposable | undefined;
    const timeout = new Promise<undefined>((resolve) => {
      timer = this.#clock.after(ms, () => resolve(undefined));
    });
    try {
      return await Promise.race([work, timeout]);
    } finally {
      await timer?.dispose();
    }
  }
}
