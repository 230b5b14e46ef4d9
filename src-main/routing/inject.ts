/** Puts a message into a conversation that neither the person wrote nor the model answered: `chat.inject`, a tool's notice. */
import type { Clock } from "#main/base/clock.ts";
import { createId } from "#main/base/ids.ts";
import type { Message } from "#main/protocol/messages.ts";
import { addMessage } from "#main/sessions/add-message.ts";
import type { SessionKey } from "#main/sessions/key.ts";
import type { Database } from "#main/store/database.ts";
import { ensureSession } from "#main/store/sessions.ts";

export interface InjectDeps {
  db: Database;
  clock: Clock;
  /** Told after the commit. */
  onCommitted(sessionKey: string, message: Message, created: boolean): void;
}

export type Inject = (session: SessionKey, text: string, label: string) => Promise<{ messageId: string }>;

/** Makes the function. The message is committed before it resolves; the conversation is made when nobody made it yet. */
export function createInject({ db, clock, onCommitted }: InjectDeps): Inject {
  return async ({ key, agentId }, text, label) => {
    const now = clock.now();
    const message: Message = {
      id: createId("msg"),
      role: "assistant",
      content: [{ type: "text", text: text.toWellFormed() }],
      timestamp: now,
      stopReason: "stop",
      label,
    };
    const created = await db.transaction().execute(async (trx) => {
      const made = await ensureSession(trx, { key, agentId, kind: "direct", channel: "webchat" }, now);
      await addMessage(trx, { sessionKey: key, sessionId: made.session.session_id }, message);
      return made.created;
    });
    onCommitted(key, message, created);
    return { messageId: message.id };
  };
}
