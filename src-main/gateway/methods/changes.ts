/** changes.* and the walls: what was changed, taking it back, what confines the rest. */
import { parseSessionKey } from "#main/sessions/key.ts";
import { actorOf, invalid, type Handlers } from "../dispatch.ts";
import type { MethodDeps } from "./deps.ts";

export function createChangeHandlers(
  deps: MethodDeps,
): Pick<Handlers, "sandbox.status" | "changes.list" | "changes.undo"> {
  const { audit, changes, sandbox } = deps;
  return {
    "sandbox.status": () => sandbox.status(),
    "changes.list": async ({ sessionKey, callId, limit }) => {
      const key = sessionKey === undefined ? undefined : parseSessionKey(sessionKey).key;
      return { changes: await changes.list({ sessionKey: key, callId, limit: limit ?? 100 }) };
    },
    "changes.undo": async ({ changeId, callId, force }, caller) => {
      if ((changeId === undefined) === (callId === undefined)) {
        throw invalid("name either one change (changeId) or one call (callId)");
      }
      const undone = await changes.undo({ changeId, callId, force: force === true });
      const actor = actorOf(caller);
      for (const { kind, path, sessionKey } of undone) {
        await audit.append({ type: "file.undone", actor, target: path, sessionKey, message: `undid ${kind} ${path}` });
      }
      return { ok: true, undone };
    },
  };
}
