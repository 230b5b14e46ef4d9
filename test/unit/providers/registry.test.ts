import { describe, expect, it } from "vitest";
import { ProviderError, type ProviderEvent } from "#main/providers/contract.ts";
import type { ChosenModel, ModelChoice } from "#main/providers/registry.ts";
import { ACCOUNTS } from "#main/secrets/contract.ts";
import { say } from "#test/fakes/scripted-provider.ts";
import { openRegistry } from "./open-registry.ts";

const ask = (more: Partial<ModelChoice> = {}): ModelChoice => ({
  text: "a question that is not short".repeat(5),
  ...more,
});
const strictKey = { [ACCOUNTS.providerKey("strict")]: "kept-key-1" };

async function drain(chosen: ChosenModel, signal = new AbortController().signal): Promise<ProviderEvent[]> {
  const events: ProviderEvent[] = [];
  const request = { system: "", messages: [], tools: [], thinking: "off" as const };
  for await (const event of chosen.stream(request, signal, () => {})) events.push(event);
  return events;
}

describe("who can be asked", () => {
  it("is, with nothing configured, the demo alone; services wait for a key and say so", async () => {
    const { registry } = await openRegistry();
    expect(registry.statuses().map(({ provider, status, message }) => [provider, status, message])).toEqual([
      ["strict", "missing-key", "The strict has no API key. Add one in Settings → Models."],
      ["easy", "missing-key", "The easy has no API key. Add one in Settings → Models."],
      ["demo", "ready", undefined],
    ]);
    expect([registry.defaultRef, registry.isDemo]).toEqual(["demo/tour", true]);
  });

  it("needs no key at another address, where the kind allows that", async () => {
    const { registry } = await openRegistry({
      providers: {
        local: { kind: "easy", baseUrl: "http://127.0.0.1:1/v1" },
        blank: { kind: "easy", baseUrl: "" },
        proxy: { kind: "strict", baseUrl: "http://127.0.0.1:2" },
        gate: { kind: "strict", headers: { "X-Api-Key": "in-a-header" } },
      },
    });
    const told = new Map(registry.statuses().map((one) => [one.provider, one]));
    expect(told.get("local")).toMatchObject({ status: "ready", keySource: "none needed" });
    expect(told.get("blank")).toMatchObject({ status: "missing-key", keySource: "none" });
    expect(told.get("proxy")).toMatchObject({ status: "missing-key", message: expect.stringContaining('"proxy"') });
    expect(told.get("gate")).toMatchObject({ status: "ready" });
  });

  it("tells of an unknown kind, and of a provider that a missing variable switches off", async () => {
    const { registry } = await openRegistry({
      providers: { odd: { kind: "nothing" }, work: { kind: "strict", apiKey: "${WORK_KEY}" } },
    });
    const told = new Map(registry.statuses().map((one) => [one.provider, one]));
    expect(told.get("odd")).toMatchObject({
      status: "error",
      message: expect.stringContaining('unknown kind "nothing"'),
    });
    expect(told.get("work")).toMatchObject({ status: "error", message: expect.stringContaining("WORK_KEY") });
    expect(() => registry.choose(ask({ requested: "odd/big" }))).toThrow('unknown kind "nothing"');
    expect(() => registry.choose(ask({ requested: "work/big" }))).toThrow("WORK_KEY");
  });

  it("follows the configuration", async () => {
    const { registry, config } = await openRegistry();
    await config.patch(
      { llm: { model: "mine/big", providers: { mine: { kind: "strict", apiKey: "k-1" } } } },
      undefined,
    );
    expect(registry.find("mine")?.kind.kind).toBe("strict");
    expect([registry.defaultRef, registry.isDemo]).toEqual(["mine/big", false]);
    await config.patch({ llm: { model: null, providers: { mine: null } } }, undefined);
    expect(registry.find("mine")).toBeUndefined();
    expect(registry.isDemo).toBe(true);
  });

  it("is made again only when its part of the configuration changed", async () => {
    const { registry, config, strict } = await openRegistry();
    await config.patch({ logging: { level: "debug" } }, undefined);
    expect(strict.contexts).toHaveLength(1);
    await registry.dispose();
    await config.patch({ llm: { maxTokens: 5000 } }, undefined);
    expect(strict.contexts).toHaveLength(1);
  });
});

describe("keys", () => {
  it("come from the file, from a variable that the file names, from the secrets, in this order", async () => {
    const { registry } = await openRegistry(
      {
        providers: {
          plain: { kind: "strict", apiKey: "plain-key" },
          named: { kind: "strict", apiKey: "${MY_KEY}" },
          both: { kind: "strict", apiKey: "file-key" },
          empty: { kind: "strict", apiKey: "" },
        },
      },
      {
        env: { MY_KEY: "from-the-environment" },
        secrets: { [ACCOUNTS.providerKey("both")]: "kept", [ACCOUNTS.providerKey("empty")]: "kept-2", ...strictKey },
      },
    );
    const keyOf = (id: string) => registry.keyOf(id, registry.find(id)?.config ?? {});
    expect(keyOf("plain")).toEqual({ key: "plain-key", source: "config" });
    expect(keyOf("named")).toEqual({ key: "from-the-environment", source: "environment" });
    expect(keyOf("both")).toEqual({ key: "file-key", source: "config" });
    expect(keyOf("empty")).toEqual({ key: "kept-2", source: "keychain" });
    expect(keyOf("strict")).toEqual({ key: "kept-key-1", source: "keychain" });
    expect(keyOf("easy")).toEqual({ key: undefined, source: undefined });
    expect(registry.statuses().find((one) => one.provider === "named")?.keySource).toBe("environment");
  });

  it("are read at each call, so that a new one counts at once", async () => {
    const { secrets, strict } = await openRegistry();
    const context = strict.contexts[0];
    expect(context?.apiKey()).toBeUndefined();
    await secrets.set(ACCOUNTS.providerKey("strict"), "new-key");
    expect(context?.apiKey()).toBe("new-key");
  });

  it("[LM-15] of one provider are not another's, whatever its kind", async () => {
    const { strict, registry } = await openRegistry(
      { providers: { other: { kind: "strict" } } },
      { secrets: strictKey },
    );
    expect(strict.contexts.map((context) => [context.id, context.apiKey()])).toEqual([
      ["other", undefined],
      ["strict", "kept-key-1"],
    ]);
    expect(registry.create(strict, "strict (not saved)", { baseUrl: "http://elsewhere.example/" })).toBeDefined();
    expect(strict.contexts.at(-1)).toMatchObject({ baseUrl: "http://elsewhere.example" });
    expect(strict.contexts.at(-1)?.apiKey()).toBeUndefined();
  });
});

describe("the choice", () => {
  const two = { providers: { a: { kind: "strict", apiKey: "k" }, b: { kind: "strict", apiKey: "k" } } };

  it("takes what was asked for before the session's, the agent's, a rule's and the configured one", async () => {
    const { registry } = await openRegistry({ ...two, model: "a/std", routing: [{ match: "code", model: "a/rule" }] });
    const answered = (choice: Partial<ModelChoice>) => registry.choose(ask(choice)).answeredBy();
    expect(answered({ requested: "b/1", session: "b/2", agent: "b/3" })).toBe("b/1");
    expect(answered({ session: "b/2", agent: "b/3" })).toBe("b/2");
    expect(answered({ session: null, agent: "b/3", text: "code" })).toBe("b/3");
    expect(answered({ text: "some code" })).toBe("a/rule");
    expect(answered({ text: "words" })).toBe("a/std");
  });

  it("says what to do when nobody can answer", async () => {
    const { registry } = await openRegistry();
    expect(() => registry.choose(ask({ requested: "strict/big" }))).toThrow("Add one in Settings → Models");
    expect(() => registry.choose(ask({ requested: "gone/big" }))).toThrow(
      'needs the provider "gone", which is not configured',
    );
  });

  it("[J09] asks a fallback when the first fails, and says which one answered", async () => {
    const { registry, strict, warnings } = await openRegistry({
      ...two,
      model: "a/big",
      fallbacks: ["b/small", "a/big"],
    });
    const [first, second] = strict.providers;
    first?.script([{ type: "throw", error: new ProviderError("auth", "bad key") }]);
    second?.script(say("from b"));
    const chosen = registry.choose(ask());
    expect(chosen.contextWindow).toBe(1000);
    const events = await drain(chosen);
    expect(events).toContainEqual({ type: "text", delta: "from b", ref: "b/small" });
    expect(chosen.answeredBy()).toBe("b/small");
    expect([first?.requests.length, second?.requests.length]).toEqual([1, 1]);
    expect(second?.requests[0]?.model).toBe("small");
    expect(warnings).toEqual(["another model takes over"]);
  });

  it("[J09] passes over fallbacks that cannot be asked, and never leaves the demo for a service", async () => {
    const { registry } = await openRegistry({
      ...two,
      fallbacks: ["easy/big", "gone/x", "not a model", "a/big"],
    });
    const demo = registry.choose(ask());
    expect(demo.answeredBy()).toBe("demo/tour");
    expect(registry.choose(ask({ requested: "easy/big" })).answeredBy()).toBe("a/big");
  });

  it("sends the configured limit of tokens, and the request's own instead where there is one", async () => {
    const { registry, strict } = await openRegistry({ ...two, model: "a/big", maxTokens: 321 });
    await drain(registry.choose(ask()));
    const request = { system: "s", messages: [], tools: [], thinking: "low" as const, maxTokens: 7 };
    for await (const _ of registry.choose(ask()).stream(request, new AbortController().signal, () => {}));
    expect(strict.providers[0]?.requests.map((one) => [one.model, one.maxTokens])).toEqual([
      ["big", 321],
      ["big", 7],
    ]);
  });

  it("warns of a rule that cannot be used", async () => {
    const { warnings } = await openRegistry({ routing: [{ model: "nonsense" }] });
    expect(warnings).toEqual([expect.stringContaining('"nonsense" is not provider/model')]);
  });
});

describe("facts about a model", () => {
  it("come from the configuration above what is known of the kind", async () => {
    const { registry } = await openRegistry({
      providers: {
        a: {
          kind: "strict",
          apiKey: "k",
          models: [
            { id: "big", contextWindow: 512 },
            { id: "own", name: "Own" },
          ],
        },
      },
    });
    expect(registry.infoOf("a/big")).toMatchObject({ name: "Big", contextWindow: 512, price: { input: 1, output: 2 } });
    expect(registry.infoOf("a/own")).toEqual({ id: "own", name: "Own" });
    expect(registry.infoOf("a/big-20990101")).toMatchObject({ id: "big-20990101", name: "Big" });
    expect(registry.infoOf("a/unheard-of")).toBeUndefined();
    expect(registry.infoOf("gone/big")).toBeUndefined();
    expect(registry.infoOf("big")).toBeUndefined();
  });

  it("give an answer its price, or none when none is known", async () => {
    const { registry } = await openRegistry({ providers: { a: { kind: "strict", apiKey: "k" } } });
    const usage = { input: 1_000_000, output: 1_000_000 };
    expect(registry.choose(ask({ requested: "a/big" })).costOf(usage)).toBe(3);
    expect(registry.choose(ask({ requested: "a/unheard-of" })).costOf(usage)).toBeUndefined();
  });
});
