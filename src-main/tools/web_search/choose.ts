/**
 * Which search services are asked, in which order: the one the owner named, then those with a key or an address, then
 * DuckDuckGo. Must never put a key anywhere but into its own service's request.
 */
import { refuse } from "#main/base/errors.ts";
import type { PlanContext } from "../contract.ts";
import type { SearchProvider } from "./contract.ts";
import { duckduckgo } from "./duckduckgo.ts";
import { brave, exa, searxng, tavily } from "./services.ts";

const PROVIDERS: readonly SearchProvider[] = [exa, brave, tavily, searxng, duckduckgo];

export interface ChosenProvider {
  provider: SearchProvider;
  baseUrl: string;
  key: string | undefined;
}

/** Never empty: DuckDuckGo needs nothing. Throws Refused for an address of a service that is not one. */
export function chooseProviders({ settings, services }: Pick<PlanContext, "settings" | "services">): ChosenProvider[] {
  const named = settings["provider"];
  const ready = PROVIDERS.flatMap((provider) => {
    const section = settings[provider.id];
    const own = typeof section === "object" && section !== null ? (section as Record<string, unknown>) : {};
    const baseUrl = textOf(own["baseUrl"]) ?? provider.baseUrl;
    const key = services.secret(`search:${provider.id}`) ?? textOf(own["apiKey"]);
    if (baseUrl !== undefined && !/^https?:\/\/[^\s@]+$/.test(baseUrl)) {
      throw refuse(`tools.web_search.${provider.id}.baseUrl is not an http or https address.`);
    }
    if (baseUrl === undefined || (provider.needsKey && key === undefined)) return [];
    return [{ provider, baseUrl: baseUrl.replace(/\/+$/, ""), key }];
  });
  const first = ready.filter(({ provider }) => provider.id === named);
  return [...first, ...ready.filter(({ provider }) => provider.id !== named)];
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}
