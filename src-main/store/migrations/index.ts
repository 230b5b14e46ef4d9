/** All migrations, in order. A name, once released, never changes and is never taken out. */
import type { Kysely } from "kysely";
import { start } from "./001-start.ts";
import { changes } from "./002-changes.ts";
import { approvals } from "./003-approvals.ts";
import { audit } from "./004-audit.ts";
import { channels } from "./005-channels.ts";

export interface Migration {
  /** `NNN-name`, unique: what the database remembers. */
  name: string;
  /** Runs inside a transaction, after a backup. */
  up(db: Kysely<unknown>): Promise<void>;
}

export const MIGRATIONS: readonly Migration[] = [start, changes, approvals, audit, channels];
