import { describe, expect, it } from "vitest";
import { ModelCatalogue } from "#main/providers/catalogue.ts";
import { ProviderError, type ModelInfo, type ProviderFailure } from "#main/providers/contract.ts";
import { PROVIDER_KINDS } from "#main/providers/index.ts";
import { ACCOUNTS } from "#main/secrets/contract.ts";
import { openRegistry, type OpenRegistry } from "./open-registry.ts";

const noFetch: typeof fetch = async () => {
  throw new Error("nothing may be asked here");
};

function catalogueOf({ registry, clock }: OpenRegistry, fetch = noFetch): ModelCatalogue {
  return new ModelCatalogue({ registry, clock, fetch });
}

const keyed = { providers: { a: { kind: "strict", apiKey: "k" } } };

describe("the list", () => {
  it("names every model of a service without a key as not available, with the reason, and asks nobody", async () => {
    let asked = 0;
    const open = await openRegistry({}, { models: async () => ((asked += 1), []) });
    const rows = await catalogueOf(open).list(true);
    expect(asked).toBe(0);
    expect(rows.map(({ ref, available }) => [ref, available])).toEqual([
      ["strict/big", false],
      ["strict/small", false],
      ["easy/big", false],
      ["easy/small", false],
      ["demo/tour", true],
    ]);
    expect(rows[0]).toMatchObject({ unavailableReason: expect.stringContaining("has no API key"), isDefault: false });
    expect(rows.at(-1)).toMatchObject({ isDefault: true });
  });

  it("names Anthropic's and OpenAI's models as not available with nothing configured, and the demo as available", async () => {
    const rows = await catalogueOf(await openRegistry({}, { kinds: PROVIDER_KINDS })).list(true);
    for (const provider of ["anthropic", "openai"]) {
      const own = rows.filter((row) => row.provider === provider);
      expect(own.length).toBeGreaterThan(5);
      expect(own.filter((row) => row.available || row.unavailableReason === undefined)).toEqual([]);
    }
    expect(rows.filter((row) => row.available).map((row) => row.ref)).toEqual(["demo/tour"]);
  });

  it("becomes available with a key, as the service tells it, with what is known beside", async () => {
    const models = async (): Promise<ModelInfo[]> => [
      { id: "big", name: "big", contextWindow: 2000 },
      { id: "new", name: "Brand new" },
    ];
    const open = await openRegistry(
      { model: "strict/big" },
      { models, secrets: { [ACCOUNTS.providerKey("strict")]: "k" } },
    );
    const rows = (await catalogueOf(open).list(false)).filter((row) => row.provider === "strict");
    expect(rows).toEqual([
      {
        id: "big",
        name: "Big",
        provider: "strict",
        ref: "strict/big",
        available: true,
        contextWindow: 2000,
        reasoning: true,
        input: ["text"],
        isDefault: true,
      },
      { id: "new", name: "Brand new", provider: "strict", ref: "strict/new", available: true, isDefault: false },
    ]);
  });

  it("is remembered for ten minutes, unless it is to be fresh or was forgotten", async () => {
    let asked = 0;
    const open = await openRegistry(keyed, { models: async () => [{ id: `m${(asked += 1)}`, name: "m" }] });
    const catalogue = catalogueOf(open);
    const first = async (refresh = false) => (await catalogue.list(refresh)).find((row) => row.provider === "a")?.id;
    expect([await first(), await first()]).toEqual(["m1", "m1"]);
    await open.clock.advance(10 * 60_000 - 1);
    expect(await first()).toBe("m1");
    await open.clock.advance(1);
    expect(await first()).toBe("m2");
    expect(await first(true)).toBe("m3");
    catalogue.forget("another");
    expect(await first()).toBe("m3");
    catalogue.forget("a");
    expect(await first()).toBe("m4");
    catalogue.forget();
    expect(await first()).toBe("m5");
  });

  it("shows what it last heard when a service does not answer, and what is known when it never did", async () => {
    let fails = true;
    const models = async (): Promise<ModelInfo[]> => {
      if (fails) throw new ProviderError("network", "unreachable");
      return [{ id: "told", name: "Told" }];
    };
    const open = await openRegistry(keyed, { models });
    const catalogue = catalogueOf(open);
    const ids = async () => (await catalogue.list(true)).flatMap((row) => (row.provider === "a" ? [row.id] : []));
    expect(await ids()).toEqual(["big", "small"]);
    fails = false;
    expect(await ids()).toEqual(["told"]);
    fails = true;
    expect(await ids()).toEqual(["told"]);
  });

  it("waits five seconds for a service and no longer", async () => {
    const models = (signal: AbortSignal) =>
      new Promise<ModelInfo[]>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const open = await openRegistry(keyed, { models });
    const listing = catalogueOf(open).list(false);
    await open.clock.advance(5000);
    expect((await listing).filter((row) => row.provider === "a").map((row) => row.id)).toEqual(["big", "small"]);
  });
});

describe("a probe", () => {
  it("tells the models and how long they took", async () => {
    const open = await openRegistry(keyed, {
      models: async () => {
        await open.clock.advance(42);
        return [{ id: "x", name: "X" }];
      },
    });
    const configured = open.registry.find("a");
    expect(configured && (await catalogueOf(open).probe(configured, 1000))).toEqual({
      status: "ok",
      latencyMs: 42,
      models: ["x"],
    });
  });

  it.each<[ProviderFailure, string]>([
    ["auth", "auth"],
    ["billing", "billing"],
    ["rate_limit", "rate_limit"],
    ["overloaded", "rate_limit"],
    ["timeout", "timeout"],
    ["format", "format"],
    ["no_model", "no_model"],
    ["server", "unknown"],
    ["network", "unknown"],
    ["context_length", "unknown"],
    ["bad_request", "unknown"],
  ])("tells the failure %s as %s, in the service's words", async (failure, status) => {
    const open = await openRegistry(keyed, {
      models: async () => {
        throw new ProviderError(failure, `it said ${failure}`);
      },
    });
    const configured = open.registry.find("a");
    expect(configured && (await catalogueOf(open).probe(configured, 1000))).toMatchObject({
      status,
      error: `it said ${failure}`,
      models: [],
    });
  });

  it("is over when its time is", async () => {
    const open = await openRegistry(keyed, {
      models: (signal) =>
        new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    });
    const configured = open.registry.find("a");
    const probing = configured && catalogueOf(open).probe(configured, 3000);
    await open.clock.advance(3000);
    expect(await probing).toMatchObject({ status: "timeout", error: "no answer within 3 s", latencyMs: 3000 });
  });

  it("is told as failed when a provider throws what none may throw", async () => {
    const open = await openRegistry(keyed, {
      models: async () => {
        throw new TypeError("broken");
      },
    });
    const configured = open.registry.find("a");
    expect(configured && (await catalogueOf(open).probe(configured, 1000))).toMatchObject({ status: "unknown" });
  });
});

describe("a local server", () => {
  const answer = (body: unknown, status = 200): typeof fetch => {
    return async () => new Response(typeof body === "string" ? body : JSON.stringify(body), { status });
  };

  it("is offered when Ollama answers at its usual address, and nothing else is asked", async () => {
    const asked: string[] = [];
    const fetch: typeof globalThis.fetch = async (input) => {
      asked.push(String(input));
      return Response.json({ models: [{ name: "llama4:8b" }, { name: "qwen4" }, { nonsense: true }] });
    };
    expect(await catalogueOf(await openRegistry(), fetch).findLocalServers()).toEqual([
      {
        id: "local:ollama",
        provider: "ollama",
        kind: "openai",
        label: "Ollama",
        source: "local-server",
        detail: "running with 2 models",
        baseUrl: "http://127.0.0.1:11434/v1",
        models: ["llama4:8b", "qwen4"],
      },
    ]);
    expect(asked).toEqual(["http://127.0.0.1:11434/api/tags"]);
  });

  it("says when it has no model yet, or one", async () => {
    const detailOf = async (body: unknown) =>
      (await catalogueOf(await openRegistry(), answer(body)).findLocalServers())[0]?.detail;
    expect(await detailOf({})).toBe("running, no model downloaded yet");
    expect(await detailOf({ models: [{ name: "one" }] })).toBe("running with 1 model");
  });

  it("is not offered when another program has the port, or nobody answers in time", async () => {
    const open = await openRegistry();
    expect(await catalogueOf(open, answer("<html>", 200)).findLocalServers()).toEqual([]);
    expect(await catalogueOf(open, answer({}, 404)).findLocalServers()).toEqual([]);
    expect(await catalogueOf(open).findLocalServers()).toEqual([]);
    const silent: typeof fetch = (_input, init) =>
      new Promise((_resolve, reject) => init?.signal?.addEventListener("abort", () => reject(init.signal?.reason)));
    const finding = catalogueOf(open, silent).findLocalServers();
    await open.clock.advance(800);
    expect(await finding).toEqual([]);
  });
});
