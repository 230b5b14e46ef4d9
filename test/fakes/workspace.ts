/** A workspace on disk with an outside beside it, and tools that are planned and run in it as the guard does. */
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { AnyTool, FileChange, Plan, ToolContext, ToolResult } from "#main/tools/contract.ts";
import { tempState } from "./temp-state.ts";
import { createToolContext } from "./tool-context.ts";

export interface TestWorkspace {
  /** Absolute. */
  dir: string;
  /** Absolute; holds `secret.txt` with `secret`. */
  outside: string;
  changes: FileChange[];
  put(path: string, content: string | Uint8Array): void;
  get(path: string): string;
  /** Everything below a folder, the workspace unless told: path → content, `link:` and its target, or `folder`. */
  tree(dir?: string): Record<string, string>;
  plan(tool: AnyTool, args: object, more?: Partial<ToolContext>): Promise<Plan>;
  run(tool: AnyTool, args: object, plan: Plan, more?: Partial<ToolContext>): Promise<ToolResult>;
  /** Plans and runs. */
  act(tool: AnyTool, args: object, more?: Partial<ToolContext>): Promise<ToolResult>;
}

/** Gone when the running test ends. */
export function createWorkspace(): TestWorkspace {
  const base = tempState();
  const dir = join(base, "workspace");
  const outside = join(base, "outside");
  mkdirSync(dir);
  mkdirSync(outside);
  writeFileSync(join(outside, "secret.txt"), "secret");
  const changes: FileChange[] = [];
  const recordChange = async (change: FileChange) => {
    changes.push(change);
  };
  const context = (more: Partial<ToolContext> = {}) => createToolContext({ workspace: dir, recordChange, ...more });
  const workspace: TestWorkspace = {
    dir,
    outside,
    changes,
    put(path, content) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), content);
    },
    get: (path) => readFileSync(join(dir, path), "utf8"),
    tree: (from = dir) => readTree(from),
    plan: async (tool, args, more) => (await tool.plan?.(args as never, context(more))) ?? { summary: tool.name },
    run: (tool, args, plan, more) => tool.run(args as never, context(more), plan),
    act: async (tool, args, more) => await workspace.run(tool, args, await workspace.plan(tool, args, more), more),
  };
  return workspace;
}

function readTree(dir: string, prefix = ""): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const name of readdirSync(dir).sort()) {
    const path = join(dir, name);
    const stats = lstatSync(path);
    if (stats.isSymbolicLink()) tree[prefix + name] = `link:${readlinkSync(path)}`;
    else if (!stats.isDirectory()) tree[prefix + name] = readFileSync(path, "latin1");
    else Object.assign(tree, { [`${prefix}${name}/`]: "folder" }, readTree(path, `${prefix}${name}/`));
  }
  return tree;
}

/** The message with which a call is refused. Fails when it is not. */
export async function refusalOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error && error.name === "Refused") return error.message;
    throw error;
  }
  throw new Error("the call was not refused");
}
