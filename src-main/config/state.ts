/**
 * What a read of the file makes of the configuration in force. What cannot be used changes nothing and is said; at start,
 * with nothing good to keep, the defaults hold in their safest form.
 */
import type { Logger } from "#main/base/logger.ts";
import type { ConfigIssue, ConfigState } from "./contract.ts";
import type { Environment } from "./expand.ts";
import { readConfigFile, type ConfigLocation, type FoundFile } from "./read-file.ts";
import { resolveConfig, resolveSafest, type Resolution } from "./resolve.ts";
import type { Config } from "./schema.ts";
import { freezeTree } from "./tree.ts";

interface Start {
  location: ConfigLocation;
  env: Environment;
  flags?: Readonly<Record<string, unknown>>;
  log: Logger;
}

/** The state that a file leads to. Without a valid resolution `fallback` is in force; `instead` says so. */
export function toState(
  found: FoundFile,
  resolution: Resolution | undefined,
  fallback: Config,
  instead = "the last good configuration stays in force",
): ConfigState {
  const { path, exists, hash } = found;
  const written = freezeTree(found.written);
  const warnings = [...found.warnings, ...(resolution?.warnings ?? [])];
  if (resolution?.valid) {
    return { path, exists, hash, written, config: resolution.config, issues: resolution.issues, warnings, valid: true };
  }
  const errors: ConfigIssue[] = found.error === undefined ? [] : [found.error];
  const issues = [...errors, ...(resolution?.issues ?? []), { path: "", message: `${path} is not used: ${instead}` }];
  return { path, exists, hash, written, config: fallback, issues, warnings, valid: false };
}

/** The state at start: what the file says, or the defaults in their safest form when it cannot be used. */
export async function firstState(start: Start): Promise<ConfigState> {
  const { location, env, flags = {}, log } = start;
  const found = await readConfigFile(location, log);
  const resolution =
    found.error === undefined ? await resolveConfig({ written: found.written, env, flags }) : undefined;
  const fallback = resolution?.valid ? resolution.config : await resolveSafest({ env, flags });
  const state = toState(found, resolution, fallback, "defaults are in force, and every tool asks first");
  for (const { message } of state.issues) log.error(message);
  for (const { message } of state.warnings) log.warn(message);
  return state;
}
