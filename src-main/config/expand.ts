/**
 * `${VAR}` and `${VAR:-default}` in strings of the configuration. Pure: the environment is an argument, and what a
 * variable holds is never expanded again. Linear in the length of the text.
 */
import { mapStrings, type Segments } from "./tree.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

type Part = string | Reference;
interface Reference {
  name: string;
  /** Undefined: there is no default. */
  fallback: Part[] | undefined;
}

/** A reference whose end was not reached yet. */
interface Open {
  /** As written, `${NAME:-`; literal text when the end never comes. */
  head: string;
  /** Undefined for `$${NAME:-`, which stays text whatever follows. */
  name: string | undefined;
  parts: Part[];
}

const REFERENCE = /\$?\$\{([A-Za-z_][A-Za-z0-9_]*)(\}|:-)/y;
/** Defaults nested deeper are taken as text: no person writes them, and evaluating them costs stack. */
const MAX_NESTING = 32;

function push(parts: Part[], part: Part): void {
  const last = parts.at(-1);
  if (typeof part === "string" && typeof last === "string") parts[parts.length - 1] = last + part;
  else if (part !== "") parts.push(part);
}

/** Sticky matching keeps its place in the expression: each look makes its own. */
function matchAt(text: string, at: number): RegExpExecArray | null {
  const sticky = new RegExp(REFERENCE);
  sticky.lastIndex = at;
  return sticky.exec(text);
}

function parse(text: string): Part[] {
  const root: Part[] = [];
  const open: Open[] = [];
  const here = () => open.at(-1)?.parts ?? root;
  let at = 0;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === "}" && open.length > 0) {
      const done = open.pop();
      if (done?.name === undefined)
        for (const part of [done?.head ?? "", ...(done?.parts ?? []), "}"]) push(here(), part);
      else push(here(), { name: done.name, fallback: done.parts });
      at += 1;
      continue;
    }
    const match = character === "$" ? matchAt(text, at) : null;
    const [all = "", name = "", end] = match ?? [];
    const escaped = all.startsWith("$$");
    if (all === "" || (end === ":-" && open.length >= MAX_NESTING)) {
      push(here(), all === "" ? character : all);
    } else if (end === "}") push(here(), escaped ? all.slice(1) : { name, fallback: undefined });
    else open.push({ head: escaped ? all.slice(1) : all, name: escaped ? undefined : name, parts: [] });
    at += Math.max(1, all.length);
  }
  // What never ended is text, from the outside in.
  for (const unfinished of open) for (const part of [unfinished.head, ...unfinished.parts]) push(root, part);
  return root;
}

function evaluate(parts: readonly Part[], env: Environment, missing: string[]): string {
  return parts
    .map((part) => {
      if (typeof part === "string") return part;
      const value = Object.hasOwn(env, part.name) ? env[part.name] : undefined;
      if (part.fallback === undefined) {
        if (value === undefined) missing.push(part.name);
        return value ?? "";
      }
      // As in a shell, `:-` stands in for an empty variable too.
      return value === undefined || value === "" ? evaluate(part.fallback, env, missing) : value;
    })
    .join("");
}

export interface Expanded {
  text: string;
  /** Variables that are needed, have no default and are not set. */
  missing: string[];
  /** True when the text held a reference or an escape. */
  changed: boolean;
}

/** Expands one string. `$${VAR}` gives the text `${VAR}`; what does not follow the form stays as it is. */
export function expandText(text: string, env: Environment): Expanded {
  if (!text.includes("${")) return { text, missing: [], changed: false };
  const parts = parse(text);
  const missing: string[] = [];
  const result = evaluate(parts, env, missing);
  return { text: result, missing, changed: result !== text || parts.some((part) => typeof part !== "string") };
}

export interface ExpandedTree {
  tree: unknown;
  missing: { segments: Segments; variable: string }[];
  /** Places of strings that held a reference: their text may stand for a number or a switch. */
  expanded: Segments[];
}

/** Expands each string of a tree; keys stay as they are. */
export function expandTree(tree: unknown, env: Environment): ExpandedTree {
  const missing: ExpandedTree["missing"] = [];
  const expanded: Segments[] = [];
  const result = mapStrings(tree, (text, segments) => {
    const outcome = expandText(text, env);
    if (outcome.changed) expanded.push(segments);
    for (const variable of outcome.missing) missing.push({ segments, variable });
    return outcome.text;
  });
  return { tree: result, missing, expanded };
}

/** True when the whole text is one reference without a default of its own: it points to a secret and holds none. */
export function isReference(text: string): boolean {
  return /^\$\{[A-Za-z_][A-Za-z0-9_]*(?::-)?\}$/.test(text);
}
