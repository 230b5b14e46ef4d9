/**
 * Paired devices, their tokens, and requests that wait for the owner. Tokens are kept as hashes only; scopes come from
 * the pairing row, never from what a device says; nobody approves or mints wider than they hold.
 */
import type { Clock } from "#main/base/clock.ts";
import { Emitter } from "#main/base/emitter.ts";
import { Refused } from "#main/base/errors.ts";
import { createSecret, createUuid } from "#main/base/ids.ts";
import { Lane } from "#main/base/lane.ts";
import { coveredBy, isScope, type Scope } from "#main/protocol/scopes.ts";
import type { Database } from "#main/store/database.ts";
import * as rows from "#main/store/devices.ts";
import { toTokenHash } from "./secret-digest.ts";

/** Facts a device tells about itself when it asks. */
export interface DeviceFacts {
  deviceId: string;
  publicKey: string;
  displayName?: string | undefined;
  platform?: string | undefined;
  deviceFamily?: string | undefined;
  clientId?: string | undefined;
}

export type PairingReason = "not-paired" | "role-upgrade" | "scope-upgrade" | "metadata-upgrade";

export interface PairedDeviceState {
  record: rows.DeviceRecord;
  roles: readonly string[];
  scopes: readonly Scope[];
}

export type DeviceChange =
  | { type: "requested"; request: rows.PairingRequestRecord }
  | { type: "resolved"; requestId: string; deviceId: string; decision: "approved" | "rejected" | "expired" }
  /** The device's live connections must go; with `role`, only those of that role. */
  | { type: "cut"; deviceId: string; role?: string };

/** What a device asks for. */
export interface PairingWish {
  role: string;
  scopes: readonly Scope[];
  reason: PairingReason;
  remoteAddress: string;
}

export interface DeviceLimits {
  requestSeconds: number;
  maxDevices: number;
  maxPendingDevices: number;
}

const TOKEN_LIFE_MS = 90 * 86_400_000;

export function parseScopes(json: string): Scope[] {
  return (JSON.parse(json) as string[]).filter(isScope);
}

export class Devices {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #limits: () => DeviceLimits;
  readonly #changes = new Emitter<DeviceChange>();
  /** Whatever reads and then writes: two at once would pass the same limit. */
  readonly #lane = new Lane();

  constructor(deps: { db: Database; clock: Clock; limits: () => DeviceLimits }) {
    this.#db = deps.db;
    this.#clock = deps.clock;
    this.#limits = deps.limits;
  }

  readonly onChange = (listener: (change: DeviceChange) => void) => this.#changes.on(listener);

  async find(deviceId: string): Promise<PairedDeviceState | undefined> {
    const record = await rows.findDevice(this.#db, deviceId);
    if (!record) return undefined;
    return { record, roles: JSON.parse(record.roles) as string[], scopes: parseScopes(record.scopes) };
  }

  async list(): Promise<{
    devices: rows.DeviceRecord[];
    tokens: rows.DeviceTokenRecord[];
    pending: rows.PairingRequestRecord[];
  }> {
    await this.expire();
    return {
      devices: await rows.listDevices(this.#db),
      tokens: await rows.listTokens(this.#db),
      pending: await rows.listPending(this.#db, this.#clock.now()),
    };
  }

  /** Pairs a device, or adds role and scopes to one that is paired. The least recently seen goes when there are too many. */
  pair(facts: DeviceFacts, role: string, scopes: readonly Scope[]): Promise<void> {
    return this.#lane.run(() => this.#pair(facts, role, scopes));
  }

  async #pair(facts: DeviceFacts, role: string, scopes: readonly Scope[]): Promise<void> {
    const now = this.#clock.now();
    const known = await this.find(facts.deviceId);
    if (known && known.record.public_key !== facts.publicKey) {
      throw new Refused("INVALID_REQUEST", "this device id is paired with another key");
    }
    if (!known) await this.#makeRoom();
    await rows.saveDevice(this.#db, {
      device_id: facts.deviceId,
      public_key: facts.publicKey,
      display_name: facts.displayName ?? known?.record.display_name ?? null,
      platform: facts.platform ?? null,
      device_family: facts.deviceFamily ?? null,
      client_id: facts.clientId ?? null,
      roles: JSON.stringify([...new Set([...(known?.roles ?? []), role])]),
      scopes: JSON.stringify([...new Set([...(known?.scopes ?? []), ...scopes])]),
      created_at: known?.record.created_at ?? now,
      approved_at: now,
      last_seen_at: known?.record.last_seen_at ?? null,
    });
  }

  async #makeRoom(): Promise<void> {
    const devices = await rows.listDevices(this.#db);
    if (devices.length < this.#limits().maxDevices) return;
    const seen = (device: rows.DeviceRecord) => device.last_seen_at ?? device.approved_at;
    const oldest = devices.reduce((a, b) => (seen(a) <= seen(b) ? a : b));
    await this.#remove(oldest.device_id);
  }

  /** Asks the owner. The same device asking the same again gets the request that is pending. */
  request(facts: DeviceFacts, wanted: PairingWish): Promise<rows.PairingRequestRecord> {
    return this.#lane.run(() => this.#request(facts, wanted));
  }

  async #request(facts: DeviceFacts, wanted: PairingWish): Promise<rows.PairingRequestRecord> {
    await this.expire();
    const now = this.#clock.now();
    const scopes = JSON.stringify([...wanted.scopes].sort());
    const pending = await rows.listPending(this.#db, now);
    const superseded = pending.filter((row) => row.device_id === facts.deviceId && row.role === wanted.role);
    const same = superseded.find((row) => row.scopes === scopes);
    if (same) return same;
    for (const row of superseded) {
      await rows.claimPairingRequest(this.#db, row.request_id, "expired", now);
      this.#resolved(row, "expired");
    }
    const limits = this.#limits();
    if (pending.length - superseded.length >= limits.maxPendingDevices) {
      throw new Refused("RATE_LIMITED", "too many devices wait for approval; approve or reject some first", {
        retryAfterMs: limits.requestSeconds * 1000,
      });
    }
    const request: rows.PairingRequestRecord = {
      request_id: createUuid(),
      device_id: facts.deviceId,
      public_key: facts.publicKey,
      display_name: facts.displayName ?? null,
      platform: facts.platform ?? null,
      device_family: facts.deviceFamily ?? null,
      client_id: facts.clientId ?? null,
      remote_address: wanted.remoteAddress,
      role: wanted.role,
      scopes,
      reason: wanted.reason,
      state: "pending",
      created_at: now,
      expires_at: now + limits.requestSeconds * 1000,
    };
    await rows.insertPairingRequest(this.#db, request);
    this.#changes.emit({ type: "requested", request });
    return request;
  }

  /** Throws Refused with one and the same text for unknown, resolved and too wide, so that nothing can be learned. */
  async approve(requestId: string, held: ReadonlySet<Scope>): Promise<PairedDeviceState> {
    const now = this.#clock.now();
    const pending = (await rows.listPending(this.#db, now)).find((row) => row.request_id === requestId);
    if (!pending || !coveredBy(parseScopes(pending.scopes), held)) throw refuseRequest();
    const claimed = await this.#claim(requestId, "approved");
    const granted = parseScopes(claimed.scopes);
    const facts: DeviceFacts = {
      deviceId: claimed.device_id,
      publicKey: claimed.public_key,
      displayName: claimed.display_name ?? undefined,
      platform: claimed.platform ?? undefined,
      deviceFamily: claimed.device_family ?? undefined,
      clientId: claimed.client_id ?? undefined,
    };
    await this.pair(facts, claimed.role, granted);
    await this.#widenToken(claimed.device_id, claimed.role, granted);
    this.#resolved(claimed, "approved");
    const paired = await this.find(claimed.device_id);
    if (!paired) throw refuseRequest();
    return paired;
  }

  /** A token that the device holds already gets what was approved now; it cannot ask for another one without it. */
  async #widenToken(deviceId: string, role: string, scopes: readonly Scope[]): Promise<void> {
    const token = (await rows.listTokens(this.#db, deviceId)).find((row) => row.role === role);
    if (!token) return;
    const all = [...new Set([...parseScopes(token.scopes), ...scopes])];
    await rows.saveToken(this.#db, { ...token, scopes: JSON.stringify(all) });
  }

  async reject(requestId: string): Promise<{ deviceId: string }> {
    const claimed = await this.#claim(requestId, "rejected");
    this.#resolved(claimed, "rejected");
    return { deviceId: claimed.device_id };
  }

  async #claim(requestId: string, decision: "approved" | "rejected"): Promise<rows.PairingRequestRecord> {
    const claimed = await rows.claimPairingRequest(this.#db, requestId, decision, this.#clock.now());
    if (!claimed) throw refuseRequest();
    return claimed;
  }

  #resolved(row: rows.PairingRequestRecord, decision: "approved" | "rejected" | "expired"): void {
    this.#changes.emit({ type: "resolved", requestId: row.request_id, deviceId: row.device_id, decision });
  }

  /**
   * Forgets a device with its tokens and cuts its connections.
   * @param held what the caller holds. Throws Refused, with one text for unknown and for wider than that.
   */
  async remove(deviceId: string, held: ReadonlySet<Scope>): Promise<void> {
    await this.#requireCovered(deviceId, held);
    if (!(await this.#remove(deviceId))) throw refuseDevice();
  }

  async #remove(deviceId: string): Promise<boolean> {
    const removed = await rows.removeDevice(this.#db, deviceId);
    if (removed) this.#changes.emit({ type: "cut", deviceId });
    return removed;
  }

  /** Who holds less than a device may not take anything from it either. */
  async #requireCovered(deviceId: string, held: ReadonlySet<Scope>): Promise<void> {
    const device = await this.find(deviceId);
    if (!device || !coveredBy(device.scopes, held)) throw refuseDevice();
  }

  /** Makes a token for a device in a role, replacing the one before. The only time that the token itself exists here. */
  async issueToken(
    deviceId: string,
    role: string,
    scopes: readonly Scope[],
  ): Promise<{ token: string; issuedAtMs: number }> {
    const now = this.#clock.now();
    const token = createSecret();
    await rows.saveToken(this.#db, {
      device_id: deviceId,
      role,
      token_hash: toTokenHash(token),
      scopes: JSON.stringify(scopes),
      created_at: now,
      expires_at: now + TOKEN_LIFE_MS,
      last_used_at: null,
    });
    return { token, issuedAtMs: now };
  }

  async hasToken(deviceId: string, role: string): Promise<boolean> {
    const now = this.#clock.now();
    return (await rows.listTokens(this.#db, deviceId)).some((row) => row.role === role && row.expires_at > now);
  }

  /** The row of a token that counts: known, not expired, its device still paired. */
  async findToken(token: string): Promise<rows.DeviceTokenRecord | undefined> {
    const row = await rows.findTokenByHash(this.#db, toTokenHash(token));
    return row && row.expires_at > this.#clock.now() ? row : undefined;
  }

  /** Seen now. @param tokenHash the token it came with */
  async touch(deviceId: string, tokenHash?: string): Promise<void> {
    const now = this.#clock.now();
    await rows.touchDevice(this.#db, deviceId, now);
    if (tokenHash !== undefined) await rows.touchToken(this.#db, tokenHash, now);
  }

  /** A new token in place of the old, never wider than the device is paired for or than the caller holds. */
  async rotate(
    deviceId: string,
    role: string,
    scopes: readonly Scope[] | undefined,
    held: ReadonlySet<Scope>,
  ): Promise<{ token: string; scopes: Scope[]; rotatedAtMs: number }> {
    const device = await this.find(deviceId);
    const current = (await rows.listTokens(this.#db, deviceId)).find((row) => row.role === role);
    const wanted = [...(scopes ?? (current ? parseScopes(current.scopes) : (device?.scopes ?? [])))];
    const allowed =
      device?.roles.includes(role) === true && coveredBy(wanted, new Set(device.scopes)) && coveredBy(wanted, held);
    if (!allowed)
      throw new Refused("FORBIDDEN", "this token cannot be rotated: unknown device or role, or scopes too wide");
    const issued = await this.issueToken(deviceId, role, wanted);
    this.#changes.emit({ type: "cut", deviceId, role });
    return { token: issued.token, scopes: wanted, rotatedAtMs: issued.issuedAtMs };
  }

  /** Throws Refused like `remove`. */
  async revoke(deviceId: string, role: string, held: ReadonlySet<Scope>): Promise<{ revokedAtMs: number }> {
    await this.#requireCovered(deviceId, held);
    const removed = await rows.removeToken(this.#db, deviceId, role);
    if (!removed) throw refuseDevice();
    this.#changes.emit({ type: "cut", deviceId, role });
    return { revokedAtMs: this.#clock.now() };
  }

  /** Ends requests whose time is over. */
  async expire(): Promise<void> {
    for (const row of await rows.expirePairingRequests(this.#db, this.#clock.now())) {
      this.#resolved(row, "expired");
    }
  }
}

function refuseDevice(): Refused {
  return new Refused(
    "INVALID_REQUEST",
    "this cannot be done: the device or its token is unknown, or holds more than you",
  );
}

function refuseRequest(): Refused {
  return new Refused(
    "INVALID_REQUEST",
    "this request cannot be answered: it is unknown, already answered, expired, or asks for more than you hold",
  );
}
