/**
 * What a command of the command line is: a row of data, loaded when it is called, and the world it runs in. Commands
 * print to the streams they are given and return their exit code; they never end the process themselves.
 */
import { Refused } from "#main/base/errors.ts";

/** Exit codes, a contract: scripts rely on them. */
export const EXIT = {
  ok: 0,
  /** It did not work, or a refusal by the gateway. */
  failed: 1,
  /** Bad usage, or a configuration that is refused. */
  usage: 2,
  /** The state directory is in use by another gateway. */
  inUse: 3,
  /** Ended by Ctrl-C: 128 + SIGINT, as shells count. */
  interrupted: 130,
} as const;

/** The part of a stream that commands write to. */
export interface Output {
  write(text: string): unknown;
  /** True on a terminal. */
  isTTY?: boolean;
}

export type Signal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** How `serve` has a gateway built; the shape that the assembly takes. */
export interface GatewayStart {
  /** Absolute. Made when missing. */
  stateDir: string;
  /** Absolute; absent: looked for in the state directory. */
  configPath?: string;
  env: Record<string, string | undefined>;
  flags: { port?: number; host?: string; token?: string; level?: string; json?: boolean };
  /** Absolute path of the built renderer, served as web chat. */
  rendererDir: string;
  version: string;
  /** Each line of the log, without its end. */
  onLogLine?: (line: string) => void;
}

/** A running gateway as `serve` needs it. */
export interface ServedGateway {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** Resolves when it has closed, whoever asked. */
  closing: Promise<void>;
  stop(reason: string): Promise<void>;
}

/** The process as commands see it. */
export interface World {
  env: Readonly<Record<string, string | undefined>>;
  /** The account's home folder. */
  home: string;
  /** Absolute path of the built renderer. */
  rendererDir: string;
  /** Program and arguments by which this command line is called again. */
  self: readonly string[];
  version: string;
  pid: number;
  platform: NodeJS.Platform;
  /** Builds and starts a gateway. Throws Refused `LOCKED`, `PORT_IN_USE` … with words for people. */
  startGateway(start: GatewayStart): Promise<ServedGateway>;
  readonly stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  stdout: Output;
  stderr: Output;
  /** Calls `listener` for each signal of the process until the result is called. */
  onSignal(listener: (signal: Signal) => void): () => void;
  /** Ends the process at once. Only for a second signal. */
  exitNow(code: number): void;
}

export interface OptionSpec {
  type: "string" | "boolean";
  short?: string;
  /** What the value is, for the help: `N`, `FILE`. */
  value?: string;
  help: string;
}

/** A call of a command, parsed. */
export interface Invocation {
  world: World;
  options: Readonly<Record<string, string | boolean | undefined>>;
  positionals: readonly string[];
}

export interface CommandSpec {
  name: string;
  summary: string;
  /** What follows the name, a line each: `METHOD [JSON]`. */
  usage: readonly string[];
  options: Readonly<Record<string, OptionSpec>>;
  /** Loads the code of the command, and nothing before it is called. */
  load(): Promise<{ run(invocation: Invocation): Promise<number> }>;
}

/** A call that makes no sense: exit 2, with a pointer to the help. */
export function usageError(message: string): Refused {
  return new Refused("USAGE", message);
}

/** The value of a text option; undefined when it was not given. */
export function textOption(invocation: Invocation, name: string): string | undefined {
  const value = invocation.options[name];
  return typeof value === "string" ? value : undefined;
}

export function isSet(invocation: Invocation, name: string): boolean {
  return invocation.options[name] === true;
}

/** What a call cannot do without. Throws Refused `USAGE`. @param hint where it is to be found */
export function need(value: string | undefined, what: string, hint?: string): string {
  if (value === undefined) throw usageError(`${what} is missing${hint === undefined ? "" : `; ${hint}`}`);
  return value;
}

/** An answer to a call that worked: all of it as JSON where that is asked for, else in words. */
export function printAnswer(invocation: Invocation, answer: unknown, words: string): number {
  printLine(invocation.world.stdout, isSet(invocation, "json") ? JSON.stringify(answer, null, 2) : words);
  return EXIT.ok;
}

/** One line of text to a stream. */
export function printLine(output: Output, line: string): void {
  output.write(`${line}\n`);
}
