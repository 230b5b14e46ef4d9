/**
 * The configuration as the gateway uses it: one validated, frozen tree in force, replaced as a whole. Rooms read it
 * through `ConfigService.current` at the moment of use, so that a change counts at once.
 */
import type { Disposable } from "#main/base/disposable.ts";
import type { Config } from "./schema.ts";

/** Something wrong in the configuration, where, in words for a person. `path` is dotted: `llm.providers.openai.apiKey`. */
export interface ConfigIssue {
  path: string;
  message: string;
}

/** The file and what came of it. */
export interface ConfigState {
  /** Absolute path of the file in use, or where one would be written. */
  path: string;
  exists: boolean;
  /** SHA-256 of the file's bytes, hex; of nothing when it does not exist. */
  hash: string;
  /** As written, `${VAR}` unexpanded. */
  written: unknown;
  /** In force: defaults, file, environment, flags, expanded. Frozen. */
  config: Config;
  /** Errors: that part is off (a provider) or the whole file was refused and the last good one stays in force. */
  issues: readonly ConfigIssue[];
  /** Unknown keys and the like. Kept in the file. */
  warnings: readonly ConfigIssue[];
  /** False: the file does not parse or does not fit the schema; `config` is the last good one. */
  valid: boolean;
}

export interface ConfigChange {
  state: ConfigState;
  /** Dotted paths whose value in force changed. */
  changedPaths: readonly string[];
}

export interface ConfigService {
  readonly state: ConfigState;
  readonly current: Config;
  /** After each reload and each write. */
  onChange(listener: (change: ConfigChange) => void): Disposable;
  /**
   * Replaces the file (atomically, 0600, in its own format, comments kept where the format's library can).
   * @param next the whole tree as it is to be written
   * @param baseHash refused with `INVALID_REQUEST` "config changed since…" when it is not the file's hash now
   * Throws Refused with the issues when the tree does not fit the schema; nothing is written then.
   */
  write(next: unknown, baseHash: string | undefined): Promise<ConfigChange>;
  /** A merge patch (RFC 7396) on what is written. Same promises. */
  patch(patch: unknown, baseHash: string | undefined): Promise<ConfigChange>;
  /** A copy of a tree with the value of every secret path replaced by `REDACTED`. */
  redact(tree: unknown): unknown;
  /** Reads the file again now. */
  reload(): Promise<ConfigChange>;
}

/** What stands for a secret. Written back in `set` or `patch`, it leaves the secret as it was. */
export const REDACTED = "__REDACTED__";
