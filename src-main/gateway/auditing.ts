/**
 * Writes down what happens at the gateway's edges: who came in or was turned away, devices and tokens, the configuration,
 * sessions that went. What tools do is written down where it is decided (`approvals/gate`).
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { AuditEvent } from "#main/audit/contract.ts";
import type { DisposableStore } from "#main/base/disposable.ts";
import { messageOf } from "#main/base/errors.ts";
import { authorize, type AuthGrant, type AuthRefusal, type ConnectAttempt } from "#main/identity/authorize.ts";
import type { MethodName } from "#main/protocol/methods/index.ts";
import { actorOf, type Caller, type Handler, type Handlers } from "./dispatch.ts";
import type { GatewayParts } from "./methods/deps.ts";

/** A record that cannot be written is said in the log; what it is about has happened already. */
function note({ audit, log }: Pick<GatewayParts, "audit" | "log">, event: AuditEvent): void {
  audit
    .append(event)
    .catch((error: unknown) =>
      log.error("the audit record could not be written", { type: event.type, error: messageOf(error) }),
    );
}

/** Who came in, or why not. Refusals that are no guess (a missing credential) are left out: they are noise. */
function noteConnection(
  parts: Pick<GatewayParts, "audit" | "log">,
  attempt: ConnectAttempt,
  outcome: AuthGrant | AuthRefusal,
): void {
  const { client, device } = attempt.params;
  const from = {
    target: client.id,
    data: { address: attempt.source.address, origin: attempt.source.origin, device: device?.id },
  };
  if (outcome.ok) {
    const message = `${client.id} connected with ${outcome.scopes.join(", ") || "no scope"}`;
    note(parts, { ...from, type: "auth.connected", actor: outcome.deviceId ?? outcome.method, message });
    if (outcome.deviceToken !== undefined) {
      const target = outcome.deviceId ?? "";
      note(parts, { type: "token.issued", actor: "system", target, message: "a device token was issued" });
    }
  } else if (outcome.code === "RATE_LIMITED" || outcome.isGuess) {
    const type = outcome.code === "RATE_LIMITED" ? "auth.locked" : "auth.refused";
    note(parts, { ...from, type, level: "warning", actor: attempt.source.address, message: outcome.message });
  }
}

/** Decides about a connection and writes the decision down. */
export function createAuthorize(parts: Pick<GatewayParts, "audit" | "auth" | "log">) {
  return async (attempt: ConnectAttempt): Promise<AuthGrant | AuthRefusal> => {
    const outcome = await authorize(parts.auth, attempt);
    noteConnection(parts, attempt, outcome);
    return outcome;
  };
}

/** Which call of a client a change comes from. A change without one was made by a hand in a file, or by time. */
type CauseOfChange = AsyncLocalStorage<{ method: MethodName; actor: string }>;

export function createCause(): CauseOfChange {
  return new AsyncLocalStorage();
}

/** Methods whose changes are announced by the rooms below, which do not know who asked for them. */
const ANNOUNCED: readonly MethodName[] = [
  ...(["config.set", "config.patch", "device.pair.approve", "device.pair.reject"] as const),
  ...(["device.pair.remove", "device.token.rotate", "device.token.revoke"] as const),
];

/** The same handlers; what they change is recorded under the name of their caller. */
export function withCause(handlers: Handlers, cause: CauseOfChange): Handlers {
  const named = ANNOUNCED.map((method) => {
    const handler = handlers[method] as Handler<MethodName>;
    const traced = (params: never, caller: Caller) =>
      cause.run({ method, actor: actorOf(caller) }, () => handler(params, caller));
    return [method, traced] as const;
  });
  return { ...handlers, ...Object.fromEntries(named) };
}

function noteDevices({ devices, ...parts }: GatewayParts, cause: CauseOfChange, store: DisposableStore): void {
  store.add(
    devices.onChange((change) => {
      if (change.type === "requested") return;
      const { method, actor = "system" } = cause.getStore() ?? {};
      if (change.type === "cut") {
        const token = method === "device.token.rotate" ? "token.rotated" : "token.revoked";
        const type = change.role === undefined ? "device.removed" : token;
        note(parts, { type, actor, target: change.deviceId, message: "its connections were closed" });
      } else {
        const type = change.decision === "approved" ? "device.paired" : "device.rejected";
        note(parts, { type, actor, target: change.deviceId, message: `pairing ${change.decision}` });
      }
    }),
  );
}

/** Runs that ended with an error: who was asked, and what it said. */
function noteFailures({ completions, ...parts }: GatewayParts, store: DisposableStore): void {
  store.add(
    completions.events.on((event) => {
      if (event.type !== "ended" || event.result.status !== "error") return;
      const { run, result } = event;
      note(parts, {
        ...{ type: "model.failed", level: "warning", actor: `agent:${run.agentId}`, sessionKey: run.sessionKey },
        correlationId: run.runId,
        message: result.error ?? "the answer failed",
        data: { kind: result.errorKind, model: result.message?.model },
      });
    }),
  );
}

/** Everything else that the gateway announces. */
export function startAuditing(parts: GatewayParts, cause: CauseOfChange, store: DisposableStore): void {
  const { config, facts } = parts;
  noteDevices(parts, cause, store);
  noteFailures(parts, store);
  note(parts, { type: "gateway.started", actor: "system", message: `Gatehouse ${facts.version} started` });
  store.defer(() => parts.audit.append({ type: "gateway.stopped", actor: "system", message: "the gateway stopped" }));
  store.add(
    config.onChange(({ changedPaths, state }) => {
      if (changedPaths.length === 0 && state.valid) return;
      const message = state.valid
        ? `changed: ${changedPaths.slice(0, 20).join(", ")}`
        : "a file that cannot be used was left aside";
      const isDangerous = changedPaths.some((path) => /^(?:tools|sandbox|gateway)\./.test(path));
      note(parts, {
        type: "config.changed",
        level: isDangerous ? "warning" : "info",
        actor: cause.getStore()?.actor ?? "file",
        target: state.path,
        message,
      });
    }),
  );
}
