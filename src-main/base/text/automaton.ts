/**
 * Patterns that take time in proportion to the text, whatever they are: all ways to match are followed at once (Thompson,
 * "Regular expression search algorithm", 1968), and remembered as states. No backtracking, so nothing can be made to hang.
 */

/** A pattern over code points. */
export type Pattern =
  | { kind: "set"; has: (codePoint: number) => boolean }
  | { kind: "sequence"; items: readonly Pattern[] }
  | { kind: "choice"; items: readonly Pattern[] }
  | { kind: "repeat"; item: Pattern; min: number; max: number }
  | { kind: "assert"; what: "start" | "end" | "word" | "notWord" };

/** `whole`: the pattern is the text. `part`: it occurs in the text. */
export type MatchMode = "whole" | "part";

export interface Matcher {
  test(text: string): boolean;
}

/** Thrown for a pattern that would take too much room. */
export class PatternTooLarge extends Error {}

/** Steps of one pattern, after repetitions are written out. A character costs at most so many. */
const MAX_NODES = 1000;
/** States kept; then all are forgotten and found again. */
const MAX_STATES = 2000;

type Node =
  | { kind: "set"; has: (codePoint: number) => boolean; next: number }
  | { kind: "split"; next: number[] }
  | { kind: "assert"; what: "start" | "end" | "word" | "notWord"; next: number }
  | { kind: "match" };

/** What stands before a place: nothing, a letter, digit or underscore, anything else. */
type Side = "edge" | "word" | "other";

interface State {
  kernel: readonly number[];
  before: Side;
  /** By code point. `true`: found. */
  next: Map<number, State | true>;
  atEnd?: boolean;
}

/** Throws PatternTooLarge. */
export function compilePattern(pattern: Pattern, mode: MatchMode): Matcher {
  const nodes: Node[] = [{ kind: "match" }];
  const start = addNodes(nodes, pattern, 0);
  const states = new Map<string, State>();
  const toState = (kernel: readonly number[], before: Side): State => {
    const key = `${kernel.join()}/${before}`;
    const known = states.get(key);
    if (known !== undefined) return known;
    if (states.size >= MAX_STATES) states.clear();
    const state: State = { kernel, before, next: new Map() };
    states.set(key, state);
    return state;
  };
  const step = (state: State, codePoint: number): State | true => {
    const after: Side = isWord(codePoint) ? "word" : "other";
    const reached = close(nodes, state, after);
    if (mode === "part" && reached.has(0)) return true;
    const kernel = new Set<number>(mode === "part" ? [start] : []);
    for (const id of reached) {
      const node = nodes[id];
      if (node?.kind === "set" && node.has(codePoint)) kernel.add(node.next);
    }
    return toState(
      [...kernel].sort((one, other) => one - other),
      after,
    );
  };
  return {
    test(text) {
      let state = toState([start], "edge");
      for (let at = 0; at < text.length; at++) {
        const codePoint = text.codePointAt(at) ?? 0;
        if (codePoint > 0xffff) at++;
        let next = state.next.get(codePoint);
        if (next === undefined) state.next.set(codePoint, (next = step(state, codePoint)));
        if (next === true) return true;
        state = next;
        if (state.kernel.length === 0) return false;
      }
      return (state.atEnd ??= close(nodes, state, "edge").has(0));
    },
  };
}

/** Adds the nodes of a pattern that go on to `next`. @returns its first node */
function addNodes(nodes: Node[], pattern: Pattern, next: number): number {
  const add = (node: Node): number => {
    if (nodes.length >= MAX_NODES) throw new PatternTooLarge("the pattern is too large");
    return nodes.push(node) - 1;
  };
  switch (pattern.kind) {
    case "set":
      return add({ kind: "set", has: pattern.has, next });
    case "assert":
      return add({ kind: "assert", what: pattern.what, next });
    case "sequence":
      return pattern.items.reduceRight((after, item) => addNodes(nodes, item, after), next);
    case "choice":
      return add({ kind: "split", next: pattern.items.map((item) => addNodes(nodes, item, next)) });
    case "repeat": {
      let first = next;
      if (pattern.max === Number.POSITIVE_INFINITY) {
        const loop: Node & { kind: "split" } = { kind: "split", next: [next] };
        first = add(loop);
        loop.next.push(addNodes(nodes, pattern.item, first));
      } else {
        // More often than there may be nodes is too large in any case.
        const most = Math.min(pattern.max, pattern.min + MAX_NODES);
        for (let i = pattern.min; i < most; i++) {
          first = add({ kind: "split", next: [addNodes(nodes, pattern.item, first), next] });
        }
      }
      for (let i = 0; i < pattern.min; i++) {
        const before = nodes.length;
        first = addNodes(nodes, pattern.item, first);
        // Nothing, repeated, is nothing.
        if (nodes.length === before) break;
      }
      return first;
    }
  }
}

/** Everything that is reached without taking a character, between what stood before and what comes after. */
function close(nodes: readonly Node[], state: State, after: Side): Set<number> {
  const reached = new Set<number>();
  const waiting = [...state.kernel];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    const node = nodes[id];
    if (node?.kind === "split") waiting.push(...node.next);
    else if (node?.kind === "assert" && holds(node.what, state.before, after)) waiting.push(node.next);
  }
  return reached;
}

function holds(what: "start" | "end" | "word" | "notWord", before: Side, after: Side): boolean {
  if (what === "start") return before === "edge";
  if (what === "end") return after === "edge";
  return ((before === "word") !== (after === "word")) === (what === "word");
}

/** Letters, digits, underscore; beyond ASCII all letters and digits of Unicode. */
export function isWord(codePoint: number): boolean {
  if (codePoint < 128) {
    const isLetter = (codePoint | 32) >= 97 && (codePoint | 32) <= 122;
    return isLetter || (codePoint >= 48 && codePoint <= 57) || codePoint === 95;
  }
  return /[\p{L}\p{N}\p{M}]/u.test(String.fromCodePoint(codePoint));
}

/** The same characters in either letter case. */
export function ignoringCase(has: (codePoint: number) => boolean): (codePoint: number) => boolean {
  return (codePoint) => {
    if (has(codePoint)) return true;
    const char = String.fromCodePoint(codePoint);
    return [char.toLowerCase(), char.toUpperCase()].some(
      (other) => [...other].length === 1 && has(other.codePointAt(0) ?? 0),
    );
  };
}
