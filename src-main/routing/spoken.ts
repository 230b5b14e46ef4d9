/** Commands that come from a chat: answered there, once, and never by a model. */
import type { SessionKey } from "#main/sessions/key.ts";
import { takeInbox } from "#main/store/channels/inbox.ts";
import type { Database } from "#main/store/database.ts";
import type { AnswerCommand, Command } from "./commands.ts";
import type { Arrival } from "./intake.ts";
import type { Notices } from "./notices.ts";

/** @returns false when it is a message like any other */
export type Spoken = (command: Command, arrival: Arrival, session: SessionKey) => Promise<boolean>;

export function createSpoken(deps: {
  db: Database;
  answer: AnswerCommand;
  notices: Notices;
  drop(seqs: readonly number[], reason: string): Promise<void>;
}): Spoken {
  return async (command, { seq, channel, account, message, isOwner }, session) => {
    const { chat, sender } = message;
    const caller = {
      id: `${channel}:${sender.id}`,
      session,
      isOwner,
      isGroup: chat.kind === "group",
      name: sender.name,
    };
    const answer = await deps.answer(command, caller);
    if (!answer) return false;
    if ("refused" in answer) {
      await deps.drop([seq], answer.refused);
      return true;
    }
    // The key of the row: a crash between the two gives the command again, and the answer once.
    await deps.notices.send({ channel, account, chat }, answer.text, `command:${seq}`, session.key);
    await takeInbox(deps.db, [seq], null);
    return true;
  };
}
