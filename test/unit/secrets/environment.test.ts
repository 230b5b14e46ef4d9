import { describe, expect, it } from "vitest";
import { findEnvironmentKeys, variableOf } from "#main/secrets/environment.ts";

describe("findEnvironmentKeys", () => {
  it("offers what it finds, the first for each provider", () => {
    expect(
      findEnvironmentKeys({ ANTHROPIC_API_KEY: "a", CLAUDE_API_KEY: "b", OPENAI_API_KEY: "c", OTHER: "d" }),
    ).toEqual([
      { provider: "anthropic", kind: "anthropic", variable: "ANTHROPIC_API_KEY", value: "a" },
      { provider: "openai", kind: "openai", variable: "OPENAI_API_KEY", value: "c" },
    ]);
  });

  it("offers nothing where nothing is, or only blanks are", () => {
    expect(findEnvironmentKeys({})).toEqual([]);
    expect(findEnvironmentKeys({ OPENAI_API_KEY: "  " })).toEqual([]);
  });

  it.each([
    [{}, "anthropic", "anthropic"],
    [{ LLM_BASE_URL: "http://localhost:1/v1" }, "openai", "openai"],
    [{ LLM_PROVIDER: "Claude" }, "anthropic", "anthropic"],
    [{ LLM_PROVIDER: "groq" }, "groq", "openai"],
  ])("gives LLM_API_KEY to the provider that %j means", (env, provider, kind) => {
    expect(findEnvironmentKeys({ ...env, LLM_API_KEY: "k" })).toEqual([
      { provider, kind, variable: "LLM_API_KEY", value: "k" },
    ]);
  });
});

it("names the variable of an account", () => {
  expect(variableOf("provider:my-openai:apiKey")).toBe("GATEHOUSE_SECRET_PROVIDER_MY_OPENAI_APIKEY");
});
