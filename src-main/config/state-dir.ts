/**
 * Makes the state directory and puts its modes right: folders 0700, files 0600. Never removes or rewrites a file. A
 * directory that cannot be written is said plainly, not fatal here.
 */
import { constants } from "node:fs";
import { access, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { ensureDir, tightenMode, toFileError } from "#main/base/atomic-file.ts";
import { messageOf } from "#main/base/errors.ts";
import type { Logger } from "#main/base/logger.ts";
import { backupsDir, logsDir, mediaDir, modelsDir, workspaceDir } from "./paths.ts";

async function warnOfOwner(stateDir: string, log: Logger): Promise<void> {
  const uid = process.getuid?.();
  const owner = (await stat(stateDir)).uid;
  if (uid === undefined || owner === uid) return;
  log.warn(`${stateDir} belongs to another user (uid ${owner}); who owns it can change what the gateway does`);
}

/**
 * Makes what is missing, narrows what is too open, warns of both. Never throws: the caller decides what to do without.
 * @returns why nothing can be kept there and what to do; undefined when all is well
 */
export async function prepareStateDir(stateDir: string, log: Logger): Promise<string | undefined> {
  try {
    await ensureDir(stateDir, log);
    await warnOfOwner(stateDir, log);
    for (const folder of [backupsDir, workspaceDir, mediaDir, modelsDir, logsDir])
      await ensureDir(folder(stateDir), log);
    await access(stateDir, constants.W_OK | constants.X_OK).catch((thrown: unknown) => {
      throw toFileError("write into", stateDir, thrown);
    });
    for (const entry of await readdir(stateDir, { withFileTypes: true })) {
      if (entry.isFile()) await tightenMode(join(stateDir, entry.name), 0o600, log);
    }
    return undefined;
  } catch (thrown) {
    return `${messageOf(thrown)}. Nothing can be kept there`;
  }
}
