/**
 * Writes down what happens at the gateway's edges: who came in or was turned away, devices and tokens, the configuration,
 * sessions that went. What tools do is written down where it is decided (`approvals/gate`).
 */
import type { AuditEvent } from "#main/audit/contract.ts";
import type { DisposableStore } from "#main/base/disposable.ts";
import { messageOf } from "#main/base/errors.ts";
import { authorize, type AuthGrant, type AuthRefusal, type ConnectAttempt } from "#main/identity/authorize.ts";
import type { GatewayParts } from "./parts.ts";

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
    const actor = outcome.deviceId ?? outcome.method;
    note(parts, {
      ...from,
      type: "auth.connected",
      actor,
      message: `${client.id} connected with ${outcome.scopes.join(", ") || "no scope"}`,
    });
    if (outcome.deviceToken !== undefined) {
      note(parts, {
        type: "token.issued",
        actor: "system",
        target: outcome.deviceId ?? "",
        message: "a device token was issued",
      });
    }
  } else if (outcome.code === "RATE_LIMITED") {
    note(parts, {
      ...from,
      type: "auth.locked",
      level: "warning",
      actor: attempt.source.address,
      message: outcome.message,
    });
  } else if (outcome.isGuess) {
    note(parts, {
      ...from,
      type: "auth.refused",
      level: "warning",
      actor: attempt.source.address,
      message: outcome.message,
    });
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

/** Everything else that the gateway announces. */
export function startAuditing(parts: GatewayParts, store: DisposableStore): void {
  const { config, devices, facts } = parts;
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
        actor: "owner",
        target: state.path,
        message,
      });
    }),
  );
  store.add(
    devices.onChange((change) => {
      if (change.type === "cut") {
        const what = change.role === undefined ? "device.removed" : "token.revoked";
        note(parts, { type: what, actor: "owner", target: change.deviceId, message: "its connections were closed" });
      } else if (change.type === "resolved") {
        const type = change.decision === "approved" ? "device.paired" : "device.rejected";
        note(parts, { type, actor: "owner", target: change.deviceId, message: `pairing ${change.decision}` });
      }
    }),
  );
}
