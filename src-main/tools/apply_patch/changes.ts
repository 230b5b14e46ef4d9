/**
 * What a patch makes of the files as they are. Must never let two parts of a patch speak of one file unnoticed, under one
 * name or two.
 */
import { readBefore, textOfFile, type Before, type Change } from "#main/base/confined/changes.ts";
import type { ConfinedFiles } from "#main/base/confined-files.ts";
import { refuse } from "#main/base/errors.ts";
import { applyHunks, toNewText } from "./fit.ts";
import type { FilePatch } from "./patch.ts";

/** Bytes of a patched file. */
const MAX_RESULT = 10 * 1024 * 1024;

interface Target extends Change {
  after: Buffer;
}

/** Throws Refused, in words for the model, when a file is missing, in the way, or a hunk does not fit. */
export async function toChanges(files: ConfinedFiles, patches: readonly FilePatch[]): Promise<Change[]> {
  const sources = new Map<string, Before>();
  const targets = new Map<string, Target>();
  const read = async (path: string) => {
    const before = await readBefore(files, path);
    return { before, key: before.state?.identity ?? before.real };
  };
  for (const patch of patches) {
    const { before, key } = await read(patch.path);
    if (patch.kind === "add") {
      addTarget(targets, before, { path: patch.path, after: Buffer.from(toNewText(patch.hunks)) });
      continue;
    }
    if (before.bytes === null) throw refuse(`'${patch.path}' does not exist in the workspace.`);
    if (sources.has(key)) throw refuse(`'${patch.path}' is named twice in the patch; put its hunks in one section.`);
    sources.set(key, before);
    const after = toContent(before.bytes, patch);
    if (patch.kind === "delete") continue;
    if (patch.moveTo === undefined) {
      if (after.equals(before.bytes)) throw refuse(`The patch changes nothing in '${patch.path}'.`);
      addTarget(targets, before, { path: patch.path, after });
    } else {
      const target = await read(patch.moveTo);
      if (target.key === key) throw refuse(`'${patch.path}' and '${patch.moveTo}' are the same file here.`);
      addTarget(targets, target.before, { path: patch.moveTo, after, renamedFrom: before });
    }
  }
  for (const { before } of targets.values()) {
    const key = before.state?.identity ?? before.real;
    if (before.bytes !== null && !sources.has(key)) {
      throw refuse(`'${before.relative}' exists already; update it instead of adding or moving over it.`);
    }
  }
  const gone = [...sources.values()].filter(({ real }) => !targets.has(real));
  return [...targets.values(), ...gone.map((before): Change => ({ before, after: null }))];
}

function addTarget(
  targets: Map<string, Target>,
  before: Before,
  { path, after, renamedFrom }: { path: string; after: Buffer; renamedFrom?: Before },
): void {
  if (targets.has(before.real)) throw refuse(`'${path}' is written twice by the patch.`);
  if (after.length > MAX_RESULT) throw refuse(`'${path}' would have ${after.length} bytes; at most ${MAX_RESULT}.`);
  targets.set(before.real, { before, after, ...(renamedFrom === undefined ? {} : { renamedFrom }) });
}

/** What a file holds with its hunks applied. One that is only deleted or moved may hold anything, not only text. */
function toContent(bytes: Buffer, patch: FilePatch): Buffer {
  if (patch.hunks.length === 0) return bytes;
  const after = applyHunks(textOfFile(bytes, patch.path), patch.hunks, patch.path);
  if (patch.kind === "delete" && after !== "") {
    throw refuse(`'${patch.path}' holds more than the patch takes out; it was not deleted.`);
  }
  return Buffer.from(after);
}
