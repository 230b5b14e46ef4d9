/**
 * Commands that a person writes instead of a message: `/status`, `/new` … One table for all channels and the window. Who
 * may give which is decided here, from facts about the sender; whoever may not is not answered. It never asks a model.
 */
import { createHash } from "node:crypto";
import type { Desk } from "#main/approvals/desk.ts";
import type { Elevations } from "#main/approvals/elevations.ts";
import type { AuditLog } from "#main/audit/log.ts";
import type { Clock } from "#main/base/clock.ts";
import { AppError } from "#main/base/errors.ts";
import type { UsageTotals } from "#main/protocol/methods/config.ts";
import { parseModelRef } from "#main/providers/routing.ts";
import { MAIN_KEY, type SessionKey } from "#main/sessions/key.ts";
import type { Turns } from "#main/sessions/turn.ts";
import type { Database } from "#main/store/database.ts";
import { findSession, patchSession, resetSession } from "#main/store/sessions.ts";
import { addTotals, NO_USAGE, readUsage } from "#main/store/usage.ts";

export interface Command {
  name: string;
  args: string;
}

/** Who gives a command, and where. Facts from the connection or the platform, never from the text. */
export interface CommandCaller {
  /** `telegram:42`, `device:…`: kept with what it does. */
  id: string;
  session: SessionKey;
  isOwner: boolean;
  isGroup: boolean;
  /** As the person is known there, for `/whoami`. */
  name?: string | undefined;
}

export interface CommandDeps {
  db: Database;
  clock: Clock;
  turns: Turns;
  desk: Desk;
  elevations: Elevations;
  audit: Pick<AuditLog, "append">;
  defaultModel(): string;
  /** What waits in a conversation is not to be answered any more. Called before it begins anew or stops. */
  clear(sessionKey: string, reason: string): void;
  /** Told after a conversation began anew. */
  onReset(sessionKey: string): void;
}

/** @returns the answer; undefined when it is no command, or the caller may not give it: then nothing is said */
export type AnswerCommand = (command: Command, caller: CommandCaller) => Promise<CommandAnswer | undefined>;
export type CommandAnswer = { text: string } | { refused: string };

interface Entry {
  help: string;
  /** `owner`: only the owner's own accounts; `anyone`: whoever may write in a direct chat. In groups always the owner. */
  access: "anyone" | "owner";
  /** Only this very text is the command; anything around it makes it a message. */
  exact?: RegExp;
  run(deps: CommandDeps, caller: CommandCaller, args: string): Promise<string> | string;
}

const TABLE: Readonly<Record<string, Entry>> = {
  help: { help: "what can be said", access: "anyone", run: help },
  status: { help: "how this conversation stands", access: "anyone", run: status },
  new: { help: "begin a new conversation", access: "anyone", run: reset },
  reset: { help: "the same as /new", access: "anyone", run: reset },
  stop: { help: "stop the answer that is being written", access: "anyone", run: stop },
  whoami: { help: "how I know you", access: "anyone", run: whoami },
  model: { help: "show or choose the model: /model provider/name", access: "owner", run: model },
  usage: { help: "tokens and cost of today", access: "owner", run: usage },
  approve: {
    help: "allow what I asked: /approve CODE",
    access: "owner",
    run: (...call) => answer("allow-once", ...call),
  },
  deny: { help: "refuse what I asked: /deny CODE", access: "owner", run: (...call) => answer("deny", ...call) },
  elevated: {
    help: "run tools here without asking: /elevated on or off",
    access: "owner",
    exact: /^\/elevated (on|off)$/,
    run: elevated,
  },
};

/** The command in a text, or undefined. `/name@bot` is one too; what is not in the table is a message like any other. */
export function toCommand(text: string): Command | undefined {
  const [, name, args] = /^\/([a-z]{1,20})(?:@[\w.-]{1,64})?(?:\s+([\s\S]{0,2000}))?$/i.exec(text.trim()) ?? [];
  const known = name?.toLowerCase() ?? "";
  if (known === "start") return { name: "help", args: "" };
  const entry = Object.hasOwn(TABLE, known) ? TABLE[known] : undefined;
  const words = args?.trim() ?? "";
  return entry && entry.exact?.test(text.trim()) !== false ? { name: known, args: words } : undefined;
}

export function createCommandAnswers(deps: CommandDeps): AnswerCommand {
  return async ({ name, args }, caller) => {
    const entry = Object.hasOwn(TABLE, name) ? TABLE[name] : undefined;
    if (!entry) return undefined;
    // The owner's main conversation is theirs, also where others share it (`sessions.scope: main`).
    const isShared = caller.isGroup || (caller.session.rest === MAIN_KEY && entry.run !== help && entry.run !== whoami);
    if (!caller.isOwner && (isShared || entry.access === "owner")) return { refused: `only the owner may /${name}` };
    if (entry.run === reset || entry.run === stop) deps.clear(caller.session.key, `/${name} came`);
    return { text: await entry.run(deps, caller, args) };
  };
}

function help(_deps: CommandDeps, { isOwner }: CommandCaller): string {
  const shown = Object.entries(TABLE).filter(([, entry]) => isOwner || entry.access === "anyone");
  return ["Write to me as you would to a person. I also understand:", ""]
    .concat(shown.map(([name, entry]) => `- \`/${name}\` ${entry.help}`))
    .join("\n");
}

async function status({ db, turns, defaultModel }: CommandDeps, { session, isOwner }: CommandCaller): Promise<string> {
  const row = await findSession(db, session.key);
  const runs = turns.ofSession(session.key);
  const lines = [
    runs.length === 0 ? "Ready." : `Writing an answer${runs.length > 1 ? `; ${runs.length - 1} more wait` : ""}.`,
    `Messages in this conversation: ${row?.message_count ?? 0}`,
  ];
  if (isOwner) lines.push(`Model: ${row?.model ?? defaultModel()}`, `Conversation: \`${session.key}\``);
  return lines.join("\n");
}

async function reset({ db, clock, turns, audit, onReset }: CommandDeps, caller: CommandCaller): Promise<string> {
  const { key } = caller.session;
  turns.abort(key);
  const row = await resetSession(db, key, clock.now());
  if (row) {
    await audit.append({
      type: "session.reset",
      actor: caller.id,
      sessionKey: key,
      message: "the conversation began anew",
    });
    onReset(key);
  }
  return "A new conversation begins. What was said before is kept on the computer, and I no longer look at it.";
}

function stop({ turns }: CommandDeps, { session }: CommandCaller): string {
  return turns.abort(session.key).length > 0 ? "Stopped." : "Nothing is being written.";
}

function whoami(_deps: CommandDeps, { id, name, isOwner, session }: CommandCaller): string {
  const who = name === undefined ? id : `${name} (${id})`;
  return [who, isOwner ? "You are my owner." : "You may write to me.", `Conversation: \`${session.key}\``].join("\n");
}

async function model({ db, defaultModel }: CommandDeps, { session }: CommandCaller, args: string): Promise<string> {
  if (args === "") {
    const row = await findSession(db, session.key);
    return `Model: ${row?.model ?? defaultModel()}. \`/model provider/name\` chooses another, \`/model default\` takes it back.`;
  }
  const ref = args === "default" ? null : args;
  if (ref !== null && !parseModelRef(ref)) return `"${args}" is not a model: write provider/name.`;
  const row = await patchSession(db, session.key, { model: ref });
  return row ? `From now on: ${ref ?? defaultModel()}.` : "This conversation has no message yet; write one first.";
}

async function usage({ db, clock }: CommandDeps): Promise<string> {
  const today = new Date(clock.now());
  const since = new Date(today.getFullYear(), today.getMonth(), today.getDate()).getTime();
  const rows = await readUsage(db, { since });
  const total = rows.reduce<UsageTotals>((sum, row) => addTotals(sum, row.totals), NO_USAGE);
  const cost = `$${total.totalCost.toFixed(2)}${total.missingCostEntries > 0 ? " at least" : ""}`;
  return `Today: ${total.requests} requests, ${total.totalTokens} tokens, ${cost}.`;
}

async function elevated(deps: CommandDeps, caller: CommandCaller, args: string): Promise<string> {
  await elevate(deps, caller.session.key, args === "on", caller.id);
  return args === "on"
    ? "Elevated: tools in this conversation run without asking, except what always asks (levels 8 and 9) and what is denied. `/elevated off` ends it; so does a restart."
    : "No longer elevated: the usual rules count again.";
}

/** Switches the elevation of a session and writes it down. Called by the command and by `sessions.elevate`. */
export async function elevate(
  { audit, elevations }: Pick<CommandDeps, "audit" | "elevations">,
  sessionKey: string,
  isElevated: boolean,
  actor: string,
): Promise<void> {
  const message = isElevated ? "the owner elevated the session" : "the owner ended the elevation";
  await audit.append({ type: "elevation.changed", level: "warning", actor, sessionKey, message });
  elevations.set(sessionKey, isElevated);
}

/** Without what is easily mistaken. */
const CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/** What a person types to answer a question where there are no buttons: from the question's own id. Pure. */
export function toQuestionCode(approvalId: string): string {
  const digest = createHash("sha256").update(approvalId).digest();
  return [...digest.subarray(0, 6)].map((byte) => CODE_ALPHABET[byte % CODE_ALPHABET.length]).join("");
}

async function answer(
  decision: "allow-once" | "deny",
  { desk, audit }: CommandDeps,
  caller: CommandCaller,
  args: string,
): Promise<string> {
  const wanted = args.toUpperCase();
  const found = (await desk.list()).find(({ id }) => toQuestionCode(id) === wanted);
  if (!found) return `No question with the code "${args}" waits for an answer.`;
  try {
    await desk.resolve(found.id, decision, { id: caller.id, mayApprove: caller.isOwner });
    return decision === "deny" ? "Denied." : "Allowed, this once.";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const message = `${decision} came too late: ${error.message}`;
    await audit.append({ type: "approval.late", level: "warning", actor: caller.id, correlationId: found.id, message });
    return `Too late: ${error.message}.`;
  }
}
