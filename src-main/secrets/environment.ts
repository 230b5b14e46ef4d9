/** Secrets in the environment: found and offered, used only where the owner says so. Never copied anywhere by itself. */

type Environment = Readonly<Record<string, string | undefined>>;

export interface EnvironmentKey {
  provider: string;
  /** The provider's kind: `anthropic` or `openai`. */
  kind: string;
  variable: string;
  value: string;
}

const FIXED = [
  { variable: "ANTHROPIC_API_KEY", provider: "anthropic", kind: "anthropic" },
  { variable: "CLAUDE_API_KEY", provider: "anthropic", kind: "anthropic" },
  { variable: "OPENAI_API_KEY", provider: "openai", kind: "openai" },
] as const;

/** Whose key `LLM_API_KEY` is: `LLM_PROVIDER` says so, else an address of its own means an OpenAI-compatible service. */
function ofGeneral(env: Environment): { provider: string; kind: string } {
  const named = env["LLM_PROVIDER"]?.toLowerCase();
  const provider = named === "claude" ? "anthropic" : named || (env["LLM_BASE_URL"] ? "openai" : "anthropic");
  return { provider, kind: provider === "anthropic" ? "anthropic" : "openai" };
}

/** Keys of model services in the environment, the first for each provider: offers, not yet in use. */
export function findEnvironmentKeys(env: Environment): EnvironmentKey[] {
  const candidates = [...FIXED, { variable: "LLM_API_KEY", ...ofGeneral(env) }];
  const found = new Map<string, EnvironmentKey>();
  for (const { variable, provider, kind } of candidates) {
    const value = env[variable]?.trim();
    if (value && !found.has(provider)) found.set(provider, { provider, kind, variable, value });
  }
  return [...found.values()];
}

/**
 * The variable that stands for an account where nothing can be kept: `provider:anthropic:apiKey` →
 * `GATEHOUSE_SECRET_PROVIDER_ANTHROPIC_APIKEY`.
 */
export function variableOf(account: string): string {
  return `GATEHOUSE_SECRET_${account.toUpperCase().replaceAll(/[^A-Z0-9]+/g, "_")}`;
}
