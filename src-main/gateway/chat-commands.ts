/**
 * Commands that the owner types in a conversation. Only the very text counts, only over a connection, and only with the
 * scope that the method behind it needs: what a model, a tool or a page writes never comes here.
 */
import { Refused } from "#main/base/errors.ts";
import type { MethodParams, MethodResult } from "#main/protocol/methods/index.ts";
import { mayUse } from "#main/protocol/scopes.ts";
import type { SessionKey } from "#main/sessions/key.ts";
import { findRun } from "#main/store/runs.ts";
import type { Caller } from "./dispatch.ts";
import type { MethodDeps } from "./methods/deps.ts";
import { CHANNEL, toRequester, toStored } from "./methods/send.ts";

const ANSWERS = {
  on: "Elevated: tools in this conversation run without asking, except what always asks (levels 8 and 9) and what is denied. `/elevated off` ends it; so does a restart.",
  off: "No longer elevated: the usual rules count again.",
} as const;

/** The command in a message, or undefined: then it is one like any other. */
export function toElevation(message: string): keyof typeof ANSWERS | undefined {
  const found = /^\/elevated (on|off)$/.exec(message.trim())?.[1];
  return found === "on" || found === "off" ? found : undefined;
}

/**
 * Switches the elevation of a session and writes it down.
 * @param session the session's key as it is kept
 */
export async function elevate(
  { audit, elevations }: Pick<MethodDeps, "audit" | "elevations">,
  session: string,
  isElevated: boolean,
  caller: Caller,
): Promise<void> {
  const actor = caller.deviceId ?? caller.connId;
  const message = isElevated ? "the owner elevated the session" : "the owner ended the elevation";
  await audit.append({ type: "elevation.changed", level: "warning", actor, sessionKey: session, message });
  elevations.set(session, isElevated);
}

/**
 * Answers a message that is a command. Throws Refused without the scope `operator.admin`; nothing is written then.
 * @returns undefined when it is none
 */
export async function answerCommand(
  deps: MethodDeps,
  session: SessionKey,
  params: MethodParams<"chat.send">,
  caller: Caller,
): Promise<MethodResult<"chat.send"> | undefined> {
  const wanted = (params.attachments ?? []).length > 0 ? undefined : toElevation(params.message);
  if (wanted === undefined) return undefined;
  const runId = params.idempotencyKey;
  const known = await findRun(deps.db, runId);
  if (known) {
    if (known.session_key === session.key) return toStored(known);
    throw new Refused("INVALID_REQUEST", "this idempotencyKey was used in another session; make a new one");
  }
  if (!mayUse(caller.scopes, "operator.admin")) {
    throw new Refused("FORBIDDEN", "only a device with the scope operator.admin may elevate a conversation", {
      details: { code: "MISSING_SCOPE", missingScope: "operator.admin" },
    });
  }
  await elevate(deps, session.key, wanted === "on", caller);
  const question = {
    runId,
    channel: CHANNEL,
    text: params.message.trim(),
    options: { requester: toRequester(caller) },
  };
  const said = await deps.reply(session, question, ANSWERS[wanted]);
  if (!said) return { runId, status: "in_flight" };
  deps.broadcast.sendChat({ runId, sessionKey: session.key, seq: 1, state: "final", message: said.answered });
  return { runId, status: "started", messageId: said.asked.id };
}
