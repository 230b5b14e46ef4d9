/**
 * The only assembly: builds the gateway by hand, in order, and returns one thing that stops it. Imports nothing of
 * Electron; the desktop app and `gatehouse serve` call it alike.
 */
import { setFlagsFromString } from "node:v8";
import { writeFileAtomic } from "./base/atomic-file.ts";
import { type Clock } from "./base/clock.ts";
import { DisposableStore, type Disposable } from "./base/disposable.ts";
import type { Logger } from "./base/logger.ts";
import * as paths from "./config/paths.ts";
import { OWNER_SCOPES } from "./protocol/scopes.ts";
import { dropResults } from "./store/approvals.ts";
import { pruneInbox } from "./store/channels/inbox.ts";
import { pruneOutbox } from "./store/channels/outbox.ts";
import { type OpenedDatabase } from "./store/database.ts";
import { pruneRuns } from "./store/runs.ts";
import { createSearchIndex } from "./store/search-index.ts";
import { purgeDeletedSessions } from "./store/sessions.ts";
import { layGround, toUrl, type ComposeOptions, type Ground } from "./compose/ground.ts";
import { furnish, type Rooms } from "./compose/rooms.ts";

export type { ComposeOptions };

/** A running gateway. */
export interface Gateway {
  /** `http://127.0.0.1:PORT` */
  url: string;
  port: number;
  log: Logger;
  /** A one-time code that pairs the owner's next window: two minutes, single use. */
  createBootstrapCode(): { code: string; expiresAtMs: number };
  readonly activity: { running: number; connected: number };
  onActivity(listener: () => void): Disposable;
  /** Settles when the gateway has closed, whoever asked for it. */
  closing: Promise<void>;
  /** Tells clients, lets running turns finish for a moment, closes. A second call waits for the first. */
  stop(reason: string): Promise<void>;
}

/** Running turns get this long to finish when the gateway stops; a restart answers the rest. */
const DRAIN_MS = 3000;
const HOUSEKEEPING_MS = 6 * 60 * 60 * 1000;
/** The first is well after the start, so that an app that is restarted every day keeps house too. */
const FIRST_HOUSEKEEPING_MS = 10 * 60 * 1000;
/** What a tool answered to an invocation may be asked for that long (contract.md). */
const KEEP_RESULTS_MS = 60 * 60 * 1000;
const KEEP_DELETED_MS = 30 * 86_400_000;
/** A larger database is not copied at each stop. */
const BACKUP_AT_STOP_BYTES = 256 * 1024 * 1024;

/**
 * Starts a gateway. Throws Refused: `LOCKED` with `{pid, url}` when one runs for this state directory, `PORT_IN_USE`,
 * `READ_ONLY`, `DISK_FULL`, `DB_NEWER`, `INSECURE_BIND`, each with what to do. Nothing is left running then.
 */
export async function compose(options: ComposeOptions): Promise<Gateway> {
  // A gateway runs for weeks beside other programs: memory is given back rather than kept for speed that nobody needs.
  // Measured over 2,000 turns: without it the process doubles while what it holds stays the same.
  setFlagsFromString("--optimize-for-size");
  const store = new DisposableStore();
  try {
    return await assemble(options, store);
  } catch (error) {
    await store.dispose();
    throw error;
  }
}

async function assemble(options: ComposeOptions, store: DisposableStore): Promise<Gateway> {
  const ground = await layGround(options, store);
  const rooms = await furnish(options, ground, store);
  const { log, clock, database } = ground;
  const { server } = rooms;
  const url = toUrl(ground.config, server.port);
  const socket = server.socketPath === undefined ? {} : { socketPath: server.socketPath };
  const info = { pid: process.pid, url, ...socket, startedAtMs: clock.now(), version: options.version };
  await writeFileAtomic(paths.lockPath(options.stateDir), `${JSON.stringify(info)}\n`);
  const keep = () => void keepHouse(database, clock, log);
  store.add(clock.every(HOUSEKEEPING_MS, keep));
  store.add(clock.after(FIRST_HOUSEKEEPING_MS, keep));
  const index = store.add(createSearchIndex({ db: database.db, clock, log }));
  store.add(rooms.events.on(index.touch));
  log.info("gateway ready", { url, model: rooms.providers.defaultRef });
  return toGateway(url, ground, rooms, store);
}

async function keepHouse(database: OpenedDatabase, clock: Clock, log: Logger): Promise<void> {
  try {
    await purgeDeletedSessions(database.db, clock.now() - KEEP_DELETED_MS);
    await pruneRuns(database.db, clock.now());
    await pruneInbox(database.db, clock.now());
    await pruneOutbox(database.db);
    await dropResults(database.db, clock.now() - KEEP_RESULTS_MS);
  } catch (error) {
    log.warn("housekeeping failed", { error });
  }
}

function toGateway(url: string, ground: Ground, rooms: Rooms, store: DisposableStore): Gateway {
  const { log, database } = ground;
  const { turns, codes, server, events, outbox } = rooms;
  let hasChanged = false;
  store.add(
    events.on(() => {
      hasChanged = true;
    }),
  );
  let close: () => void = () => {};
  const closing = new Promise<void>((resolve) => {
    close = resolve;
  });
  const shutDown = async (reason: string) => {
    log.info("gateway stopping", { reason });
    server.announceShutdown(reason);
    await turns.stop(DRAIN_MS);
    await outbox.drain(DRAIN_MS);
    server.closeAll();
    if (hasChanged && database.size() <= BACKUP_AT_STOP_BYTES) {
      await database.backup("stop").catch((error: unknown) => log.warn("no backup at stop", { error }));
    }
    await store.dispose();
    close();
  };
  let stopping: Promise<void> | undefined;
  return {
    url,
    port: server.port,
    log,
    createBootstrapCode: () => codes.create(OWNER_SCOPES),
    get activity() {
      return { running: turns.counts.running, connected: server.connected };
    },
    onActivity(listener) {
      const parts = [server.onConnections(listener), events.on(listener)];
      return { dispose: () => void parts.map((part) => part.dispose()) };
    },
    closing,
    stop(reason) {
      stopping ??= shutDown(reason);
      return stopping;
    },
  };
}
