/** From the wire into the inbox: content, who asks, and what a repeated key is answered. */
import type { Requester } from "#main/approvals/contract.ts";
import type { ContentBlock } from "#main/protocol/messages.ts";
import type { MethodResult } from "#main/protocol/methods/index.ts";
import { toBlocks, type RawAttachment } from "#main/routing/attachments.ts";
import type { ChatAddress } from "#main/routing/route.ts";
import type { SessionKey } from "#main/sessions/key.ts";
import type { RunOptions } from "#main/sessions/live-run.ts";
import { findRun, type RunRecord } from "#main/store/runs.ts";
import { findSession } from "#main/store/sessions.ts";
import { actorOf, invalid, type Caller } from "../dispatch.ts";
import type { MethodDeps } from "./deps.ts";

/** The channel of everything that speaks the wire. */
export const CHANNEL = "webchat";

/** Every operator on the wire is the owner: a device of theirs, or a program that holds their secret. */
export function toRequester(caller: Caller): Requester {
  return { channel: CHANNEL, sender: actorOf(caller), isOwner: true };
}

/** Where an answer goes beside the window: to the chat of the conversation, when that is asked for. */
export async function toOrigin(
  { db }: Pick<MethodDeps, "db">,
  session: SessionKey,
  deliver: boolean | undefined,
): Promise<Pick<RunOptions, "origin">> {
  const record = deliver === true ? await findSession(db, session.key) : undefined;
  if (record?.chat == null) return {};
  const { channel, account, chat } = JSON.parse(record.chat) as ChatAddress;
  return { origin: { channel, account, chat } };
}

function toContent(message: string, attachments: readonly RawAttachment[] | undefined): ContentBlock[] {
  const blocks = toBlocks(attachments ?? []);
  if (message.trim() === "" && blocks.length === 0) {
    throw invalid("the message is empty: write something or attach a file");
  }
  return message === "" ? blocks : [{ type: "text", text: message.toWellFormed() }, ...blocks];
}

/** What became of a message: taken, or known already by its key. */
type Sent = { isNew: true; runId: string; messageId: string } | { isNew: false; run: RunRecord };

export async function send(
  deps: MethodDeps,
  session: SessionKey,
  params: { message: string; attachments?: RawAttachment[]; idempotencyKey: string },
  options: RunOptions,
): Promise<Sent> {
  const content = toContent(params.message, params.attachments);
  const messageId = params.idempotencyKey;
  // Asked before the inbox is: a repeated key must not make a session either.
  const known = await findRun(deps.db, messageId);
  const receipt = known
    ? { state: "duplicate" as const, run: known }
    : await deps.receive({ channel: CHANNEL, account: "default", messageId, session, content, options });
  if (receipt.state === "accepted") {
    return { isNew: true, runId: receipt.run.runId, messageId: receipt.message.id };
  }
  return { isNew: false, run: requireSameSession(receipt.run, session) };
}

/** Throws Refused: a key that is used again asks for its answer, and only where it was used first. */
export function requireSameSession(run: RunRecord, session: SessionKey): RunRecord {
  if (run.session_key === session.key) return run;
  throw invalid("this idempotencyKey was used in another session; make a new one");
}

/** What a repeated idempotency key is answered. */
export function toStored(run: RunRecord): MethodResult<"chat.send"> {
  if (run.state === "queued" || run.state === "running") return { runId: run.run_id, status: "in_flight" };
  const status = run.state === "ok" || run.state === "aborted" ? run.state : "error";
  const summary = run.summary ?? run.error;
  return { runId: run.run_id, status, ...(summary === null ? {} : { summary }) };
}
