/** Older entries as files, one JSON object a line, in order. Written whole and synced before the rows leave the database. */
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ensureDir, writeFileAtomic } from "#main/base/atomic-file.ts";
import { silentLogger } from "#main/base/logger.ts";
import type { AuditRecord } from "#main/store/audit.ts";

const NAME = /^audit-\d{12}-\d{12}\.jsonl$/;

function toLine(record: AuditRecord): string {
  const { nonce, sealed, ...rest } = record;
  const binary = { nonce: Buffer.from(nonce).toString("base64"), sealed: Buffer.from(sealed).toString("base64") };
  return `${JSON.stringify({ ...rest, ...binary })}\n`;
}

function fromLine(line: string): AuditRecord {
  const row = JSON.parse(line) as Omit<AuditRecord, "nonce" | "sealed"> & { nonce: string; sealed: string };
  return { ...row, nonce: Buffer.from(row.nonce, "base64"), sealed: Buffer.from(row.sealed, "base64") };
}

/** @param records in order, at least one. @returns the file's path */
export async function writeArchive(dir: string, records: readonly AuditRecord[]): Promise<string> {
  await ensureDir(dir, silentLogger);
  const number = (seq: number | undefined) => String(seq ?? 0).padStart(12, "0");
  const path = join(dir, `audit-${number(records[0]?.seq)}-${number(records.at(-1)?.seq)}.jsonl`);
  await writeFileAtomic(path, records.map(toLine).join(""));
  return path;
}

/** All archived entries, oldest first. A line that cannot be read ends it with an entry that cannot hold. */
export async function* readArchives(dir: string): AsyncGenerator<AuditRecord> {
  let names: string[];
  try {
    names = await readdir(dir);
  } catch {
    return;
  }
  for (const name of names.filter((one) => NAME.test(one)).sort()) {
    const lines = createInterface({ input: createReadStream(join(dir, name)), crlfDelay: Infinity });
    for await (const line of lines) if (line !== "") yield fromLine(line);
  }
}
