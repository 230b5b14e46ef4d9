/** Small texts that channels keep between starts: the table `channel_memory`. Never a secret in plain text. */
import type { Database } from "../database.ts";
import { commitWithoutFlush } from "../durability.ts";

/** One account of a channel. */
export interface AccountRef {
  channel: string;
  account: string;
}

export async function readChannelMemory(db: Database, of: AccountRef): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom("channel_memory")
    .select(["name", "value"])
    .where("channel", "=", of.channel)
    .where("account", "=", of.account)
    .execute();
  return new Map(rows.map(({ name, value }) => [name, value]));
}

/** Writes or replaces; `undefined` takes it away. Survives a killed process at once; a power cut after the next flush. */
export async function writeChannelMemory(
  db: Database,
  of: AccountRef,
  name: string,
  value: string | undefined,
): Promise<void> {
  const { channel, account } = of;
  await commitWithoutFlush(db, async (trx) => {
    if (value === undefined) {
      await trx
        .deleteFrom("channel_memory")
        .where((eb) => eb.and({ channel, account, name }))
        .execute();
      return;
    }
    await trx
      .insertInto("channel_memory")
      .values({ channel, account, name, value })
      .onConflict((conflict) => conflict.columns(["channel", "account", "name"]).doUpdateSet({ value }))
      .execute();
  });
}
