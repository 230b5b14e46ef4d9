/**
 * Which model answers a message. Pure: text and settings in, `provider/model` out. Must never run a pattern that can
 * hang: patterns are judged when the configuration is loaded, and see only the start of a message.
 */
import type { Config } from "#main/config/schema.ts";

/** The model that always answers. */
export const DEMO_MODEL = "demo/tour";

/** `provider/model` taken apart. The model may hold slashes itself (`openrouter/meta/llama-4`). */
export interface ModelRef {
  provider: string;
  model: string;
}

/** One entry of `llm.routing`. Without a condition it always fits. */
type RoutingRule = Config["llm"]["routing"][number];

/** A rule that is ready to run. `fits` looks at the message's text. */
export interface CompiledRule {
  model: string;
  fits(text: string): boolean;
}

/** What is wrong in `llm.routing`, for the configuration's warnings. */
export interface RoutingWarning {
  path: string;
  message: string;
}

export interface RoutingInput {
  text: string;
  /** Asked for by the session or the request. */
  explicit?: string | undefined;
  /** `agents.<id>.model`. */
  agent?: string | undefined;
  rules: readonly CompiledRule[];
  /** `llm.model`. */
  standard?: string | undefined;
}

export interface RoutingChoice {
  ref: string;
  reason: "explicit" | "agent" | "rule" | "standard" | "demo";
}

/** Shorter messages are `short`. */
const SHORT_BELOW = 100;
/** A pattern sees so many characters of a message. */
const MATCH_WITHIN = 1000;
const MAX_PATTERN = 200;
/** Words that tell of programming, beside a code fence. Whole words only, in any script. */
const CODE_WORDS =
  /(?<![\p{L}\p{N}_])(?:function|class|import|const|def|compiler?|debug|refactor|bug|stack trace|exception|typescript|javascript|python|sql|regex)(?![\p{L}\p{N}_])/iu;

/** Takes `provider/model` apart at the first slash; undefined when a side is missing. */
export function parseModelRef(ref: string): ModelRef | undefined {
  const slash = ref.indexOf("/");
  if (slash <= 0 || slash === ref.length - 1 || /\s/.test(ref)) return undefined;
  return { provider: ref.slice(0, slash), model: ref.slice(slash + 1) };
}

/** The first that is set and readable: explicit, agent, first fitting rule, `llm.model`, the demo. */
export function chooseModel(input: RoutingInput): RoutingChoice {
  if (isRef(input.explicit)) return { ref: input.explicit, reason: "explicit" };
  if (isRef(input.agent)) return { ref: input.agent, reason: "agent" };
  const rule = input.rules.find((candidate) => candidate.fits(input.text));
  if (rule) return { ref: rule.model, reason: "rule" };
  if (isRef(input.standard)) return { ref: input.standard, reason: "standard" };
  return { ref: DEMO_MODEL, reason: "demo" };
}

/** Makes the rules ready. A rule that cannot be used is left out with a warning; the others keep their order. */
export function compileRouting(rules: readonly RoutingRule[]): {
  rules: CompiledRule[];
  warnings: RoutingWarning[];
} {
  const compiled: CompiledRule[] = [];
  const warnings: RoutingWarning[] = [];
  rules.forEach((rule, index) => {
    const path = `llm.routing.${index}`;
    if (!isRef(rule.model)) {
      warnings.push({ path: `${path}.model`, message: `"${rule.model}" is not provider/model; the rule is off` });
      return;
    }
    const pattern = rule.match === undefined ? undefined : compilePattern(rule.match);
    if (typeof pattern === "string") {
      warnings.push({ path: `${path}.match`, message: `${pattern}; the rule is off` });
      return;
    }
    compiled.push({ model: rule.model, fits: (text) => fitsWhen(rule.when, text) && fitsPattern(pattern, text) });
  });
  return { rules: compiled, warnings };
}

/** True for text that holds a code fence or one of the code words. */
export function looksLikeCode(text: string): boolean {
  return text.includes("```") || CODE_WORDS.test(text);
}

/**
 * Says why a pattern may take very long, or undefined. Cautious rather than exact: a repeated group that repeats or
 * chooses inside, a reference back, or more than two wide repetitions.
 */
export function slownessOf(pattern: string): string | undefined {
  if (pattern.length > MAX_PATTERN) return `the pattern is longer than ${MAX_PATTERN} characters`;
  if (/\\[1-9]|\\k</.test(pattern)) return "the pattern refers back to a group";
  if (hasRepeatedGroup(pattern)) return "the pattern repeats a group that itself repeats or chooses";
  const wide = pattern.match(/(\.|\[\^[^\]]*\]|\\[SWDw])(\*|\+|\{\d+,\})/g) ?? [];
  return wide.length > 2 ? "the pattern has more than two wide repetitions" : undefined;
}

function isRef(ref: string | undefined): ref is string {
  return ref !== undefined && parseModelRef(ref) !== undefined;
}

function fitsWhen(when: RoutingRule["when"], text: string): boolean {
  if (when === "code") return looksLikeCode(text);
  if (when === "short") return text.length < SHORT_BELOW;
  return true;
}

function fitsPattern(pattern: RegExp | undefined, text: string): boolean {
  return pattern === undefined || pattern.test(text.slice(0, MATCH_WITHIN));
}

/** The pattern ready to run, or what is wrong with it. */
function compilePattern(source: string): RegExp | string {
  const slow = slownessOf(source);
  if (slow !== undefined) return slow;
  try {
    return new RegExp(source, "i");
  } catch {
    return `"${source}" is not a regular expression`;
  }
}

/** Walks the pattern once and looks at each group that is repeated without a small bound. */
function hasRepeatedGroup(pattern: string): boolean {
  const open: { risky: boolean }[] = [];
  let inClass = false;
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i];
    if (character === "\\") i++;
    else if (inClass) inClass = character !== "]";
    else if (character === "[") inClass = true;
    else if (character === "(") open.push({ risky: false });
    else if (character === ")") {
      const group = open.pop();
      const repeated = /^(\*|\+|\{\d+,?\d*\})/.test(pattern.slice(i + 1));
      if (group?.risky && repeated) return true;
      const outer = open.at(-1);
      if (outer && (group?.risky || repeated)) outer.risky = true;
    } else if (character === "*" || character === "+" || character === "{" || character === "|") {
      const group = open.at(-1);
      if (group) group.risky = true;
    }
  }
  return false;
}
