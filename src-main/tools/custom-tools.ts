/**
 * Tools that the model wrote and the owner allowed: one JSON file in the state directory, written whole. What cannot be
 * read is kept as it is and gives no tool: nothing runs that was not understood.
 */
import { readIfExists, writeFileAtomic } from "#main/base/atomic-file.ts";
import { Refused, messageOf, refuse } from "#main/base/errors.ts";
import type { Logger } from "#main/base/logger.ts";
import type { CustomTool } from "./contract.ts";

const MAX_TOOLS = 50;
const NAME = /^[a-z_]{1,64}$/;

function isCustomTool(value: unknown): value is CustomTool {
  if (typeof value !== "object" || value === null) return false;
  const tool = value as Partial<CustomTool>;
  return (
    typeof tool.name === "string" &&
    NAME.test(tool.name) &&
    typeof tool.description === "string" &&
    typeof tool.source === "string" &&
    (tool.runtime === "bash" || tool.runtime === "python") &&
    typeof tool.params === "object" &&
    tool.params !== null &&
    typeof tool.timeoutSeconds === "number"
  );
}

export class CustomTools {
  readonly #path: string;
  #tools: readonly CustomTool[];
  readonly #isReadable: boolean;

  private constructor(path: string, tools: readonly CustomTool[], isReadable: boolean) {
    this.#path = path;
    this.#tools = tools;
    this.#isReadable = isReadable;
  }

  /** @param path absolute, of the JSON file. Never throws: an unreadable file gives no tools and is said in the log */
  static async open(path: string, log: Logger): Promise<CustomTools> {
    try {
      const bytes = await readIfExists(path);
      if (bytes === undefined) return new CustomTools(path, [], true);
      const parsed: unknown = JSON.parse(bytes.toString("utf8"));
      if (!Array.isArray(parsed) || !parsed.every(isCustomTool)) throw new Error("it does not hold a list of tools");
      return new CustomTools(path, parsed, true);
    } catch (error) {
      log.warn(`${path} cannot be used, so there are no tools of your own: ${messageOf(error)}`);
      return new CustomTools(path, [], false);
    }
  }

  list(): readonly CustomTool[] {
    return this.#tools;
  }

  /** Adds a tool or replaces the one of the same name. Throws Refused when there are too many or the file is unreadable. */
  async save(tool: CustomTool): Promise<void> {
    const others = this.#tools.filter((one) => one.name !== tool.name);
    if (others.length >= MAX_TOOLS) throw refuse(`there are ${MAX_TOOLS} tools already; delete one first`);
    await this.#write([...others, tool]);
  }

  /** @returns whether there was one */
  async remove(name: string): Promise<boolean> {
    const others = this.#tools.filter((one) => one.name !== name);
    if (others.length === this.#tools.length) return false;
    await this.#write(others);
    return true;
  }

  async #write(tools: readonly CustomTool[]): Promise<void> {
    if (!this.#isReadable) throw new Refused("UNAVAILABLE", `${this.#path} cannot be read; mend or move it first`);
    await writeFileAtomic(this.#path, `${JSON.stringify(tools, null, 2)}\n`);
    this.#tools = tools;
  }
}
