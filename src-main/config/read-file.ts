/**
 * Finds the configuration file and reads it as it is: bytes, hash, tree. Never changes its content; a file that any
 * user of the computer may change is not trusted.
 */
import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { readIfExists, systemCodeOf, tightenMode } from "#main/base/atomic-file.ts";
import { messageOf } from "#main/base/errors.ts";
import type { Logger } from "#main/base/logger.ts";
import type { ConfigIssue } from "./contract.ts";
import { formatOf, parseConfig } from "./formats.ts";

/** In the order in which they count. */
const NAMES = ["config.yaml", "config.yml", "config.json", "config.json5", "config.toml"] as const;

/** Where the configuration is, or may come to be. */
export interface ConfigLocation {
  stateDir: string;
  /** Named by the owner; undefined: one of the usual names in the state directory. */
  named: string | undefined;
}

/** Every path at which a configuration would count. */
export function candidatesOf({ stateDir, named }: ConfigLocation): string[] {
  return named === undefined ? NAMES.map((name) => join(stateDir, name)) : [named];
}

/** A file as it was found. */
export interface FoundFile {
  path: string;
  exists: boolean;
  /** SHA-256 of the bytes, hex; of nothing without a file. */
  hash: string;
  /** As text; undefined when there is none or it cannot be read. */
  text: string | undefined;
  /** As written. `{}` without a file; `null` when it does not parse. */
  written: unknown;
  /** Why it cannot be used; undefined when it parses. */
  error: ConfigIssue | undefined;
  warnings: ConfigIssue[];
}

/** SHA-256 of nothing. Written out: the first hash of a process takes some 5 ms, and a start without a file needs none. */
const HASH_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

export function hashOf(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** `absent`: certainly no file, so that nothing needs to be read. */
async function locate(location: ConfigLocation): Promise<{ path: string; absent: boolean; warnings: ConfigIssue[] }> {
  const candidates = candidatesOf(location);
  const first = candidates[0] ?? join(location.stateDir, NAMES[0]);
  if (location.named !== undefined) return { path: first, absent: false, warnings: [] };
  // One look at the folder, since the start waits for it. A folder that cannot be listed is met again when reading.
  const names = await readdir(location.stateDir).catch((thrown: unknown): string[] | undefined =>
    systemCodeOf(thrown) === "ENOENT" ? [] : undefined,
  );
  const present = candidates.filter((candidate) => names?.includes(basename(candidate)));
  const [path = first, ...others] = present;
  const warnings = others.map((other) => ({
    path: "",
    message: `there is more than one configuration: ${path} counts, ${other} is ignored; remove one of them`,
  }));
  return { path, absent: names !== undefined && present.length === 0, warnings };
}

/** Undefined when the file's mode is acceptable. In the state directory a mode too wide is narrowed. */
async function modeProblem(path: string, location: ConfigLocation, log: Logger): Promise<string | undefined> {
  if (process.platform === "win32") return undefined;
  const mode = (await stat(path)).mode;
  if ((mode & 0o002) !== 0) {
    return `every user of this computer may change it, so it is not used: look through it, then chmod 600 ${path}`;
  }
  if (location.named === undefined) await tightenMode(path, 0o600, log);
  return undefined;
}

/** Reads what is there now. Never throws: what is wrong is in `error`. */
export async function readConfigFile(location: ConfigLocation, log: Logger): Promise<FoundFile> {
  const { path, absent, warnings } = await locate(location);
  const missing: FoundFile = {
    path,
    exists: false,
    hash: HASH_OF_NOTHING,
    text: undefined,
    written: {},
    error: undefined,
    warnings,
  };
  if (absent) return missing;
  let found: FoundFile = { ...missing, written: null };
  try {
    const bytes = await readIfExists(path);
    if (bytes === undefined) {
      if (location.named !== undefined)
        warnings.push({ path: "", message: `there is no ${path} yet; defaults are used` });
      return missing;
    }
    const text = bytes.toString("utf8");
    found = { ...found, exists: true, hash: hashOf(bytes), text };
    const problem = await modeProblem(path, location, log);
    if (problem !== undefined) return { ...found, error: { path: "", message: `${path}: ${problem}` } };
    return { ...found, written: await parseConfig(text, formatOf(path)) };
  } catch (thrown) {
    const message = messageOf(thrown);
    return { ...found, error: { path: "", message: message.includes(path) ? message : `${path}: ${message}` } };
  }
}
