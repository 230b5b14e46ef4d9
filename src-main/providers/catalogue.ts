/** Which models there are: what services list, remembered for a while, with what is known of each. */
import type { Clock } from "#main/base/clock.ts";
import { isAbort, messageOf } from "#main/base/errors.ts";
import type { MethodResult } from "#main/protocol/methods/index.ts";
import type { ModelRow, ProviderOffer } from "#main/protocol/methods/config.ts";
import { ProviderError, type ModelInfo, type ProviderFailure } from "./contract.ts";
import type { Configured, ProviderRegistry } from "./registry.ts";

const REMEMBER_MS = 10 * 60_000;
const LIST_TIMEOUT_MS = 5000;
const LOCAL_TIMEOUT_MS = 800;
const OLLAMA_URL = "http://127.0.0.1:11434";

type ProbeResult = Omit<MethodResult<"models.probe">, "provider">;

const STATUS_OF: Record<ProviderFailure, ProbeResult["status"]> = {
  auth: "auth",
  billing: "billing",
  rate_limit: "rate_limit",
  overloaded: "rate_limit",
  timeout: "timeout",
  format: "format",
  no_model: "no_model",
  server: "unknown",
  network: "unknown",
  context_length: "unknown",
  bad_request: "unknown",
};

export class ModelCatalogue {
  readonly #registry: ProviderRegistry;
  readonly #clock: Clock;
  readonly #fetch: typeof fetch;
  readonly #lists = new Map<string, { at: number; models: ModelInfo[] }>();

  constructor(deps: { registry: ProviderRegistry; clock: Clock; fetch: typeof fetch }) {
    this.#registry = deps.registry;
    this.#clock = deps.clock;
    this.#fetch = deps.fetch;
  }

  /** Models of all providers that can be asked; a service that does not answer is shown by what is known of it. */
  async list(refresh: boolean): Promise<ModelRow[]> {
    const ready = new Map(this.#registry.statuses().map((status) => [status.provider, status]));
    const lists = await Promise.all(
      this.#registry.all().map(async (configured) => {
        const status = ready.get(configured.id);
        const isReady = status?.status === "ready";
        const models = isReady ? await this.#modelsOf(configured, refresh) : [];
        const shown = models.length > 0 || isReady ? models : [...configured.kind.knownModels];
        return shown.map((model) => this.#toRow(configured, model, isReady ? undefined : status?.message));
      }),
    );
    return lists.flat();
  }

  /** Forgets what was remembered of a provider, or of all. */
  forget(id?: string): void {
    if (id === undefined) this.#lists.clear();
    else this.#lists.delete(id);
  }

  /** Asks the service which models it has, and says in words why it would not tell. Never throws. */
  async probe(configured: Configured, timeoutMs: number): Promise<ProbeResult> {
    const startedAt = this.#clock.monotonic();
    const elapsed = () => Math.round(this.#clock.monotonic() - startedAt);
    try {
      const models = await this.#ask(configured, timeoutMs);
      return { status: "ok", latencyMs: elapsed(), models: models.map((model) => model.id) };
    } catch (error) {
      const status = error instanceof ProviderError ? STATUS_OF[error.failure] : isAbort(error) ? "timeout" : "unknown";
      const words = isAbort(error) ? `no answer within ${Math.round(timeoutMs / 1000)} s` : messageOf(error);
      return { status, latencyMs: elapsed(), error: words, models: [] };
    }
  }

  /** A local Ollama, if one answers at its usual address. Nothing else is tried. */
  async findLocalServers(): Promise<ProviderOffer[]> {
    try {
      const body = await this.#within(LOCAL_TIMEOUT_MS, async (signal) => {
        const response = await this.#fetch(`${OLLAMA_URL}/api/tags`, { signal });
        return response.ok ? ((await response.json()) as { models?: { name?: string }[] }) : undefined;
      });
      if (!body) return [];
      const models = (body.models ?? []).flatMap((model) => (typeof model.name === "string" ? [model.name] : []));
      const detail =
        models.length === 0
          ? "running, no model downloaded yet"
          : `running with ${models.length} model${models.length === 1 ? "" : "s"}`;
      const offer = { id: "local:ollama", provider: "ollama", kind: "openai", label: "Ollama" } as const;
      return [{ ...offer, source: "local-server", detail, baseUrl: `${OLLAMA_URL}/v1`, models }];
    } catch {
      return [];
    }
  }

  async #modelsOf(configured: Configured, refresh: boolean): Promise<ModelInfo[]> {
    const remembered = this.#lists.get(configured.id);
    const now = this.#clock.monotonic();
    if (remembered && !refresh && now - remembered.at < REMEMBER_MS) return remembered.models;
    try {
      const models = await this.#ask(configured, LIST_TIMEOUT_MS);
      this.#lists.set(configured.id, { at: now, models });
      return models;
    } catch {
      return remembered?.models ?? [...configured.kind.knownModels];
    }
  }

  #ask({ provider }: Configured, timeoutMs: number): Promise<ModelInfo[]> {
    return this.#within(timeoutMs, (signal) => provider.models(signal));
  }

  /** Does what is aborted when it takes too long. */
  async #within<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const cancel = new AbortController();
    const timer = this.#clock.after(timeoutMs, () => cancel.abort());
    try {
      return await work(cancel.signal);
    } finally {
      await timer.dispose();
    }
  }

  #toRow(configured: Configured, model: ModelInfo, unavailable: string | undefined): ModelRow {
    const ref = `${configured.id}/${model.id}`;
    const info = this.#registry.infoOf(ref) ?? model;
    const contextWindow = model.contextWindow ?? info.contextWindow;
    return {
      id: model.id,
      name: model.name === model.id ? info.name : model.name,
      provider: configured.id,
      ref,
      available: unavailable === undefined,
      ...(unavailable === undefined ? {} : { unavailableReason: unavailable }),
      ...(contextWindow === undefined ? {} : { contextWindow }),
      ...(info.reasoning === undefined ? {} : { reasoning: info.reasoning }),
      ...(info.input === undefined ? {} : { input: [...info.input] }),
      isDefault: ref === this.#registry.defaultRef,
    };
  }
}
