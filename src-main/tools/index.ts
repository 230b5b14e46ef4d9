/** The list of tools. Adding one is a line here and a folder beside it. Only the assembly imports this file. */
import { createAppendMemoryTool } from "./append_memory/index.ts";
import { applyPatchTool } from "./apply_patch/index.ts";
import { createBashTools } from "./bash/index.ts";
import { configReadTool } from "./config_read/index.ts";
import type { AnyTool } from "./contract.ts";
import { createToolTool } from "./create_tool/index.ts";
import { toCustomTool } from "./create_tool/custom-tool.ts";
import { deleteToolTool } from "./delete_tool/index.ts";
import { editTool } from "./edit/index.ts";
import { globTool } from "./glob/index.ts";
import { grepTool } from "./grep/index.ts";
import { lsTool } from "./ls/index.ts";
import { mathTool } from "./math/index.ts";
import { messageSendTool } from "./message_send/index.ts";
import { pythonTool } from "./python/index.ts";
import { readTool } from "./read/index.ts";
import { readTodayMemoryTool } from "./read_today_memory/index.ts";
import { sessionListTool } from "./session_list/index.ts";
import { sessionReadTool } from "./session_read/index.ts";
import { timeTool } from "./time/index.ts";
import { webFetchTool } from "./web_fetch/index.ts";
import { webSearchTool } from "./web_search/index.ts";
import { writeTool } from "./write/index.ts";

/** All tools, made once per gateway: some keep running programs between calls. */
export function createTools(): readonly AnyTool[] {
  return [
    ...[readTool, writeTool, editTool, applyPatchTool, globTool, grepTool, lsTool],
    ...createBashTools(),
    ...[createAppendMemoryTool(), readTodayMemoryTool],
    ...[pythonTool, webFetchTool, webSearchTool, timeTool, mathTool],
    ...[sessionListTool, sessionReadTool, messageSendTool, configReadTool, createToolTool, deleteToolTool],
  ];
}

export { toCustomTool };
