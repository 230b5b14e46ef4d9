/**
 * Writes a changed configuration: nothing is written that does not fit, and what was hidden from the caller stays what
 * it was. One call at a time: the service sees to it.
 */
import { realpath } from "node:fs/promises";
import { dirname } from "node:path";
import { ensureDir, writeFileAtomic } from "#main/base/atomic-file.ts";
import { messageOf, Refused } from "#main/base/errors.ts";
import type { Logger } from "#main/base/logger.ts";
import type { Environment } from "./expand.ts";
import { formatOf, serialiseConfig } from "./formats.ts";
import { mergePatch } from "./merge-patch.ts";
import { hashOf, type FoundFile } from "./read-file.ts";
import { restoreRedacted } from "./redact.ts";
import { resolveConfig, type Resolution } from "./resolve.ts";
import { toPlainTree } from "./tree.ts";

export interface Replacement {
  /** The file as it is now. */
  found: FoundFile;
  /** The hash on which the caller's change is based; undefined: whatever is there. */
  baseHash: string | undefined;
  /** The whole tree as it is to be, or a merge patch on what is written. `REDACTED` stands for what is there. */
  change: { kind: "write" | "patch"; tree: unknown };
  env: Environment;
  flags: Readonly<Record<string, unknown>>;
  log: Logger;
}

function plainOrRefused(tree: unknown): unknown {
  try {
    return toPlainTree(tree);
  } catch (thrown) {
    throw new Refused("INVALID_REQUEST", `this is no configuration: ${messageOf(thrown)}`, { cause: thrown });
  }
}

/**
 * @returns the file as it is now, and what it resolves to
 * Throws Refused: a stale hash, a file that must be repaired first, a tree that does not fit, a disk that does not take
 * it. The file is untouched then.
 */
export async function replaceFile(replacement: Replacement): Promise<{ file: FoundFile; resolution: Resolution }> {
  const { found, baseHash, change, env, flags, log } = replacement;
  if (baseHash !== undefined && baseHash !== found.hash) {
    throw new Refused("INVALID_REQUEST", "config changed since it was read: read it again and repeat the change", {
      details: { hash: found.hash },
    });
  }
  if (found.error !== undefined) {
    throw new Refused("INVALID_REQUEST", `${found.error.message}. Repair the file first; nothing was written`);
  }
  const whole = restoreRedacted(plainOrRefused(change.tree), found.written);
  const next = change.kind === "patch" ? mergePatch(found.written, whole) : whole;
  const resolution = await resolveConfig({ written: next, env, flags });
  if (!resolution.valid) {
    const words = resolution.issues.map(({ message }) => message).join("; ");
    throw new Refused("INVALID_REQUEST", words, { details: { issues: resolution.issues } });
  }
  const text = await serialiseConfig(next, formatOf(found.path), found.text);
  // Through a link into the file it names: a link in the state directory stays one.
  const target = found.exists ? await realpath(found.path) : found.path;
  await ensureDir(dirname(target), log);
  await writeFileAtomic(target, text);
  return { file: { ...found, exists: true, hash: hashOf(text), text, written: next }, resolution };
}
