import { expect, it, vi } from "vitest";
import type { Database } from "#main/store/database.ts";
import { defineStatement } from "#main/store/define-statement.ts";
import { openStore } from "./open-store.ts";

interface Wanted {
  model: string;
  input: number;
  cost_usd?: number | null;
}

it("builds once for each set of values that are there, and runs with those of each call", async () => {
  const { db } = await openStore();
  const build = vi.fn((on: Database, row: Wanted) =>
    on
      .insertInto("usage")
      .values({
        at: 1,
        day: "d",
        session_key: row.model,
        run_id: "r",
        output: 0,
        cache_read: 0,
        cache_write: 0,
        ...row,
      })
      .returning(["session_key", "model", "input", "cost_usd"]),
  );
  const insert = defineStatement(build);
  const rows = [];
  for (const row of [
    { model: "a", input: 1, cost_usd: 0.5 },
    { model: "b", input: 2, cost_usd: null },
    { model: "c", input: 3 },
    { model: "d", input: 4, cost_usd: undefined },
  ]) {
    rows.push(...(await insert(db, row as Wanted)).rows);
  }
  expect(rows).toEqual([
    { session_key: "a", model: "a", input: 1, cost_usd: 0.5 },
    { session_key: "b", model: "b", input: 2, cost_usd: null },
    { session_key: "c", model: "c", input: 3, cost_usd: null },
    { session_key: "d", model: "d", input: 4, cost_usd: null },
  ]);
  expect(build).toHaveBeenCalledTimes(2);
});

it("runs in the transaction that it is given, and throws what the database says", async () => {
  const { db } = await openStore();
  const insert = defineStatement((on, { name }: { name: string }) =>
    on.insertInto("migrations").values({ name, applied_at: 1 }),
  );
  const twice = db.transaction().execute(async (trx) => {
    await insert(trx, { name: "x" });
    await insert(trx, { name: "x" });
  });
  await expect(twice).rejects.toMatchObject({ code: "SQLITE_CONSTRAINT_PRIMARYKEY" });
  expect((await db.selectFrom("migrations").select("name").where("name", "=", "x").execute()).length).toBe(0);
});
