/**
 * The list of tools. Adding one is a line here and a folder beside it. Only `compose.ts` imports this file.
 */
import type { AnyTool } from "./contract.ts";
import { readTool } from "./read/index.ts";
import { timeTool } from "./time/index.ts";

export const TOOLS: readonly AnyTool[] = [readTool, timeTool];
