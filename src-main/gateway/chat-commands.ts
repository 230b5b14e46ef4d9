/**
 * Commands that the owner types in a conversation. Only the very text counts, only over a connection, and only with the
 * scope that the method behind it needs: what a model, a tool or a page writes never comes here.
 */
import { Refused } from "#main/base/errors.ts";
import type { MethodParams, MethodResult } from "#main/protocol/methods/index.ts";
import { mayUse, type Scope } from "#main/protocol/scopes.ts";
import { toCommand } from "#main/routing/commands.ts";
import type { SessionKey } from "#main/sessions/key.ts";
import { findRun } from "#main/store/runs.ts";
import { actorOf, type Caller } from "./dispatch.ts";
import type { MethodDeps } from "./methods/deps.ts";
import { CHANNEL, requireSameSession, toRequester, toStored } from "./methods/send.ts";

/** What the methods behind these commands need; all others come with the right to write. */
const SCOPES: Readonly<Record<string, { scope: Scope; what: string }>> = {
  elevated: { scope: "operator.admin", what: "elevate a conversation" },
  approve: { scope: "operator.approvals", what: "answer approvals" },
  deny: { scope: "operator.approvals", what: "answer approvals" },
};

/**
 * Answers a message that is a command. Throws Refused without the scope that it needs; nothing is written then.
 * @returns undefined when it is none
 */
export async function answerCommand(
  deps: MethodDeps,
  session: SessionKey,
  params: MethodParams<"chat.send">,
  caller: Caller,
): Promise<MethodResult<"chat.send"> | undefined> {
  const command = (params.attachments ?? []).length > 0 ? undefined : toCommand(params.message);
  if (command === undefined) return undefined;
  const runId = params.idempotencyKey;
  const known = await findRun(deps.db, runId);
  if (known) return toStored(requireSameSession(known, session));
  const needed = Object.hasOwn(SCOPES, command.name) ? SCOPES[command.name] : undefined;
  if (needed && !mayUse(caller.scopes, needed.scope)) {
    throw new Refused("FORBIDDEN", `only a device with the scope ${needed.scope} may ${needed.what}`, {
      details: { code: "MISSING_SCOPE", missingScope: needed.scope },
    });
  }
  const id = actorOf(caller);
  const answer = await deps.answerCommand(command, { id, session, isOwner: true, isGroup: false });
  if (!answer || "refused" in answer) return undefined;
  const options = { requester: toRequester(caller) };
  const question = { runId, channel: CHANNEL, text: params.message.trim(), options };
  const said = await deps.reply(session, question, answer.text);
  if (!said) return { runId, status: "in_flight" };
  deps.broadcast.sendChat({ runId, sessionKey: session.key, seq: 1, state: "final", message: said.answered });
  return { runId, status: "started", messageId: said.asked.id };
}
