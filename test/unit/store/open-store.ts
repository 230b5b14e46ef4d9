/** A database in a folder of the running test, closed when the test ends. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { silentLogger } from "#main/base/logger.ts";
import type { Message } from "#main/protocol/messages.ts";
import { openDatabase, type Database, type DatabaseOptions, type OpenedDatabase } from "#main/store/database.ts";
import { listSessions } from "#main/store/sessions.ts";
import { createManualClock, type ManualClock } from "#test/fakes/manual-clock.ts";
import { tempState } from "#test/fakes/temp-state.ts";

export interface StorePlace {
  dir: string;
  path: string;
  backupsDir: string;
  clock: ManualClock;
  open(more?: Partial<DatabaseOptions>): Promise<OpenedDatabase>;
}

/** A place for a database; `open` may be called again once what it gave is closed. */
export function createPlace(): StorePlace {
  const dir = tempState();
  const clock = createManualClock();
  const place = { path: join(dir, "gatehouse.db"), backupsDir: join(dir, "backups") };
  mkdirSync(place.backupsDir);
  return {
    dir,
    ...place,
    clock,
    async open(more = {}) {
      const opened = await openDatabase({ ...place, clock, log: silentLogger, wasUnclean: false, ...more });
      let isOpen = true;
      const close = async () => {
        if (isOpen) await opened.close();
        isOpen = false;
      };
      onTestFinished(close);
      return { ...opened, close };
    },
  };
}

/** An open database in a place of its own. */
export async function openStore(): Promise<OpenedDatabase & { clock: ManualClock }> {
  const place = createPlace();
  return { ...(await place.open()), clock: place.clock };
}

/** Conversations that were not deleted. */
export async function countSessions(db: Database): Promise<number> {
  return (await listSessions(db, { limit: 0, offset: 0 })).total;
}

/** A message with a text, for tests that need nothing special. */
export function toMessage(id: string, text: string, more: Partial<Message> = {}): Message {
  return { id, role: "user", content: [{ type: "text", text }], timestamp: 1, ...more };
}
