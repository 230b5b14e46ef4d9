/**
 * Asking, answering, granting: what a person does about the questions of the agent, and the events that come back. The
 * first answer wins, and the gateway says which was first. Must never show a question as answered before the gateway
 * said so.
 */
import { GatewayError } from "#main/protocol/client.ts";
import type { EventName, EventPayload } from "#main/protocol/events.ts";
import type { ApprovalDecision, GrantRule } from "#main/protocol/methods/approvals.ts";
import { markQuestion, putApproval, type Question, reconcile, settleApproval, unmarked } from "./approval-model.ts";
import { wordsOf } from "./chat-actions.ts";
import { type Caller, quietly } from "./connection.ts";
import { type AppStore, may } from "./store.ts";

export type ApprovalActions = ReturnType<typeof createApprovalActions>;

export interface ApprovalTools {
  store: AppStore;
  call: Caller;
  now(): number;
}

/** Notes by how much the gateway's clock is behind this one, from a time that it has just written. */
function noteClock({ store, now }: ApprovalTools, ts: number): void {
  const skewMs = now() - ts;
  if (Math.abs(skewMs - store.getState().skewMs) > 500) store.setState({ skewMs });
}

export function createApprovalActions(tools: ApprovalTools) {
  const { store, call } = tools;
  const change = (step: (questions: readonly Question[]) => readonly Question[]) =>
    store.setState((state) => ({ questions: step(state.questions) }));
  const mark = (id: string, step: (question: Question) => Question) =>
    change((questions) => markQuestion(questions, id, step));

  /** Reads one question again. */
  const reread = async (id: string) => {
    const { approval } = await call("exec.approval.get", { id });
    change((questions) => putApproval(questions, approval));
  };

  const fail = async (id: string, error: unknown) => {
    const code = error instanceof GatewayError ? error.code : undefined;
    mark(id, (question) => ({ ...unmarked(question), problem: wordsOf(error) }));
    if (code !== "ALREADY_RESOLVED") return;
    mark(id, (question) => ({ ...question, isLate: true }));
    await reread(id).catch(() => undefined);
  };

  const receive = <N extends EventName>(event: N, payload: EventPayload<N>): void => {
    if (event === "exec.approval.requested") {
      const approval = payload as EventPayload<"exec.approval.requested">;
      noteClock(tools, approval.createdAtMs);
      change((questions) => putApproval(questions, approval));
    } else if (event === "exec.approval.resolved") {
      change((questions) => settleApproval(questions, payload as EventPayload<"exec.approval.resolved">));
    } else if (event === "tick") {
      noteClock(tools, (payload as EventPayload<"tick">).ts);
    } else if (event === "agent") {
      const agent = payload as EventPayload<"agent">;
      if (agent.stream !== "tool" || agent.data.phase !== "result") return;
      // The event of the answer comes before the run: how that ended is only in the question itself.
      for (const { approval } of store.getState().questions) {
        const isRun = approval.outcome === "allowed" && approval.run === undefined;
        if (isRun && approval.request.sessionKey === agent.sessionKey) quietly(reread(approval.id));
      }
    }
  };

  return {
    /** Reads what waits, and what became of what waited before. */
    async refresh() {
      if (!may(store.getState(), "operator.approvals")) return;
      const waiting = await call("exec.approval.list", {});
      const { questions, gone } = reconcile(store.getState().questions, waiting);
      store.setState({ questions });
      await Promise.all(gone.map((id) => reread(id).catch(() => undefined)));
    },
    receive,
    /** Answers; what went wrong stands at the question afterwards. @param rule what "always" is to mean */
    async answer(id: string, decision: ApprovalDecision, rule?: GrantRule) {
      mark(id, (question) => ({ ...unmarked(question), sending: decision }));
      try {
        await call("exec.approval.resolve", { id, decision, ...(rule ? { rule } : {}) });
        mark(id, (question) => ({ ...unmarked(question), isMine: true }));
        await reread(id).catch(() => undefined);
      } catch (error) {
        await fail(id, error);
      }
    },
    /** Tells that the question could not be drawn. */
    async couldNotShow(id: string, reason: string) {
      await call("exec.approval.couldNotShow", { id, reason: reason.slice(0, 500) }).catch(() => undefined);
    },
    /** The person has had the whole of it in view. */
    markRead: (id: string) =>
      store.setState((state) => (state.readToEnd.has(id) ? state : { readToEnd: new Set(state.readToEnd).add(id) })),
    history: (cursor?: string) => call("approval.history", { limit: 50, ...(cursor ? { cursor } : {}) }),
    grants: async (includeRevoked: boolean) => (await call("exec.approval.grants.list", { includeRevoked })).grants,
    revoke: (grantId: string) => call("exec.approval.grants.revoke", { grantId }),
    simulate: (rule: GrantRule) => call("exec.approval.grants.simulate", { rule }),
  };
}
