import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { AuditLog } from "#main/audit/log.ts";
import { createAuditSecret, toAuditKey } from "#main/audit/seal.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { openStore } from "../store/open-store.ts";

async function setUp(options: { key?: boolean; maxRows?: number } = {}) {
  const { db } = await openStore();
  const archiveDir = join(tempState(), "audit");
  const secret = createAuditSecret();
  const deps = {
    ...{
      db,
      clock: createManualClock(),
      archiveDir,
      redact: (text: string) => text.replaceAll("a-secret-value", "[cut]"),
    },
    key: options.key === false ? undefined : toAuditKey(secret),
    ...(options.maxRows === undefined ? {} : { maxRows: options.maxRows }),
  };
  return { db, deps, archiveDir, log: await AuditLog.start(deps) };
}

async function fill(log: AuditLog, count: number): Promise<void> {
  for (let n = 1; n <= count; n++) {
    await log.append({
      type: "tool.started",
      actor: "agent:main",
      target: "bash",
      correlationId: `r${n}`,
      message: `did ${n}`,
      data: { n },
    });
  }
}

/** Changes a row behind the log's back, as somebody with the file would. */
async function tamper(db: Awaited<ReturnType<typeof setUp>>["db"], statement: string): Promise<void> {
  await sql.raw("DROP TRIGGER audit_log_no_update").execute(db);
  await sql.raw(statement).execute(db);
}

describe("the record", () => {
  it("[I09] keeps entries in order, opens their values, and holds", async () => {
    const { log } = await setUp();
    await fill(log, 5);
    const entries = await log.list({}, { limit: 10 });
    expect(entries.map(({ seq, message }) => [seq, message])).toEqual([5, 4, 3, 2, 1].map((n) => [n, `did ${n}`]));
    expect(entries[0]).toMatchObject({
      type: "tool.started",
      actor: "agent:main",
      target: "bash",
      correlationId: "r5",
      data: { n: 5 },
    });
    expect(await log.verify()).toEqual({ ok: true, entries: 5 });
  });

  it("[I09] finds entries by type, actor, correlation and time, page by page", async () => {
    const { log } = await setUp();
    await fill(log, 4);
    await log.append({ type: "config.changed", actor: "owner", message: "changed" });
    expect(await log.list({ type: "config.changed" }, { limit: 9 })).toHaveLength(1);
    expect(await log.list({ actor: "agent:main" }, { limit: 9 })).toHaveLength(4);
    expect(await log.list({ correlationId: "r2" }, { limit: 9 })).toHaveLength(1);
    expect((await log.list({}, { limit: 2, cursor: 4 })).map((entry) => entry.seq)).toEqual([3, 2]);
  });

  it.each([
    ["actor", "UPDATE audit_log SET actor = 'owner' WHERE seq = 3", "altered"],
    ["time", "UPDATE audit_log SET ts = ts + 1 WHERE seq = 3", "altered"],
    ["type", "UPDATE audit_log SET type = 'tool.denied' WHERE seq = 3", "altered"],
    [
      "a bit of the value",
      "UPDATE audit_log SET sealed = CAST(substr(sealed, 1, 4) || X'00' || substr(sealed, 6) AS BLOB) WHERE seq = 3",
      "altered",
    ],
    ["the hash", "UPDATE audit_log SET hash = replace(hash, substr(hash, 1, 1), 'g') WHERE seq = 3", "altered"],
  ])("[I09] names the entry of which %s was altered", async (_what, statement, reason) => {
    const { db, log } = await setUp();
    await fill(log, 5);
    await tamper(db, statement);
    expect(await log.verify()).toMatchObject({
      ok: false,
      broken: { seq: 3, reason: expect.stringContaining(reason) },
    });
  });

  it("[I09] notices an entry that was taken out, in the middle and at the end", async () => {
    const middle = await setUp();
    await fill(middle.log, 5);
    await tamper(middle.db, "DELETE FROM audit_log WHERE seq = 3");
    expect(await middle.log.verify()).toMatchObject({ ok: false, broken: { reason: "entry 3 is missing" } });
    const end = await setUp();
    await fill(end.log, 5);
    await tamper(end.db, "DELETE FROM audit_log WHERE seq = 5");
    expect(await end.log.verify()).toMatchObject({ ok: false, broken: { reason: "entries after 4 are missing" } });
  });

  it("[I10] notices a rewritten chain by the seal of its head", async () => {
    const { db, deps, log } = await setUp();
    await fill(log, 3);
    // Whoever has the file but not the key writes a chain of their own that holds in itself.
    await tamper(db, "DELETE FROM audit_log");
    await sql.raw("DELETE FROM audit_head").execute(db);
    const forged = await AuditLog.start({ ...deps, key: toAuditKey(createAuditSecret()) });
    await fill(forged, 3);
    expect(await forged.verify()).toEqual({ ok: true, entries: 3 });
    const owner = await AuditLog.start(deps);
    expect(await owner.verify()).toMatchObject({ ok: false, broken: { reason: "the head of the record was altered" } });
  });

  it("refuses to change a row through the database", async () => {
    const { db, log } = await setUp();
    await fill(log, 1);
    await expect(sql.raw("UPDATE audit_log SET actor = 'x'").execute(db)).rejects.toThrow("append-only");
  });

  it("[I10] keeps no value in the open where a key is kept, and seals no two alike", async () => {
    const { db, log } = await setUp();
    await log.append({ type: "tool.started", actor: "a", message: "a secret sentence" });
    await log.append({ type: "tool.started", actor: "a", message: "a secret sentence" });
    const rows = await db.selectFrom("audit_log").select(["sealed", "nonce"]).execute();
    expect(rows.some((row) => Buffer.from(row.sealed).includes("secret sentence"))).toBe(false);
    expect(Buffer.from(rows[0]?.sealed ?? []).equals(Buffer.from(rows[1]?.sealed ?? []))).toBe(false);
    // The twin: without a key it is in the open, and the chain holds all the same.
    const open = await setUp({ key: false });
    await open.log.append({ type: "tool.started", actor: "a", message: "a secret sentence" });
    const row = await open.db.selectFrom("audit_log").select("sealed").executeTakeFirstOrThrow();
    expect(Buffer.from(row.sealed).includes("secret sentence")).toBe(true);
    expect(await open.log.verify()).toEqual({ ok: true, entries: 1 });
  });

  it("goes on after a restart where it was", async () => {
    const { deps, log } = await setUp();
    await fill(log, 2);
    const again = await AuditLog.start(deps);
    await fill(again, 2);
    expect(await again.verify()).toEqual({ ok: true, entries: 4 });
  });

  it("keeps the order of appends that come at once", async () => {
    const { log } = await setUp();
    await Promise.all(
      Array.from({ length: 50 }, (_, n) => log.append({ type: "tool.started", actor: "a", message: String(n) })),
    );
    const entries = await log.list({}, { limit: 100 });
    expect(entries.map((entry) => Number(entry.message)).reverse()).toEqual(Array.from({ length: 50 }, (_, n) => n));
    expect((await log.verify()).ok).toBe(true);
  });

  it("[LG-06] cuts what is too long", async () => {
    const { log } = await setUp();
    await log.append({ type: "tool.started", actor: "a", message: "m".repeat(9000), data: { text: "x".repeat(9000) } });
    const [entry] = await log.list({}, { limit: 1 });
    expect(entry?.message.length).toBe(1000);
    expect(JSON.stringify(entry?.data).length).toBeLessThan(3200);
  });
});

describe("the archive", () => {
  it("[I09] takes the older half in order, and a flipped byte in it is named", async () => {
    const { db, archiveDir, log } = await setUp({ maxRows: 600 });
    await fill(log, 1500);
    expect(readdirSync(archiveDir)).toHaveLength(1);
    const left = await db
      .selectFrom("audit_log")
      .select((eb) => eb.fn.countAll<number>().as("n"))
      .executeTakeFirstOrThrow();
    expect(Number(left.n)).toBeLessThan(1300);
    expect(await log.verify()).toMatchObject({ ok: true, entries: 1501 });
    const file = join(archiveDir, readdirSync(archiveDir)[0] ?? "");
    const lines = readFileSync(file, "utf8").split("\n");
    lines[6] = (lines[6] ?? "").replace('"actor":"agent:main"', '"actor":"agent:evil"');
    writeFileSync(file, lines.join("\n"));
    expect(await log.verify()).toMatchObject({ ok: false, broken: { seq: 7, reason: "its content was altered" } });
  });

  it("[LG-01] writes no secret, wherever in an entry it stood, and cuts before it shortens", async () => {
    const { db, log } = await setUp({ key: false });
    const secret = "a-secret-value";
    await log.append({
      ...{ type: "tool.allowed" as const, actor: "agent:main", target: `tool ${secret}` },
      message: `${"x".repeat(995)}${secret}`,
      data: { deep: [{ text: secret }], number: 1 },
    });
    const rows = await db.selectFrom("audit_log").selectAll().execute();
    const raw = rows.map((row) => `${JSON.stringify(row)}${Buffer.from(row.sealed).toString("utf8")}`).join("");
    expect(raw).not.toContain(secret);
    expect(raw).not.toContain("xa-sec");
    expect((await log.list({}, { limit: 1 }))[0]).toMatchObject({ data: { deep: [{ text: "[cut]" }], number: 1 } });
  });
});
