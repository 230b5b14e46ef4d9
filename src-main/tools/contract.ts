/**
 * The contract of a tool. The guard validates the arguments and decides before `run` is called; a tool never asks,
 * never decides, never opens the store, never knows another tool. Whatever it throws becomes an error result that the
 * model can read.
 */
import type { Static, TSchema } from "typebox";
import type { Clock } from "#main/base/clock.ts";
import type { Logger } from "#main/base/logger.ts";

/** 1 read … 9 security configuration; see `contract.md` and `approvals/policy`. */
export type Level = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

/** The world as one call of a tool sees it. */
export interface ToolContext {
  /** Absolute path of the agent's workspace, existing. */
  workspace: string;
  sessionKey: string;
  runId: string;
  clock: Clock;
  log: Logger;
  /** Aborts on stop, on the turn's timeout and on shutdown: `run` must end within a second. */
  signal: AbortSignal;
}

export interface ToolResult {
  /** What the model reads. The loop caps it. */
  text: string;
  /** Pictures for the model, base64. */
  images?: readonly { mimeType: string; data: string }[];
  isError?: boolean;
}

export interface Tool<Params extends TSchema = TSchema> {
  /** `[a-z_]{1,64}`, unique. */
  name: string;
  /** For the model, one or two sentences: every request carries it. */
  description: string;
  /** A closed object schema. */
  params: Params;
  /** Pure. The level of one call, from its validated arguments. */
  level(args: Static<Params>): Level;
  /** Called once per allowed call, with validated arguments. */
  run(args: Static<Params>, context: ToolContext): Promise<ToolResult>;
}

/** A tool whose parameters are not known at compile time, as the list and the loop hold it. */
export type AnyTool = Omit<Tool, "level" | "run"> & {
  level(args: never): Level;
  run(args: never, context: ToolContext): Promise<ToolResult>;
};

/** Declares a tool. The identity function: it exists to fix the types. */
export function defineTool<Params extends TSchema>(tool: Tool<Params>): Tool<Params> {
  return tool;
}
