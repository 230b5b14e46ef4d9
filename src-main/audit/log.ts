/**
 * Writes the record, one entry after another, and proves it. An entry is committed before its append resolves. Where no
 * key can be kept, values are kept in the open and say so: the chain holds all the same.
 */
import type { Clock } from "#main/base/clock.ts";
import { createId } from "#main/base/ids.ts";
import { Lane } from "#main/base/lane.ts";
import type { AuditEntry } from "#main/protocol/methods/audit.ts";
import type { Database } from "#main/store/database.ts";
import * as rows from "#main/store/audit.ts";
import { readArchives, writeArchive } from "./archive.ts";
import type { Audit, AuditEvent } from "./contract.ts";
import { GENESIS, isHeadMac, open, seal, toChainHash, toHeadMac, type AuditKey } from "./seal.ts";

/** Rows kept in the database; beyond it the older half goes to an archive. */
const MAX_ROWS = 100_000;
const MAX_DATA_CHARS = 3072;
const MAX_MESSAGE_CHARS = 1000;
const PAGE = 1000;
/** Key id of entries whose values are in the open. */
const NO_KEY = "none";

export interface AuditVerdict {
  ok: boolean;
  entries: number;
  broken?: { seq: number; id: string; reason: string };
}

export interface AuditDeps {
  db: Database;
  clock: Clock;
  /** Undefined: no key can be kept. */
  key: AuditKey | undefined;
  /** Absolute folder for archives. */
  archiveDir: string;
  maxRows?: number;
  /** Cuts secrets out of what is written: an entry stays for ever, and can be exported. */
  redact(text: string): string;
}

export class AuditLog implements Audit {
  readonly #deps: AuditDeps;
  readonly #lane = new Lane();
  #head: { seq: number; hash: string };
  #sinceCount = 0;

  private constructor(deps: AuditDeps, head: { seq: number; hash: string }) {
    this.#deps = deps;
    this.#head = head;
  }

  static async start(deps: AuditDeps): Promise<AuditLog> {
    const head = await rows.readAuditHead(deps.db);
    return new AuditLog(deps, head ? { seq: head.seq, hash: head.hash } : { seq: 0, hash: GENESIS });
  }

  append(event: AuditEvent): Promise<void> {
    return this.#lane.run(() => this.#append(event));
  }

  /** Newest first, values opened. */
  async list(filter: rows.AuditFilter, page: { limit: number; cursor?: number | undefined }): Promise<AuditEntry[]> {
    return (await rows.pageAudit(this.#deps.db, filter, page)).map((record) => this.#toEntry(record));
  }

  /** Walks the whole record, archives first. Names the first entry that does not hold. */
  async verify(): Promise<AuditVerdict> {
    const state = { entries: 0, seq: 0, hash: GENESIS };
    const check = (record: rows.AuditRecord) => {
      const reason = this.#checkEntry(record, state);
      if (reason !== undefined)
        return { ok: false, entries: state.entries, broken: { seq: record.seq, id: record.id, reason } };
      state.entries += 1;
      state.seq = record.seq;
      state.hash = record.hash;
      return undefined;
    };
    for await (const record of readArchives(this.#deps.archiveDir)) {
      const verdict = check(record);
      if (verdict) return verdict;
    }
    for (;;) {
      const page = await rows.readAuditAfter(this.#deps.db, state.seq, PAGE);
      for (const record of page) {
        const verdict = check(record);
        if (verdict) return verdict;
      }
      if (page.length < PAGE) break;
    }
    return this.#checkHead(state);
  }

  #checkEntry(record: rows.AuditRecord, before: { seq: number; hash: string }): string | undefined {
    if (record.seq !== before.seq + 1) return `entry ${before.seq + 1} is missing`;
    if (record.prev_hash !== before.hash) return "it does not follow the entry before it";
    if (toChainHash(record) !== record.hash) return "its content was altered";
    const { key } = this.#deps;
    if (key === undefined || record.key_id !== key.id) return undefined;
    try {
      open(key, record);
      return undefined;
    } catch {
      return "its value was altered";
    }
  }

  async #checkHead(state: { entries: number; seq: number; hash: string }): Promise<AuditVerdict> {
    const head = await rows.readAuditHead(this.#deps.db);
    const { key } = this.#deps;
    const broken = (reason: string): AuditVerdict => ({
      ok: false,
      entries: state.entries,
      broken: { seq: state.seq + 1, id: "", reason },
    });
    if (!head) return state.entries === 0 ? { ok: true, entries: 0 } : broken("the head of the record is missing");
    if (head.seq !== state.seq || head.hash !== state.hash) return broken(`entries after ${state.seq} are missing`);
    if (key !== undefined && head.mac !== NO_KEY && !isHeadMac(key, head.seq, head.hash, head.mac)) {
      return broken("the head of the record was altered");
    }
    return { ok: true, entries: state.entries };
  }

  async #append(event: AuditEvent): Promise<void> {
    const { db, clock, key, redact } = this.#deps;
    const place = { seq: this.#head.seq + 1, id: createId("aud"), type: event.type };
    // Cut out first, then to length: half a secret is not known as one.
    const message = redact(event.message).slice(0, MAX_MESSAGE_CHARS).toWellFormed();
    const value = { message, data: toBounded(redactAll(event.data, redact)) };
    const { nonce, sealed } =
      key === undefined
        ? { nonce: Buffer.alloc(0), sealed: Buffer.from(JSON.stringify(value), "utf8") }
        : seal(key, place, value);
    const record: Omit<rows.AuditRecord, "hash"> = {
      ...place,
      ts: clock.now(),
      level: event.level ?? "info",
      actor: event.actor,
      target: event.target === undefined ? null : redact(event.target),
      session_key: event.sessionKey ?? null,
      correlation_id: event.correlationId ?? null,
      key_id: key?.id ?? NO_KEY,
      nonce,
      sealed,
      prev_hash: this.#head.hash,
    };
    const hash = toChainHash(record);
    const mac = key === undefined ? NO_KEY : toHeadMac(key, place.seq, hash);
    await rows.appendAudit(db, { ...record, hash }, { seq: place.seq, hash, mac });
    this.#head = { seq: place.seq, hash };
    this.#sinceCount += 1;
    if (this.#sinceCount >= 1000) await this.#rotateIfLarge();
  }

  /** Moves the older half to an archive: written and synced before the rows go. Order and chain stay. */
  async #rotateIfLarge(): Promise<void> {
    this.#sinceCount = 0;
    const max = this.#deps.maxRows ?? MAX_ROWS;
    const count = await rows.countAudit(this.#deps.db);
    if (count <= max) return;
    const first = (await rows.readAuditAfter(this.#deps.db, 0, 1))[0]?.seq ?? 1;
    const old = await rows.readAuditAfter(this.#deps.db, first - 1, Math.floor(max / 2));
    const last = old.at(-1);
    if (!last) return;
    await writeArchive(this.#deps.archiveDir, old);
    await rows.dropAuditThrough(this.#deps.db, last.seq);
    await this.#append({
      type: "audit.rotated",
      actor: "system",
      message: `entries ${first} to ${last.seq} moved to an archive`,
    });
  }

  #toEntry(record: rows.AuditRecord): AuditEntry {
    const { message, data } = this.#read(record);
    return {
      seq: record.seq,
      id: record.id,
      ts: record.ts,
      type: record.type,
      level: record.level,
      actor: record.actor,
      ...(record.target === null ? {} : { target: record.target }),
      ...(record.session_key === null ? {} : { sessionKey: record.session_key }),
      ...(record.correlation_id === null ? {} : { correlationId: record.correlation_id }),
      message,
      ...(data === undefined ? {} : { data }),
    };
  }

  #read(record: rows.AuditRecord): { message: string; data?: unknown } {
    const { key } = this.#deps;
    try {
      if (record.key_id === NO_KEY)
        return JSON.parse(Buffer.from(record.sealed).toString("utf8")) as { message: string };
      if (key?.id === record.key_id) return open(key, record) as { message: string };
      return { message: "(sealed with a key that is not here)" };
    } catch {
      return { message: "(altered: it cannot be opened)" };
    }
  }
}

/** Every text in JSON values, at any depth. */
function redactAll<T>(value: T, redact: (text: string) => string): T {
  if (typeof value === "string") return redact(value) as T;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => redactAll(item, redact)) as T;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, redactAll(item, redact)])) as T;
}

function toBounded(data: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  if (data === undefined) return undefined;
  const json = JSON.stringify(data);
  return json.length <= MAX_DATA_CHARS ? data : { cut: json.slice(0, MAX_DATA_CHARS).toWellFormed() };
}
