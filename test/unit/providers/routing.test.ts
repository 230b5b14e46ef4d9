import { describe, expect, it } from "vitest";
import { chooseModel, compileRouting, looksLikeCode, parseModelRef, slownessOf } from "#main/providers/routing.ts";

const LONG =
  "Tell me a story about a lighthouse keeper and the sea, with a storm, a letter that came late, and a quiet end.";

describe("model references", () => {
  it("splits at the first slash, so that a model may hold slashes", () => {
    expect(parseModelRef("openrouter/meta/llama-4")).toEqual({ provider: "openrouter", model: "meta/llama-4" });
  });
  it.each(["", "gpt", "/gpt", "openai/", "open ai/gpt"])("refuses %j", (ref) => {
    expect(parseModelRef(ref)).toBeUndefined();
  });
});

describe("model routing", () => {
  const { rules } = compileRouting([
    { match: "^translate", model: "a/regex" },
    { when: "code", model: "a/code" },
    { when: "short", model: "a/fast" },
  ]);

  it("[J04] takes the first regular expression that fits, whatever the case", () => {
    expect(chooseModel({ text: "Translate this python function", rules, standard: "a/main" })).toEqual({
      ref: "a/regex",
      reason: "rule",
    });
  });
  it("[J04] takes the code rule for words of programming", () => {
    expect(chooseModel({ text: `${LONG} Then debug it.`, rules, standard: "a/main" }).ref).toBe("a/code");
  });
  it("[J04] takes the fast model below 100 characters, and not at 100", () => {
    expect(chooseModel({ text: "x".repeat(99), rules, standard: "a/main" }).ref).toBe("a/fast");
    expect(chooseModel({ text: "x".repeat(100), rules, standard: "a/main" }).ref).toBe("a/main");
  });
  it("[J04] falls back to the standard model, then to the demo", () => {
    expect(chooseModel({ text: LONG, rules, standard: "a/main" })).toEqual({ ref: "a/main", reason: "standard" });
    expect(chooseModel({ text: LONG, rules })).toEqual({ ref: "demo/tour", reason: "demo" });
  });
  it("puts an explicit choice before the agent's, and the agent's before the rules", () => {
    expect(chooseModel({ text: "hi", explicit: "x/one", agent: "x/two", rules }).ref).toBe("x/one");
    expect(chooseModel({ text: "hi", agent: "x/two", rules })).toEqual({ ref: "x/two", reason: "agent" });
  });
  it("passes over a choice that is not provider/model", () => {
    expect(chooseModel({ text: LONG, explicit: "nonsense", rules: [], standard: "a/main" }).ref).toBe("a/main");
  });
  it("asks for both conditions where a rule has both", () => {
    const both = compileRouting([{ match: "please", when: "short", model: "a/b" }]).rules;
    expect(chooseModel({ text: "please", rules: both }).reason).toBe("rule");
    expect(chooseModel({ text: `please ${LONG}`, rules: both }).reason).toBe("demo");
  });
});

describe("routing rules", () => {
  it("leaves out what does not compile, with a warning that names its path", () => {
    const { rules, warnings } = compileRouting([
      { match: "(", model: "a/b" },
      { match: "ok", model: "a/b" },
      { match: "ok", model: "nothing" },
    ]);
    expect(rules).toHaveLength(1);
    expect(warnings.map((warning) => warning.path)).toEqual(["llm.routing.0.match", "llm.routing.2.model"]);
  });
  it.each([
    "(a+)+$",
    "(a|a)*b",
    "([a-z]+)*x",
    "((ab)*c)+",
    "(\\w+\\s?){2,}$",
    "(.)\\1",
    ".*a.*b.*c.*",
    "a".repeat(201),
  ])("never runs a pattern that looks slow: %s", (pattern) => {
    expect(slownessOf(pattern)).toBeDefined();
    expect(compileRouting([{ match: pattern, model: "a/b" }]).rules).toEqual([]);
  });
  it.each(["^translate", "(foo|bar) baz", "\\bsql\\b", "[a-z]+ \\d{2,4}", "(?:fix|mend) .*bug", "a\\(b+\\)+"])(
    "runs an ordinary pattern: %s",
    (pattern) => {
      expect(slownessOf(pattern)).toBeUndefined();
    },
  );
  it("knows code by whole words and by fences", () => {
    expect(looksLikeCode("Refactor this, please")).toBe(true);
    expect(looksLikeCode("```\nx\n```")).toBe(true);
    expect(looksLikeCode("What is first-class mail?")).toBe(true);
    expect(looksLikeCode("a definite classic, importantly")).toBe(false);
  });
});
