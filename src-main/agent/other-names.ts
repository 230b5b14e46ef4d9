/**
 * Calls by names that other programs use (`exec`, `read_file` …): their arguments as our tools take them. Pure. It
 * validates nothing but what it must read: the tool's own schema judges what comes out, and the policy its level.
 */

/** Letters that mean nothing to a shell, in any place of a word. */
const PLAIN = /^[A-Za-z0-9_@%+:,./-]+$/;
/** Plain as letters, yet more than the name of a program at the start of a command (bash manual, Reserved Words). */
const RESERVED = new Set(
  "case coproc do done elif else esac fi for function if in select then time until while".split(" "),
);

/** One word of a command for bash. */
function quote(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** One word of a command for PowerShell, where a quote inside quotes is written twice. */
function quoteWindows(word: string): string {
  return `'${word.replaceAll(/['\u2018\u2019\u201A\u201B]/g, "$&$&")}'`;
}

/** A program and its arguments as one command that a shell reads back as just these words. */
export function toCommandText(program: string, args: readonly string[], platform: NodeJS.Platform): string {
  if (platform === "win32") return ["&", quoteWindows(program), ...args.map(quoteWindows)].join(" ");
  const first = RESERVED.has(program) ? `'${program}'` : quote(program);
  return [first, ...args.map(quote)].join(" ");
}

function isStringList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

/** `{command, args?, working_dir?}`: without `args` the command is a line for the shell, as models write it. */
function toBashArguments(given: Record<string, unknown>, platform: NodeJS.Platform): Record<string, unknown> | string {
  const { command, args, working_dir: folder, ...rest } = given;
  if (args !== undefined && args !== null && !isStringList(args)) return "args is a list of strings.";
  if (typeof command !== "string") return "command is a text.";
  if (folder !== undefined && "cwd" in rest) return "give working_dir or cwd, not both.";
  const isWords = args !== undefined && args !== null && args.length > 0;
  return {
    ...rest,
    command: isWords ? toCommandText(command, args, platform) : command,
    ...(folder === undefined || folder === null ? {} : { cwd: folder }),
    report: "exec",
  };
}

/**
 * The arguments of a call as the tool behind the name takes them, or what is wrong with them.
 * @param name as the caller wrote it; our own names change nothing
 * @param platform whose shell reads the command
 */
export function toOwnArguments(
  name: string,
  given: Record<string, unknown>,
  platform: NodeJS.Platform,
): Record<string, unknown> | string {
  return name === "exec" ? toBashArguments(given, platform) : given;
}
