/** Whom the owner let in, blocked, or has still to decide about: the tables `people` and `chat_pairings`. */
import type { Insertable, Selectable } from "kysely";
import type { Database } from "../database.ts";
import type { ChatPairingsTable, PeopleTable } from "../schema.ts";

export type PersonRecord = Selectable<PeopleTable>;
export type ChatPairingRecord = Selectable<ChatPairingsTable>;

/** A person on one account of a channel. */
export interface Who {
  channel: string;
  account: string;
  senderId: string;
}

const of = ({ channel, account, senderId }: Who) => ({ channel, account, sender_id: senderId });

export async function listPeople(db: Database): Promise<PersonRecord[]> {
  return db.selectFrom("people").selectAll().orderBy("added_at").execute();
}

/** Writes or replaces. */
export async function savePerson(db: Database, person: Insertable<PeopleTable>): Promise<void> {
  const { name, role, source, chat } = person;
  await db
    .insertInto("people")
    .values(person)
    .onConflict((conflict) =>
      conflict.columns(["channel", "account", "sender_id"]).doUpdateSet({ name, role, source, chat }),
    )
    .execute();
}

export async function removePerson(db: Database, who: Who): Promise<void> {
  await db
    .deleteFrom("people")
    .where((eb) => eb.and(of(who)))
    .execute();
}

export async function listChatPairings(db: Database): Promise<ChatPairingRecord[]> {
  return db.selectFrom("chat_pairings").selectAll().orderBy("created_at").execute();
}

export async function insertChatPairing(db: Database, row: Insertable<ChatPairingsTable>): Promise<void> {
  await db.insertInto("chat_pairings").values(row).execute();
}

export async function removeChatPairing(db: Database, requestId: string): Promise<void> {
  await db.deleteFrom("chat_pairings").where("request_id", "=", requestId).execute();
}
