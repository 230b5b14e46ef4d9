/** Commands that come from a chat: answered there, once, and never by a model. */
import type { SessionKey } from "#main/sessions/key.ts";
import { takeInbox } from "#main/store/channels/inbox.ts";
import type { Database } from "#main/store/database.ts";
import { toCommand, type AnswerCommand, type Command } from "./commands.ts";
import type { Arrival } from "./arrival.ts";
import type { Notices } from "./outgoing/notices.ts";

/** @returns undefined when it is no command; resolves to false when it is a message like any other after all */
export type Spoken = (arrival: Arrival, session: SessionKey) => Promise<boolean> | undefined;

export interface SpokenDeps {
  db: Database;
  answer: AnswerCommand;
  notices: Notices;
  drop(seqs: readonly number[], reason: string): Promise<void>;
}

export function createSpoken(deps: SpokenDeps): Spoken {
  return (arrival, session) => {
    const command = toCommand(arrival.message.text);
    return command && run(deps, command, arrival, session);
  };
}

async function run(
  { db, answer: answerCommand, notices, drop }: SpokenDeps,
  command: Command,
  { seq, channel, account, message, isOwner }: Arrival,
  session: SessionKey,
): Promise<boolean> {
  const { chat, sender } = message;
  const caller = { id: `${channel}:${sender.id}`, session, isOwner, isGroup: chat.kind === "group", name: sender.name };
  const answer = await answerCommand(command, caller);
  if (!answer) return false;
  if ("refused" in answer) {
    await drop([seq], answer.refused);
    return true;
  }
  // The key of the row: a crash between the two gives the command again, and the answer once.
  await notices.send({ channel, account, chat }, answer.text, `command:${seq}`, session.key);
  await takeInbox(db, seq, null);
  return true;
}
