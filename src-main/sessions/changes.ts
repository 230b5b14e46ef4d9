/**
 * Keeps what tools change in files, before they do, and undoes it: the old content comes back if the file still is as the
 * change left it. An undoing is a change itself, so it can be undone too. Must never write over what came after, unless
 * told, and never undo one file of a call without the others.
 */
import type { Clock } from "#main/base/clock.ts";
import { commitChanges, readBefore, sha256, toShownFiles, type Change } from "#main/base/confined/changes.ts";
import { withConfined, type ConfinedFiles } from "#main/base/confined-files.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { messageOf, Refused } from "#main/base/errors.ts";
import { createId } from "#main/base/ids.ts";
import { Lane } from "#main/base/lane.ts";
import type { Logger } from "#main/base/logger.ts";
import type { ChangeRow } from "#main/protocol/methods/changes.ts";
import {
  insertChange,
  listChanges,
  markUndone,
  pruneChanges,
  readContentBefore,
  type ChangeRecord,
} from "#main/store/changes.ts";
import type { Database } from "#main/store/database.ts";
import type { FileChange } from "#main/tools/contract.ts";

/** Bytes of a file that are kept. */
const MAX_KEPT_FILE = 10 * 1024 * 1024;
const MAX_KEPT = 500 * 1024 * 1024;
const MAX_AGE_MS = 30 * 24 * 3_600_000;
const PRUNE_EVERY_MS = 6 * 3_600_000;
/** Files of one call: as many as a patch may name, twice for renames. */
const MAX_PER_CALL = 500;
const LISTED = 100;
const MB = 1024 * 1024;

/** By whom and where a change is made. */
export interface ChangePlace {
  sessionKey: string;
  runId: string;
  callId: string;
  tool: string;
  /** Absolute. */
  workspace: string;
}

export interface UndoRequest {
  changeId?: string | undefined;
  /** All changes of a call, which several runs may name alike: then `runId` is needed. */
  callId?: string | undefined;
  runId?: string | undefined;
  /** Also over what came after. */
  force?: boolean | undefined;
}

export interface Changes extends Disposable {
  /** Keeps a change, durably. Throws Refused when it cannot be kept: then nothing may be changed. */
  record(place: ChangePlace, change: FileChange): Promise<void>;
  /** Newest first. */
  list(query: {
    sessionKey?: string | undefined;
    callId?: string | undefined;
    limit?: number | undefined;
  }): Promise<ChangeRow[]>;
  /** Throws Refused, in words, when there is nothing to undo or a file is not as it was left. @returns what was undone */
  undo(request: UndoRequest): Promise<ChangeRow[]>;
}

export interface ChangesDeps {
  db: Database;
  clock: Clock;
  log: Logger;
  /** Closed to undoing as to tools. */
  protectedPaths?: readonly string[];
}

export function createChanges(deps: ChangesDeps): Changes {
  const { db, clock, log } = deps;
  const lane = new Lane();
  let keptSincePrune = 0;
  const prune = async () => {
    keptSincePrune = 0;
    try {
      await pruneChanges(db, { before: clock.now() - MAX_AGE_MS, maxBytes: MAX_KEPT });
    } catch (error) {
      log.warn("old file changes could not be forgotten", { error: messageOf(error) });
    }
  };
  const timer = clock.every(PRUNE_EVERY_MS, () => void lane.run(prune).catch(() => {}));
  const record = async (place: ChangePlace, change: FileChange, undoes: readonly string[] | null = null) => {
    await insertChange(db, toRecord(place, change, { at: clock.now(), undoes }), change.before);
    keptSincePrune += change.before?.length ?? 0;
    if (keptSincePrune > MAX_KEPT / 10) await prune();
  };
  return {
    record: (place, change) => record(place, change),
    async list({ sessionKey, callId, limit = LISTED }) {
      return (await listChanges(db, { sessionKey, callId, limit })).map(toRow);
    },
    // One after the other: two undoings of one change would each see it not yet undone.
    undo: (request) => lane.run(() => undoChanges(deps, request, record)),
    dispose: () => timer.dispose(),
  };
}

function toRecord(
  place: ChangePlace,
  { path, before, after }: FileChange,
  { at, undoes }: { at: number; undoes: readonly string[] | null },
): Omit<ChangeRecord, "seq" | "undone_at"> {
  if ((before?.length ?? 0) > MAX_KEPT_FILE) {
    throw refuse(
      `'${path}' has ${before?.length} bytes; files over ${MAX_KEPT_FILE / MB} MB cannot be kept for undoing, so nothing was changed.`,
    );
  }
  return {
    change_id: createId("chg"),
    session_key: place.sessionKey,
    run_id: place.runId,
    call_id: place.callId,
    tool: place.tool,
    workspace: place.workspace,
    path,
    kind: before === null ? "created" : after === null ? "removed" : "changed",
    before_sha: before === null ? null : sha256(before),
    after_sha: after === null ? null : sha256(after),
    bytes_before: before?.length ?? 0,
    bytes_after: after?.length ?? 0,
    at,
    undoes: undoes === null ? null : JSON.stringify(undoes),
  };
}

function toRow(record: ChangeRecord): ChangeRow {
  return {
    changeId: record.change_id,
    path: record.path,
    kind: record.kind === "created" || record.kind === "removed" ? record.kind : "changed",
    sessionKey: record.session_key,
    runId: record.run_id,
    callId: record.call_id,
    tool: record.tool,
    at: record.at,
    bytesBefore: record.bytes_before,
    bytesAfter: record.bytes_after,
    ...(record.undone_at === null ? {} : { undoneAt: record.undone_at }),
  };
}

type Keep = (place: ChangePlace, change: FileChange, undoes: readonly string[]) => Promise<void>;

async function undoChanges(deps: ChangesDeps, request: UndoRequest, record: Keep): Promise<ChangeRow[]> {
  const { db, clock, protectedPaths = [] } = deps;
  const records = await findToUndo(db, request);
  const [newest] = records;
  if (newest === undefined) throw refuse("There is no such change; it may be older than 30 days.");
  const place = {
    sessionKey: newest.session_key,
    runId: newest.run_id,
    callId: createId("undo"),
    tool: "undo",
    workspace: newest.workspace,
  };
  await withConfined(newest.workspace, { denied: protectedPaths }, async (files) => {
    const steps = await toSteps(db, files, { records, force: request.force === true });
    const keep = async (change: Change) => {
      const { before, after } = change;
      const undoes = steps.find((step) => step.change === change)?.undoes ?? [];
      await record(place, { path: before.relative, before: before.bytes, after }, undoes);
    };
    const changes = steps.map(({ change }) => change).filter(isNeeded);
    await commitChanges(files, changes, { shown: toShownFiles(files, changes), keep });
  });
  const now = clock.now();
  await db.transaction().execute(async (trx) => {
    await markUndone(trx, idsOf(records), now);
    // Undoing an undoing puts what it undid in force again.
    for (const { undoes } of records) if (undoes !== null) await markUndone(trx, JSON.parse(undoes) as string[], null);
  });
  return records.map((one) => toRow({ ...one, undone_at: now }));
}

/** Newest first. */
async function findToUndo(db: Database, { changeId, callId, runId }: UndoRequest): Promise<ChangeRecord[]> {
  if ((changeId === undefined) === (callId === undefined)) throw refuse("Name either a change or a call to undo.");
  const found = await listChanges(db, { changeId, callId, runId, limit: MAX_PER_CALL });
  if (new Set(found.map((one) => `${one.run_id}\n${one.workspace}`)).size > 1) {
    throw refuse("Several runs have a call of that name; name the run too, or undo change by change.");
  }
  const open = found.filter((one) => one.undone_at === null);
  if (found.length > 0 && open.length === 0) throw refuse("That is undone already.");
  return open;
}

interface Step {
  change: Change;
  undoes: readonly string[];
}

/** One step a file: from what the newest change left to what the oldest one found. */
async function toSteps(
  db: Database,
  files: ConfinedFiles,
  { records, force }: { records: readonly ChangeRecord[]; force: boolean },
): Promise<Step[]> {
  const steps: Step[] = [];
  const differs: string[] = [];
  for (const path of new Set(records.map((one) => one.path))) {
    const own = records.filter((one) => one.path === path);
    const [newest, oldest] = [own[0], own.at(-1)];
    if (newest === undefined || oldest === undefined) continue;
    const before = await readBefore(files, path);
    const now = before.bytes === null ? null : sha256(before.bytes);
    const after = oldest.before_sha === null ? null : await readContentBefore(db, oldest.change_id);
    if (oldest.before_sha !== null && (after === null || sha256(after) !== oldest.before_sha)) {
      throw refuse(`What '${path}' held before is no longer kept; it cannot be undone.`);
    }
    const isLeft = before.relative === path && (now === newest.after_sha || now === oldest.before_sha);
    if (!isLeft && !force) differs.push(tellDifference(path, before.bytes, newest));
    steps.push({ change: { before, after }, undoes: idsOf(own) });
  }
  if (differs.length > 0) {
    throw refuse(
      `Nothing was undone, since files changed after that: ${differs.join("; ")}. Force it to put the old content back anyway.`,
    );
  }
  return steps;
}

function tellDifference(path: string, now: Uint8Array | null, { after_sha, bytes_after }: ChangeRecord): string {
  const is = now === null ? "is gone" : `has ${now.length} bytes now`;
  return `'${path}' ${is}, but ${after_sha === null ? "was removed" : `was left with ${bytes_after} bytes`}`;
}

/** A file that already is as it was needs nothing: a crash came between undoing and marking, or somebody did it by hand. */
function isNeeded({ before, after }: Change): boolean {
  if (before.bytes === null || after === null) return before.bytes !== null || after !== null;
  return !before.bytes.equals(after);
}

function idsOf(records: readonly ChangeRecord[]): string[] {
  return records.map((one) => one.change_id);
}

function refuse(message: string): Refused {
  return new Refused("INVALID_REQUEST", message);
}
