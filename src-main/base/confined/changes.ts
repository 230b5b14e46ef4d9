/**
 * Several files changed as one: looked at, shown, checked again, kept for undoing, then written, or nothing. What is
 * written is what was shown: a file that is not as it was when planned stops everything before the first write.
 */
import { hash } from "node:crypto";
import { withWorkspace, type ConfinedFiles, type FileState, type Found, type Workspace } from "../confined-files.ts";
import { messageOf, Refused, refuse } from "../errors.ts";
import type { FileIdentity } from "../process/program.ts";
import { textOfBytes, unifiedDiff } from "../text/diff.ts";
import { refusePath } from "./names.ts";

/** Bytes of one file that can be changed: what it was is kept for undoing. */
export const MAX_CHANGED = 10 * 1024 * 1024;
/** Lines of a diff on a card, all files together. */
const MAX_DIFF_LINES = 400;

/** A file before it is changed. */
export interface Before extends Found {
  kind: "missing" | "file";
  /** Null: it does not exist. */
  bytes: Buffer | null;
}

/** One file of a change. */
export interface Change {
  before: Before;
  /** Null: the file is removed. */
  after: Uint8Array | null;
  /** The file that it takes its content and permissions from, when it is renamed. */
  renamedFrom?: Before;
}

export function sha256(bytes: Uint8Array): string {
  return hash("sha256", bytes);
}

/** What a file is now. Throws Refused for what cannot be changed: folders, specials, over 10 MB. */
export async function readBefore(files: ConfinedFiles, path: string): Promise<Before> {
  const found = await files.look(path);
  if (found.kind === "missing") return { ...found, kind: "missing", bytes: null };
  if (found.kind === "folder") throw refusePath(path, "is a folder");
  return { ...(await files.read(path, MAX_CHANGED)), kind: "file" };
}

/** Text of a file, for tools that change text. Throws Refused when it is none. */
export function textOfFile(bytes: Uint8Array, path: string): string {
  const text = textOfBytes(bytes);
  if (text !== undefined) return text;
  const what = bytes.includes(0) ? "is a binary file" : "is not valid UTF-8";
  throw refusePath(path, `${what} (${bytes.length} bytes); only text can be changed this way`);
}

/** The files a plan is bound to: each as it is now, and the workspace itself. */
export function toShownFiles(files: ConfinedFiles, changes: readonly Change[]): FileIdentity[] {
  return [
    { path: files.root, identity: files.identity },
    ...changes.map(({ before }) => ({
      path: before.real,
      ...(before.state === undefined ? {} : { identity: before.state.identity }),
      ...(before.bytes === null ? {} : { sha256: sha256(before.bytes) }),
    })),
  ];
}

export function toDiff(changes: readonly Change[]): string {
  const sources = new Set(changes.map((change) => change.renamedFrom?.real));
  const parts: string[] = [];
  let room = MAX_DIFF_LINES;
  for (const [index, { before, after, renamedFrom }] of changes.entries()) {
    if (after === null && sources.has(before.real)) continue;
    if (room <= 0) {
      parts.push(`(and ${changes.length - index} more files)`);
      break;
    }
    const old = renamedFrom ?? before;
    const diff = unifiedDiff(
      { path: old.relative, content: old.bytes },
      { path: before.relative, content: after },
      room,
    );
    room -= diff.split("\n").length;
    if (diff !== "") parts.push(diff);
  }
  return parts.join("\n");
}

/** What a tool is about to change: for the card, for the disk, and what the model reads afterwards. */
export interface WorkedOut {
  changes: readonly Change[];
  summary: string;
  done: string;
}

/** The plan of a tool that changes files. */
export function planChanges(world: Workspace, workOut: (files: ConfinedFiles) => Promise<WorkedOut>) {
  return withWorkspace(world, async (files) => {
    const { changes, summary } = await workOut(files);
    return { summary, files: toShownFiles(files, changes), diff: toDiff(changes) };
  });
}

/** Works the same change out again and makes it, when it still is what `shown` says. Throws like `commitChanges`. */
export function makeChanges(
  world: Workspace & {
    recordChange(change: Pick<Change, "after"> & { path: string; before: Buffer | null }): Promise<void>;
  },
  shown: readonly FileIdentity[] | undefined,
  workOut: (files: ConfinedFiles) => Promise<WorkedOut>,
): Promise<{ text: string }> {
  return withWorkspace(world, async (files) => {
    const { changes, done } = await workOut(files);
    const keep = ({ before, after }: Change) =>
      world.recordChange({ path: before.relative, before: before.bytes, after });
    await commitChanges(files, changes, { shown, keep });
    return { text: done };
  });
}

/**
 * Makes the changes, all or none. Throws Refused when a file is not as shown, and whatever keeping or writing throws,
 * after putting back what was already written.
 * @param shown the files of the plan that was allowed; undefined counts as not shown
 * @param keep called for every change before the first is made
 */
export async function commitChanges(
  files: ConfinedFiles,
  changes: readonly Change[],
  { shown, keep }: { shown: readonly FileIdentity[] | undefined; keep: (change: Change) => Promise<void> },
): Promise<void> {
  checkShown(toShownFiles(files, changes), shown ?? []);
  for (const change of changes) await keep(change);
  const done: Done[] = [];
  // Writes first: a crash in the middle of a rename leaves both files, not none.
  const ordered = [...changes.filter(({ after }) => after !== null), ...changes.filter(({ after }) => after === null)];
  try {
    for (const change of ordered) done.push(await makeChange(files, change));
  } catch (error) {
    const stuck = await rollBack(files, done);
    if (stuck.length === 0) throw error;
    const what = `${messageOf(error)} These files were changed already and could not be put back: ${stuck.join(", ")}.`;
    throw new Refused("UNAVAILABLE", what, { cause: error });
  }
}

/** A change that was made: what the file is now, null when it was removed, and the folders made for it. */
interface Done {
  change: Change;
  state: FileState | null;
  made: readonly string[];
}

function checkShown(now: readonly FileIdentity[], shown: readonly FileIdentity[]): void {
  for (const file of now) {
    const was = shown.find(({ path }) => path === file.path);
    if (was !== undefined && was.identity === file.identity && was.sha256 === file.sha256) continue;
    throw refuse(
      `The file changed since it was shown; nothing was written. Look at it again: '${file.path.toWellFormed()}'.`,
    );
  }
}

async function makeChange(files: ConfinedFiles, change: Change): Promise<Done> {
  const { before, after, renamedFrom } = change;
  if (after !== null) {
    const mode = before.state?.mode ?? renamedFrom?.state?.mode;
    return { change, ...(await files.write(before.relative, after, before.state ?? null, mode)) };
  }
  if (before.state !== undefined) await files.remove(before.relative, before.state);
  return { change, state: null, made: [] };
}

/** Puts back what was there, last first. @returns paths where that failed */
async function rollBack(files: ConfinedFiles, done: Done[]): Promise<string[]> {
  const stuck: string[] = [];
  for (const { change, state, made } of done.reverse()) {
    const { bytes, relative, state: was } = change.before;
    try {
      if (bytes !== null) await files.write(relative, bytes, state, was?.mode);
      else if (state !== null) await files.remove(relative, state);
      await files.removeEmpty(made);
    } catch {
      stuck.push(relative);
    }
  }
  return stuck;
}
