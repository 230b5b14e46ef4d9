/**
 * What the agent may do and has done: the rules, trying them out, the walls, changes and taking them back, elevation,
 * the record. Methods that this gateway does not have are not called: the screens then leave their part out.
 */
import type { ChangeRow } from "#main/protocol/methods/changes.ts";
import type { MethodName, MethodParams, MethodResult } from "#main/protocol/methods/index.ts";
import type { Caller } from "./connection.ts";
import { type AppStore, toggled } from "./store.ts";

export type AuditFilter = Pick<
  MethodParams<"audit.list">,
  "type" | "actor" | "sessionKey" | "level" | "after" | "before"
>;
export type Explained = MethodResult<"tools.explain">;
export type ActingActions = ReturnType<typeof createActingActions>;

/** Long work of the gateway: reading the whole record, from its first entry. */
const LONG = { timeoutMs: 120_000 };

/** A call of which only the rule that decides is asked. Its level is the lowest, so that nothing else can be the rule. */
const PROBE = { tool: "time", args: {} };

/** True when the gateway offers a method. */
export function hasMethod(store: AppStore, method: MethodName): boolean {
  return store.getState().methods.has(method);
}

export function createActingActions(store: AppStore, call: Caller) {
  /** Reads what was changed in a conversation, newest first. */
  const refreshChanges = async (sessionKey: string) => {
    if (!hasMethod(store, "changes.list")) return;
    const { changes } = await call("changes.list", { sessionKey, limit: 500 });
    store.setState((state) => ({ changes: { ...state.changes, [sessionKey]: changes } }));
  };
  const setElevated = (sessionKey: string, isElevated: boolean) =>
    store.setState((state) => ({ elevated: toggled(state.elevated, sessionKey, isElevated) }));

  return {
    refreshChanges,
    /** Throws when a file is no longer as the change left it, unless forced. */
    async undo(sessionKey: string, callId: string, force: boolean) {
      await call("changes.undo", { callId, ...(force ? { force } : {}) });
      await refreshChanges(sessionKey);
    },
    /** Whether the conversation acts without asking. */
    async refreshElevation(sessionKey: string) {
      if (!hasMethod(store, "tools.explain")) return;
      const { rule } = await call("tools.explain", { ...PROBE, sessionKey });
      setElevated(sessionKey, rule === "elevated");
    },
    async elevate(sessionKey: string, isElevated: boolean) {
      const { elevated } = await call("sessions.elevate", { key: sessionKey, elevated: isElevated });
      setElevated(sessionKey, elevated);
    },
    sandbox: () => call("sandbox.status", {}),
    catalog: () => call("tools.catalog", {}),
    explain: (params: MethodParams<"tools.explain">) => call("tools.explain", params),
    /** Sets which levels run without asking. */
    async setAutoLevels(levels: readonly number[]) {
      const { hash } = await call("config.get", {});
      const raw = JSON.stringify({ tools: { approvals: { autoApproveLevels: levels } } });
      await call("config.patch", { raw, baseHash: hash });
      store.setState({ config: await call("config.get", {}) });
    },
    audit: (filter: AuditFilter, cursor?: number) =>
      call("audit.list", { ...filter, limit: 100, ...(cursor === undefined ? {} : { cursor }) }),
    verifyAudit: () => call("audit.verify", {}, LONG),
    exportAudit: (filter: AuditFilter, format: "jsonl" | "csv") => call("audit.export", { ...filter, format }, LONG),
  };
}

/** The changes of one call, newest first. */
export function changesOf(changes: readonly ChangeRow[] | undefined, callId: string): ChangeRow[] {
  return (changes ?? []).filter((change) => change.callId === callId);
}
