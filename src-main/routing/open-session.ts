/** The conversation that a message of a platform belongs to, begun anew when its time is over. */
import type { Clock } from "#main/base/clock.ts";
import type { Config } from "#main/config/schema.ts";
import type { SessionKey } from "#main/sessions/key.ts";
import { isStale } from "#main/sessions/reset.ts";
import type { Turns } from "#main/sessions/turn.ts";
import type { Database } from "#main/store/database.ts";
import * as sessions from "#main/store/sessions.ts";
import type { Arrival } from "./arrival.ts";

export interface OpenSessionDeps {
  clock: Clock;
  config(): Config;
  turns: Pick<Turns, "ofSession">;
}

/** Finds or makes the conversation, begun anew when its time is over and nothing is being answered in it. */
export async function openSession(
  trx: Database,
  { clock, config, turns }: OpenSessionDeps,
  { key, agentId }: SessionKey,
  { channel, account, message }: Arrival,
): Promise<{ session: sessions.SessionRecord; created: boolean }> {
  const now = clock.now();
  const { chat, sender } = message;
  const kind = chat.kind;
  const made = await sessions.ensureSession(trx, { key, agentId, kind, channel }, now);
  const name = kind === "direct" ? sender.name : chat.title;
  const address = JSON.stringify({ channel, account, chat, ...(name === undefined ? {} : { name }) });
  if (made.session.chat !== address) await sessions.patchSession(trx, key, { chat: address });
  const isOver = isStale(config().sessions.reset, made.session.updated_at, now);
  if (made.created || !isOver || turns.ofSession(key).length > 0) return made;
  const anew = await sessions.resetSession(trx, key, now);
  return { session: anew ?? made.session, created: false };
}
