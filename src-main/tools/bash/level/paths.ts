/**
 * Paths that must not be looked at without asking: processes' environments and memory, devices. Works on the words
 * alone; links are looked at when the call is planned.
 */
import { patternOf, type Word } from "../shell/ast.ts";

/** Files of `/proc` that say something about the machine and nothing about a process. */
const ABOUT_THE_MACHINE =
  /^\/proc\/(cpuinfo|meminfo|version|loadavg|uptime|stat|vmstat|filesystems|partitions|diskstats|swaps|sys\/kernel\/(hostname|osrelease|ostype))$/;
const SPECIAL: ReadonlySet<string> = new Set(["proc", "dev"]);
/** Programs that go into folders and show contents. */
const DESCENDS: ReadonlySet<string> = new Set(["grep", "rg", "diff"]);

/** Why a word may lead to a process or a device, or undefined. */
export function checkPath(word: Word, program: string): string | undefined {
  const text = patternOf(word);
  const why = `${word.raw} may lead to a process's environment or to a device`;
  if (text.startsWith("-") || text.includes("=")) {
    return /\/(proc|dev)(\/|$)/.test(text.replace(/\/+(\.\/+)*/g, "/")) ? why : undefined;
  }
  if (!/^[/~]|(^|\/)\.\.(\/|$)/.test(text)) return undefined;
  const rest = toParts(text);
  const path = `/${rest.join("/")}`;
  const first = rest[0];
  if (first === undefined) return DESCENDS.has(program) ? `${program} would go through the whole machine` : undefined;
  if (SPECIAL.has(first)) {
    const isKnown = text.startsWith("/") && (path === "/dev/null" || ABOUT_THE_MACHINE.test(path));
    return isKnown ? undefined : why;
  }
  // `/*` and `../*/environ` may find the same. Inside brackets a slash is none.
  const isGlob = /[*?[]/.test(first);
  return isGlob && (text.startsWith("/") || rest.length > 1 || DESCENDS.has(program)) ? why : undefined;
}

/** The names on a path after going up: without empty ones, `.`, and what `..` takes back. */
function toParts(text: string): string[] {
  const parts: string[] = [];
  for (const part of text.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return parts;
}
