/** The tables of who may connect: paired devices, hashes of their tokens, requests that wait for the owner. */
import type { Selectable } from "kysely";
import type { Database } from "./database.ts";
import { commitWithoutFlush } from "./durability.ts";
import type { DevicesTable, DeviceTokensTable, PairingRequestsTable } from "./schema.ts";

export type DeviceRecord = Selectable<DevicesTable>;
export type DeviceTokenRecord = Selectable<DeviceTokensTable>;
export type PairingRequestRecord = Selectable<PairingRequestsTable>;

export async function findDevice(db: Database, deviceId: string): Promise<DeviceRecord | undefined> {
  return db.selectFrom("devices").selectAll().where("device_id", "=", deviceId).executeTakeFirst();
}

export async function listDevices(db: Database): Promise<DeviceRecord[]> {
  return db.selectFrom("devices").selectAll().orderBy("approved_at").execute();
}

export async function saveDevice(db: Database, device: DeviceRecord): Promise<void> {
  await db
    .insertInto("devices")
    .values(device)
    .onConflict((conflict) => conflict.column("device_id").doUpdateSet(device))
    .execute();
}

export async function removeDevice(db: Database, deviceId: string): Promise<boolean> {
  const result = await db.deleteFrom("devices").where("device_id", "=", deviceId).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** When it was last here. Not flushed: a connection does not wait for the disk over a date. */
export async function touchDevice(db: Database, deviceId: string, now: number): Promise<void> {
  await commitWithoutFlush(db, (trx) =>
    trx.updateTable("devices").set({ last_seen_at: now }).where("device_id", "=", deviceId).execute(),
  );
}

export async function listTokens(db: Database, deviceId?: string): Promise<DeviceTokenRecord[]> {
  let query = db.selectFrom("device_tokens").selectAll();
  if (deviceId !== undefined) query = query.where("device_id", "=", deviceId);
  return query.execute();
}

/** The token of a device in a role, replacing the one before. */
export async function saveToken(db: Database, token: DeviceTokenRecord): Promise<void> {
  await db
    .insertInto("device_tokens")
    .values(token)
    .onConflict((conflict) => conflict.columns(["device_id", "role"]).doUpdateSet(token))
    .execute();
}

export async function findTokenByHash(db: Database, hash: string): Promise<DeviceTokenRecord | undefined> {
  return db.selectFrom("device_tokens").selectAll().where("token_hash", "=", hash).executeTakeFirst();
}

export async function removeToken(db: Database, deviceId: string, role: string): Promise<boolean> {
  const result = await db
    .deleteFrom("device_tokens")
    .where("device_id", "=", deviceId)
    .where("role", "=", role)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

export async function touchToken(db: Database, hash: string, now: number): Promise<void> {
  await commitWithoutFlush(db, (trx) =>
    trx.updateTable("device_tokens").set({ last_used_at: now }).where("token_hash", "=", hash).execute(),
  );
}

/** Pending requests that have not expired, oldest first. */
export async function listPending(db: Database, now: number): Promise<PairingRequestRecord[]> {
  return db
    .selectFrom("pairing_requests")
    .selectAll()
    .where("state", "=", "pending")
    .where("expires_at", ">", now)
    .orderBy("created_at")
    .execute();
}

export async function insertPairingRequest(db: Database, request: PairingRequestRecord): Promise<void> {
  await db.insertInto("pairing_requests").values(request).execute();
}

/** Takes a pending request out of the world, exactly once. @returns the row, or undefined when it was not pending */
export async function claimPairingRequest(
  db: Database,
  requestId: string,
  state: "approved" | "rejected" | "expired",
  now: number,
): Promise<PairingRequestRecord | undefined> {
  return db
    .updateTable("pairing_requests")
    .set({ state })
    .where("request_id", "=", requestId)
    .where("state", "=", "pending")
    .where("expires_at", ">", now)
    .returningAll()
    .executeTakeFirst();
}

/** Marks what ran out as expired and forgets what ended long ago. @returns those that just expired */
export async function expirePairingRequests(db: Database, now: number): Promise<PairingRequestRecord[]> {
  await db
    .deleteFrom("pairing_requests")
    .where("state", "!=", "pending")
    .where("expires_at", "<", now - 86_400_000)
    .execute();
  return db
    .updateTable("pairing_requests")
    .set({ state: "expired" })
    .where("state", "=", "pending")
    .where("expires_at", "<=", now)
    .returningAll()
    .execute();
}
