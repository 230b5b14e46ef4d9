import { expect, it } from "vitest";
import type { Config } from "#main/config/schema.ts";
import { ownGatewayToken, toSharedSecret } from "#main/identity/gateway-token.ts";
import { createMemorySecrets } from "#test/fakes/memory-secrets.ts";

const configOf = (auth: Partial<Config["gateway"]["auth"]>) =>
  ({ gateway: { auth: { mode: "token", ...auth } } }) as unknown as Config;

it("[D01] makes a token at the first start and keeps it", async () => {
  const secrets = createMemorySecrets();
  const made = await ownGatewayToken(configOf({}), secrets);
  expect(Buffer.from(made, "base64url")).toHaveLength(32);
  expect(await ownGatewayToken(configOf({}), secrets)).toBe(made);
});

it("[D01] keeps none where the configuration gives one", async () => {
  const secrets = createMemorySecrets();
  await ownGatewayToken(configOf({ token: "given" }), secrets);
  expect(secrets.accounts()).toEqual([]);
});

it.each([
  [{ token: "given" }, { mode: "token", value: "given" }],
  [{ token: "" }, { mode: "token", value: "own" }],
  [{}, { mode: "token", value: "own" }],
  [
    { token: "given", password: "word" },
    { mode: "token", value: "given" },
  ],
  [
    { mode: "password", password: "word" },
    { mode: "password", value: "word" },
  ],
  [
    { mode: "password", token: "given", password: "word" },
    { mode: "password", value: "word" },
  ],
  [
    { mode: "password", password: "" },
    { mode: "password", value: undefined },
  ],
  [
    { mode: "password", token: "given" },
    { mode: "password", value: undefined },
  ],
] as [Partial<Config["gateway"]["auth"]>, unknown][])("[D02] the configuration %j means %j", (auth, secret) => {
  expect(toSharedSecret(configOf(auth), "own")).toEqual(secret);
});
