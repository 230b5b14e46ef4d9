import { expect, it } from "vitest";
import { createSecretCutter } from "#main/compose/own-secrets.ts";
import type { Ground } from "#main/compose/ground.ts";

function cutterOf(current: unknown, stored: Record<string, string> = {}) {
  const secrets = { accounts: () => Object.keys(stored), get: (account: string) => stored[account] };
  return createSecretCutter({ config: { current }, secrets } as unknown as Pick<Ground, "config" | "secrets">);
}

it("[LG-01] cuts what is configured and what is kept, as it is at the moment, at any depth", () => {
  const config = { llm: { providers: { a: { apiKey: "key-of-provider-a", baseUrl: "http://somewhere.test/v1" } } } };
  const stored: Record<string, string> = { "gateway:token": "the-token-of-the-gateway" };
  const cut = cutterOf(config, stored);
  expect(cut("a key-of-provider-a b the-token-of-the-gateway http://somewhere.test/v1")).toBe(
    "a [redacted] b [redacted] http://somewhere.test/v1",
  );
  stored["channel:x"] = "a-token-that-came-later";
  expect(cut("a-token-that-came-later")).toBe("[redacted]");
});

it("leaves words alone that stand where a key is not needed", () => {
  const cut = cutterOf({ llm: { providers: { ollama: { apiKey: "ollama" }, b: { apiKey: "" } } } });
  expect(cut("ollama runs here")).toBe("ollama runs here");
});
