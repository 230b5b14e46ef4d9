/**
 * What a program is started with and what came of it: the one shape between tools that run programs and the rooms that
 * confine and supervise them. Types only; `run-command.ts` supervises, `sandbox/` confines.
 */

/** A program, exactly: no shell stands between this and the system. */
export interface CommandSpec {
  /** Program and arguments. The program is an absolute path, or looked for in `env.PATH`. */
  argv: readonly [string, ...string[]];
  /** Absolute. */
  cwd: string;
  /** The whole environment: nothing is inherited. */
  env: Readonly<Record<string, string>>;
  /** Fed to standard input, which is then closed; absent: closed at once. */
  stdin?: string;
  /** Milliseconds; then the whole process tree is ended. */
  timeoutMs: number;
  /** Bytes of standard output and error kept in memory, each; the rest goes to `overflowDir`. */
  maxOutputBytes: number;
  /** Absolute folder for output beyond that; absent: it is dropped and counted. */
  overflowDir?: string;
}

export interface CommandResult {
  /** Null when a signal ended it. */
  exitCode: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
  timedOut: boolean;
  /** Bytes that are not in `stdout` and `stderr`. */
  droppedBytes: number;
  /** File that holds the whole output when it did not fit. */
  overflowPath?: string;
  durationMs: number;
}

/** A program that goes on while others work. Owned by whoever started it: disposing ends its whole tree. */
export interface BackgroundCommand {
  readonly pid: number;
  /** New output since the last look, capped, and how it stands. */
  poll(): { stdout: string; stderr: string; running: boolean; exitCode: number | null };
  /** Ends the whole tree within five seconds: TERM, then KILL. */
  kill(): Promise<void>;
}

/** Runs programs. Confined or not: that is up to who made it. */
export interface CommandRunner {
  /** Throws Refused when it cannot be started, the abort when the signal aborts (the tree is dead then). */
  run(spec: CommandSpec, signal: AbortSignal): Promise<CommandResult>;
  start(spec: CommandSpec): Promise<BackgroundCommand>;
}
