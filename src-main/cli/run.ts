/**
 * From the words after `gatehouse` to an exit code: finds the command, parses its options, runs it, and turns what it
 * throws into words on standard error. Loads nothing but the command that was asked for.
 */
import { parseArgs } from "node:util";
import { AppError, messageOf } from "#main/base/errors.ts";
import { EXIT, printLine, usageError, type CommandSpec, type Invocation, type World } from "./command.ts";
import { COMMANDS, LATER_COMMANDS } from "./commands.ts";
import { nearestName, toCommandHelp, toHelp } from "./help.ts";

/** Options of `chat` that older command lines take without a command. */
const BARE_CHAT = new Set(["-e", "--execute", "-f", "--file", "--cli"]);

/** The command's name and what follows it; the forms without a name are spelled out. */
function splitArguments(argv: readonly string[]): { name: string; rest: string[] } {
  const [first = "help", ...rest] = argv;
  if (first === "--version" || first === "-v" || first === "-V") return { name: "version", rest };
  if (first === "--help" || first === "-h") return { name: "help", rest };
  if (first === "--cli") return { name: "chat", rest };
  if (BARE_CHAT.has(first)) return { name: "chat", rest: [...argv] };
  return { name: first, rest };
}

/** The options and positionals of a command, or undefined when its help is asked for. Throws Refused `USAGE`. */
function parseCommand(command: CommandSpec, args: string[]): Omit<Invocation, "world"> | undefined {
  const options: Record<string, { type: "string" | "boolean"; short?: string }> = {
    help: { type: "boolean", short: "h" },
  };
  for (const [name, { type, short }] of Object.entries(command.options)) {
    options[name] = { type, ...(short === undefined ? {} : { short }) };
  }
  try {
    const parsed = parseArgs({ args, options, allowPositionals: true, strict: true });
    const values = parsed.values as Record<string, string | boolean | undefined>;
    return values["help"] === true ? undefined : { options: values, positionals: parsed.positionals };
  } catch (error) {
    // Node's sentences end in a hint on how to pass such a positional, which does not help here.
    throw usageError(messageOf(error).split(". To specify")[0] ?? "cannot read the options");
  }
}

function unknownCommand(name: string, world: World): number {
  if (LATER_COMMANDS.has(name)) {
    printLine(world.stderr, `gatehouse: ${name} is not in this version`);
    return EXIT.usage;
  }
  const names = COMMANDS.map((command) => command.name);
  const nearest = nearestName(name, names);
  const hint = nearest === undefined ? `Commands: ${names.join(", ")}.` : `Did you mean ${nearest}?`;
  printLine(world.stderr, `gatehouse: unknown command ${JSON.stringify(name)}. ${hint}`);
  return EXIT.usage;
}

/** Machine-readable facts of an error, where there are any. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

function explain(error: unknown, command: CommandSpec, world: World): number {
  if (error instanceof AppError && error.code === "USAGE") {
    printLine(world.stderr, `gatehouse ${command.name}: ${error.message}`);
    printLine(world.stderr, `Try: gatehouse ${command.name} --help`);
    return EXIT.usage;
  }
  const code = codeOf(error);
  printLine(world.stderr, `gatehouse ${command.name}: ${code === undefined ? "" : `${code}: `}${messageOf(error)}`);
  return EXIT.failed;
}

/**
 * Runs one command.
 * @param argv without node and script
 * @returns the exit code; never throws
 */
export async function runCommand(argv: readonly string[], world: World): Promise<number> {
  const { name, rest } = splitArguments(argv);
  if (name === "help") {
    const asked = COMMANDS.find((command) => command.name === rest[0]);
    printLine(world.stdout, asked ? toCommandHelp(asked) : toHelp(COMMANDS));
    return EXIT.ok;
  }
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (!command) return unknownCommand(name, world);
  try {
    const parsed = parseCommand(command, rest);
    if (!parsed) {
      printLine(world.stdout, toCommandHelp(command));
      return EXIT.ok;
    }
    const { run } = await command.load();
    return await run({ world, ...parsed });
  } catch (error) {
    return explain(error, command, world);
  }
}
