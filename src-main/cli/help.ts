/** The words of `--help`, and the guess at what a mistyped command meant. Pure. */
import type { CommandSpec } from "./command.ts";

function toColumns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}

/** The help of the whole command line. */
export function toHelp(commands: readonly CommandSpec[]): string {
  const rows = commands.map(({ name, summary }) => [name, summary] as const);
  return [
    "Gatehouse: a personal-AI gateway.",
    "",
    "Usage: gatehouse COMMAND [OPTIONS]",
    "",
    "Commands:",
    toColumns(rows),
    "",
    "gatehouse COMMAND --help tells more of one.",
  ].join("\n");
}

/** The help of one command. */
export function toCommandHelp(command: CommandSpec): string {
  const usage = command.usage.map((rest) => `gatehouse ${command.name} ${rest}`.trimEnd());
  const rows = Object.entries(command.options).map(([name, option]) => {
    const short = option.short === undefined ? "    " : `-${option.short}, `;
    return [`${short}--${name}${option.value === undefined ? "" : ` ${option.value}`}`, option.help] as const;
  });
  rows.push(["-h, --help", "print this"]);
  return [
    `${command.name}: ${command.summary}`,
    "",
    ...usage.map((line, index) => `${index === 0 ? "Usage: " : "       "}${line}`),
    "",
    "Options:",
    toColumns(rows),
  ].join("\n");
}

/** Edits (insert, remove, replace, swap of neighbours) between two words. */
function distanceOf(left: string, right: string): number {
  let older: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const isSame = left[row - 1] === right[column - 1];
      const isSwap = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      const costs = [
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (isSame ? 0 : 1),
        ...(row > 1 && column > 1 && isSwap ? [(older[column - 2] ?? 0) + 1] : []),
      ];
      current.push(Math.min(...costs));
    }
    older = previous;
    previous = current;
  }
  return previous[right.length] ?? 0;
}

/** The name that was probably meant, or undefined when none is near. */
export function nearestName(typed: string, names: readonly string[]): string | undefined {
  const wanted = typed.toLowerCase();
  const prefixed = names.filter((name) => wanted.length >= 2 && name.startsWith(wanted));
  if (prefixed.length === 1) return prefixed[0];
  const ranked = names
    .map((name) => ({ name, distance: distanceOf(wanted, name) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(1, Math.floor(best.name.length / 3)) ? best.name : undefined;
}
