import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { REDACTED } from "#main/config/contract.ts";
import { redactTree, restoreRedacted, secretsIn } from "#main/config/redact.ts";

const CANARY = "canary-that-nobody-sees";

const TREE = {
  gateway: { port: 1, auth: { mode: "token", token: CANARY } },
  llm: {
    model: "a/b",
    providers: {
      "my-key": {
        kind: "openai",
        apiKey: CANARY,
        headers: { "X-Custom": CANARY },
        baseUrl: `https://me:${CANARY}@host/v1`,
      },
      ref: { apiKey: "${ANTHROPIC_API_KEY}" },
      withDefault: { apiKey: `\${NONE:-${CANARY}}` },
    },
  },
  channels: {
    telegram: { token: CANARY, enabled: true },
    slack: { botToken: CANARY, signingSecret: CANARY },
    line: { accounts: [{ secret: CANARY, name: "x" }] },
  },
  voice: { credentials: { user: CANARY, pass: [CANARY] } },
  secrets: { backend: "auto" },
  sessions: { contextTokens: 128_000 },
};

describe("redactTree", () => {
  it("[CF-04] takes out every secret, known, named or shaped, and nothing else", () => {
    const redacted = redactTree(TREE);
    expect(JSON.stringify(redacted)).not.toContain(CANARY);
    expect(redacted).toMatchObject({
      gateway: { port: 1, auth: { mode: "token", token: REDACTED } },
      llm: { model: "a/b", providers: { "my-key": { kind: "openai" }, ref: { apiKey: "${ANTHROPIC_API_KEY}" } } },
      channels: { telegram: { enabled: true }, line: { accounts: [{ name: "x" }] } },
      secrets: { backend: "auto" },
      sessions: { contextTokens: 128_000 },
    });
  });

  it("shows it where the name does not say so: the twin that proves the names matter", () => {
    expect(JSON.stringify(redactTree({ channels: { telegram: { nickname: CANARY } } }))).toContain(CANARY);
  });

  it("lists the secrets that are written in plain text, with their paths", () => {
    const paths = secretsIn(TREE).map(({ path }) => path);
    expect(paths).toContain("gateway.auth.token");
    expect(paths).toContain("channels.line.accounts[0].secret");
    expect(paths).not.toContain("llm.providers.ref.apiKey");
    expect(secretsIn(redactTree(TREE))).toEqual([]);
  });
});

describe("restoreRedacted", () => {
  it("[CF-04] puts everything back where nothing was changed", () => {
    expect(restoreRedacted(redactTree(TREE), TREE)).toEqual(TREE);
  });

  it("[CF-04] gives any tree back from its redacted copy", () => {
    const key = fc.oneof(
      fc.constantFrom("token", "apiKey", "llm", "providers", "gateway", "auth", "name", "list"),
      fc.string({ maxLength: 6 }),
    );
    const value = fc.oneof(fc.string({ maxLength: 12 }), fc.integer(), fc.boolean(), fc.constant("${A}"));
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        value,
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(key, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, tree, { maxKeys: 5, noNullPrototype: true }), (original) => {
        fc.pre(!JSON.stringify(original).includes("__"));
        const back = JSON.stringify(restoreRedacted(redactTree(original), original));
        // Two list elements that look the same once redacted may change places with nobody the wiser.
        if (!hasLists(original)) expect(JSON.parse(back)).toEqual(original);
        expect(back).not.toContain(REDACTED);
      }),
    );
  });

  it("[CF-04] keeps the secret of a changed section and takes a new one", () => {
    const next = { gateway: { port: 2, auth: { token: REDACTED } }, channels: { telegram: { token: "fresh" } } };
    expect(restoreRedacted(next, TREE)).toEqual({
      gateway: { port: 2, auth: { token: CANARY } },
      channels: { telegram: { token: "fresh" } },
    });
  });

  it("[CF-04] follows a list element that moved, and refuses to guess for one that changed", () => {
    const current = {
      plugins: {
        list: [
          { host: "a", token: "ta" },
          { host: "b", token: "tb" },
        ],
      },
    };
    const moved = { plugins: { list: [{ host: "b", token: REDACTED }] } };
    expect(restoreRedacted(moved, current)).toEqual({ plugins: { list: [{ host: "b", token: "tb" }] } });
    const changed = {
      plugins: {
        list: [
          { host: "evil", token: REDACTED },
          { host: "b", token: REDACTED },
        ],
      },
    };
    expect(() => restoreRedacted(changed, current)).toThrow("plugins.list[0]");
  });

  it("[CF-04] refuses the mark where there is no secret", () => {
    expect(() => restoreRedacted({ gateway: { auth: { password: REDACTED } } }, TREE)).toThrow("gateway.auth.password");
    expect(() => restoreRedacted({ toString: REDACTED }, {})).toThrow("toString");
  });
});

function hasLists(value: unknown): boolean {
  if (Array.isArray(value)) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(hasLists);
}
