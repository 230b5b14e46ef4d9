/** exec.approval.*, approval.history: every surface's way to the one desk. */
import { AppError } from "#main/base/errors.ts";
import type { ApprovalDecision } from "#main/protocol/methods/approvals.ts";
import type { Answerer } from "#main/approvals/desk.ts";
import { toSentence } from "#main/approvals/grant-rules.ts";
import { mayUse } from "#main/protocol/scopes.ts";
import type { Caller, HandlersOf } from "../dispatch.ts";
import type { MethodDeps } from "./deps.ts";

const PAGE = 50;

/** Who presses, by the credential of the connection. */
function toAnswerer(caller: Caller): Answerer {
  return {
    id: caller.deviceId === undefined ? `program:${caller.connId}` : `device:${caller.deviceId}`,
    mayApprove: mayUse(caller.scopes, "operator.approvals"),
  };
}

export function createApprovalHandlers({ desk, grants, audit }: MethodDeps): HandlersOf<"exec.approval" | "approval"> {
  /** An answer that came too late changes nothing; that it was given is recorded. */
  const recordLate = async (error: unknown, id: string, decision: ApprovalDecision, actor: string) => {
    if (!(error instanceof AppError) || error.code !== "ALREADY_RESOLVED") return;
    const message = `${decision} came too late: ${error.message}`;
    await audit.append({ type: "approval.late", level: "warning", actor, correlationId: id, message });
  };
  return {
    "exec.approval.list": () => desk.list(),
    "exec.approval.get": async ({ id }) => {
      const found = await desk.get(id);
      if (!found) throw new AppError("APPROVAL_NOT_FOUND", "there is no such approval");
      return { approval: found.approval };
    },
    "exec.approval.resolve": async ({ id, decision, rule }, caller) => {
      const answerer = toAnswerer(caller);
      try {
        await desk.resolve(id, decision, answerer, rule);
      } catch (error) {
        await recordLate(error, id, decision, answerer.id);
        throw error;
      }
      return { ok: true };
    },
    "exec.approval.couldNotShow": async ({ id, reason }, caller) => {
      await desk.couldNotShow(id, toAnswerer(caller), reason);
      return { ok: true };
    },
    "approval.history": ({ cursor, limit }) => desk.history({ limit: limit ?? PAGE, before: cursor }),
    "exec.approval.grants.list": async ({ includeRevoked }) => ({ grants: await grants.list(includeRevoked === true) }),
    "exec.approval.grants.revoke": async ({ grantId }, caller) => {
      const actor = toAnswerer(caller).id;
      const outcome = await grants.revoke(grantId, actor);
      if (outcome === "revoked") {
        const message = "a standing permission was revoked";
        await audit.append({ type: "grant.revoked", actor, target: grantId, message });
      }
      return { outcome };
    },
    "exec.approval.grants.simulate": async ({ rule }) => ({
      sentence: toSentence(rule),
      ...(await grants.simulate(rule)),
    }),
  };
}
