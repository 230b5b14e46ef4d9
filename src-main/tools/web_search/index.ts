/**
 * Searches the web with the first service that answers. What comes back is other people's words and is marked as such.
 * Must never send out what looks like a secret, nor show a key in a message.
 */
import Type from "typebox";
import { messageOf, NetworkError, RemoteError, refuse } from "#main/base/errors.ts";
import { withoutSecrets } from "#main/base/http/failure.ts";
import { looksSecret } from "#main/base/log-redactor.ts";
import { defineParams, defineTool, type PlanContext, type ToolContext } from "../contract.ts";
import { chooseProviders, type ChosenProvider } from "./services.ts";
import type { FoundPage } from "./contract.ts";
import { cleanPages, toList } from "./results.ts";

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 1024 * 1024;

export const webSearchTool = defineTool({
  name: "web_search",
  group: "web",
  description: "Searches the web. Returns titles, addresses and short extracts; read a page with web_fetch.",
  params: defineParams({
    query: Type.String({ minLength: 1, maxLength: 400 }),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10, description: "How many results [5]" })),
  }),
  level: () => 2,
  async plan({ query }, context: PlanContext) {
    checkQuery(query);
    const chosen = chooseProviders(context);
    const hosts = chosen.map(({ baseUrl }) => new URL(baseUrl).hostname);
    const names = chosen.map(({ provider }) => provider.label).join(", else ");
    return { summary: `Search the web for ${JSON.stringify(query)} (${names})`, hosts: [...new Set(hosts)] };
  },
  async run({ query, limit = 5 }, context) {
    checkQuery(query);
    const failures: string[] = [];
    for (const chosen of chooseProviders(context)) {
      context.signal.throwIfAborted();
      try {
        const pages = cleanPages(await ask(chosen, { query, limit }, context), limit);
        const head = `${pages.length === 0 ? "Nothing found" : "Found"} by ${chosen.provider.label}:`;
        return {
          text: pages.length === 0 ? head.replace(":", ".") : `${head}\n\n${toList(pages)}`,
          untrusted: "web search",
        };
      } catch (error) {
        context.signal.throwIfAborted();
        const why = withoutSecrets(messageOf(error), [chosen.key]);
        context.log.info("a search service failed", { provider: chosen.provider.id, why });
        failures.push(`${chosen.provider.label}: ${why}`);
      }
    }
    throw new NetworkError("UNAVAILABLE", `No search service answered. ${failures.join(" · ")}`);
  },
});

function checkQuery(query: string): void {
  if (!looksSecret(query)) return;
  throw refuse("The query holds something that looks like a secret; search without it.");
}

async function ask(
  { provider, baseUrl, key }: ChosenProvider,
  { query, limit }: { query: string; limit: number },
  context: ToolContext,
): Promise<FoundPage[]> {
  const { url, method, headers, body } = provider.toRequest(query.toWellFormed(), limit, { baseUrl, key });
  const response = await context.fetch(url, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    maxBytes: MAX_BYTES,
    timeoutMs: TIMEOUT_MS,
  });
  const text = new TextDecoder().decode(response.body);
  if (response.status === 401 || response.status === 403) {
    throw new RemoteError("UNAVAILABLE", `it does not accept the key (status ${response.status})`);
  }
  if (response.status === 429) throw new RemoteError("UNAVAILABLE", "it has been asked too often (status 429)");
  if (response.status < 200 || response.status > 299) {
    throw new RemoteError("UNAVAILABLE", `it answered with status ${response.status}`);
  }
  return provider.readAnswer(text);
}
