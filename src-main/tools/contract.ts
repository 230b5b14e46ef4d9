/**
 * The contract of a tool. The guard validates the arguments, plans, decides, asks, and only then calls `run` with the
 * plan that was shown; a tool never asks, never decides, never opens the store, never knows another tool. Whatever it
 * throws becomes an error result that the model can read.
 */
import Type, { type Static, type TObject, type TProperties, type TSchema } from "typebox";
import type { Clock } from "#main/base/clock.ts";
import type { CommandRunner } from "#main/base/command.ts";
import type { GuardedFetchAnswer, GuardedFetchOptions } from "#main/base/guarded-fetch.ts";
import type { Logger } from "#main/base/logger.ts";
import type { PlannedProgram } from "#main/base/process/planned.ts";
import type { FileIdentity } from "#main/base/process/program.ts";

/** 1 read … 9 security configuration; see `approvals/policy`. */
export type Level = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

export type ToolGroup = "basics" | "fs" | "web" | "runtime" | "sessions" | "messaging" | "config";

/**
 * Names by which other programs know some of our tools. A rule that lists such a name means the tool, and a call by it is
 * a call of the tool: decided, shown, run and recorded under the tool's own name.
 */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  read_file: "read",
  write_file: "write",
  list_files: "ls",
  exec: "bash",
};

/** The name under which we have a tool; other words come back as they are. */
export function toToolName(name: string): string {
  return Object.hasOwn(OTHER_NAMES, name) ? (OTHER_NAMES[name] ?? name) : name;
}

/** What a call will do, exactly: shown to the owner, bound by a digest, run as it is. JSON values only. */
export interface Plan {
  /** One sentence for a person: `Write 120 bytes to notes/todo.md`. Control characters are escaped by whoever shows it. */
  summary: string;
  /** A program that will be started. */
  exec?: PlannedProgram;
  /**
   * Every file whose content decides what happens: script operands, the program, files to be changed, the folder. A
   * change before the run voids the approval.
   */
  files?: readonly FileIdentity[];
  /** A unified diff of what will change, for the card. */
  diff?: string;
  /** Hosts that will be contacted. */
  hosts?: readonly string[];
  /** Why the level is what it is, when that is not plain: `the command has a pipe`. */
  why?: string;
}

/** A change to a file of the workspace, kept so that it can be undone. */
export interface FileChange {
  /** Relative to the workspace. */
  path: string;
  /** Content before; null: the file was made by this call. */
  before: Uint8Array | null;
  /** Content after; null: the file was removed. */
  after: Uint8Array | null;
}

/** What a tool may ask of conversations, messages and settings: each a question, answered by the room that owns it. */
export interface ToolServices {
  listSessions(limit: number): Promise<{ key: string; title: string; updatedAt: number; messageCount: number }[]>;
  readSession(key: string, limit: number): Promise<{ role: string; text: string; timestamp: number }[]>;
  /** The configuration in force with secrets cut out. */
  readConfig(): unknown;
  /** Sends into a conversation or, once channels exist, to a channel. */
  sendMessage(target: { sessionKey: string; text: string }): Promise<{ messageId: string }>;
  /** Tools that the model made; `create_tool` and `delete_tool` keep them here. */
  customTools: {
    list(): readonly CustomTool[];
    save(tool: CustomTool): Promise<void>;
    remove(name: string): Promise<boolean>;
  };
  /** A secret for a service the tool talks to (`search:exa`), or undefined. */
  secret(account: string): string | undefined;
}

/** A tool written by the model and allowed by the owner: a bash or Python text with parameters. */
export interface CustomTool {
  name: string;
  description: string;
  runtime: "bash" | "python";
  /** JSON Schema of its parameters, an object schema. They reach the text as JSON on standard input. */
  params: Record<string, unknown>;
  source: string;
  timeoutSeconds: number;
}

/** The world as one call of a tool sees it. */
export interface ToolContext {
  /** Absolute path of the agent's workspace, existing. */
  workspace: string;
  /** `dev:ino` of the workspace as it was made or first opened: whatever takes its place later is refused. */
  workspaceIdentity?: string;
  /** Absolute paths that no tool may touch though they may lie in the workspace: the gateway's state and configuration. */
  protectedPaths?: readonly string[];
  agentId: string;
  sessionKey: string;
  runId: string;
  clock: Clock;
  log: Logger;
  /** Aborts on stop, on the turn's timeout and on shutdown: `run` must end within a second. */
  signal: AbortSignal;
  /** Runs programs behind the walls in force. */
  commands: CommandRunner;
  /** Environment for programs: no secret of the gateway in it. */
  commandEnv: Readonly<Record<string, string>>;
  /** Folder of this session for output that did not fit, outside the workspace. */
  overflowDir: string;
  /** Fetches what a model, a message or a page may steer: guarded against private addresses. */
  fetch(url: string, init?: Omit<GuardedFetchOptions, "signal" | "idleTimeoutMs">): Promise<GuardedFetchAnswer>;
  /** Keeps what a change replaced, before it is made. Throws when it cannot be kept: then nothing may be changed. */
  recordChange(change: FileChange): Promise<void>;
  /** Section `tools.<name>` of the configuration, as written. */
  settings: Readonly<Record<string, unknown>>;
  services: ToolServices;
}

export interface ToolResult {
  /** What the model reads. The loop caps it. */
  text: string;
  /** Pictures for the model, base64. */
  images?: readonly { mimeType: string; data: string }[];
  isError?: boolean;
  /** Where untrusted text in it came from (a URL, a file): it is kept with the result, and a model reads it fenced. */
  untrusted?: string;
  /** With `untrusted`: a model may have to quote it to the letter (the owner's own files). */
  verbatim?: boolean;
}

/** What `plan` may look at: it changes nothing and contacts nobody. */
export type PlanContext = Pick<
  ToolContext,
  | "workspace"
  | "workspaceIdentity"
  | "protectedPaths"
  | "agentId"
  | "sessionKey"
  | "commandEnv"
  | "settings"
  | "services"
  | "signal"
>;

export interface Tool<Params extends TSchema = TSchema> {
  /** `[a-z_]{1,64}`, unique. */
  name: string;
  group: ToolGroup;
  /** For the model, one or two sentences: every request carries it. */
  description: string;
  /** A closed object schema. */
  params: Params;
  /** Pure. The level of one call, from its validated arguments. */
  level(args: Static<Params>): Level;
  /** What the call will do. Called before the decision and again right before the run: both must agree. */
  plan?(args: Static<Params>, context: PlanContext): Promise<Plan>;
  /** Called once per allowed call, with validated arguments and, when the tool plans, the plan that was allowed. */
  run(args: Static<Params>, context: ToolContext, plan: Plan): Promise<ToolResult>;
}

/** A tool whose parameters are not known at compile time, as the list and the loop hold it. */
export type AnyTool = Omit<Tool, "level" | "plan" | "run"> & {
  level(args: never): Level;
  plan?(args: never, context: PlanContext): Promise<Plan>;
  run(args: never, context: ToolContext, plan: Plan): Promise<ToolResult>;
};

/** A closed object: arguments that are not named are refused. */
export function defineParams<Properties extends TProperties>(properties: Properties): TObject<Properties> {
  return Type.Object(properties, { additionalProperties: false });
}

/** Declares a tool. The identity function: it exists to fix the types. */
export function defineTool<Params extends TSchema>(tool: Tool<Params>): Tool<Params> {
  return tool;
}
