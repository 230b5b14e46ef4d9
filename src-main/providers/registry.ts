/**
 * The configured providers, alive: made from the configuration in force, remade when it changes, keys looked up at each
 * call. Chooses who answers a message. The only place that knows where a provider's key comes from.
 */
import type { Clock } from "#main/base/clock.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { Refused } from "#main/base/errors.ts";
import type { HttpCall } from "#main/base/http/client.ts";
import type { Logger } from "#main/base/logger.ts";
import type { ConfigService } from "#main/config/contract.ts";
import type { Config, ProviderConfig } from "#main/config/schema.ts";
import type { ProviderStatus } from "#main/protocol/methods/config.ts";
import type { Usage } from "#main/protocol/messages.ts";
import { ACCOUNTS, type SecretStore } from "#main/secrets/contract.ts";
import type { ModelInfo, ModelRequest, Provider, ProviderEvent, ProviderKind } from "./contract.ts";
import { costOf, findModel } from "./pricing.ts";
import { streamResilient } from "./resilient.ts";
import { chooseModel, compileRouting, DEMO_MODEL, parseModelRef } from "./routing.ts";

export interface RegistryDeps {
  kinds: readonly ProviderKind[];
  config: ConfigService;
  secrets: SecretStore;
  fetch: typeof fetch;
  call: HttpCall;
  clock: Clock;
  log: Logger;
  random(): number;
}

/** A provider that can be asked, or why it cannot. */
export interface Configured {
  id: string;
  kind: ProviderKind;
  config: ProviderConfig;
  provider: Provider;
}

export interface ModelChoice {
  requested?: string | undefined;
  session?: string | null;
  agent?: string | undefined;
  text: string;
}

const DEMO_ID = "demo";

export class ProviderRegistry implements Disposable {
  readonly #deps: RegistryDeps;
  readonly #watch: Disposable;
  #configured = new Map<string, Configured>();
  #problems = new Map<string, string>();
  #rules = compileRouting([]).rules;

  constructor(deps: RegistryDeps) {
    this.#deps = deps;
    this.#rebuild();
    this.#watch = deps.config.onChange((change) => {
      if (change.changedPaths.some((path) => path.startsWith("llm"))) this.#rebuild();
    });
  }

  dispose(): void | Promise<void> {
    return this.#watch.dispose();
  }

  /** The model that answers when nothing else is asked for: `provider/model`. */
  get defaultRef(): string {
    return this.#deps.config.current.llm.model ?? DEMO_MODEL;
  }

  get isDemo(): boolean {
    return parseModelRef(this.defaultRef)?.provider === DEMO_ID;
  }

  all(): readonly Configured[] {
    return [...this.#configured.values()];
  }

  find(id: string): Configured | undefined {
    return this.#configured.get(id);
  }

  kindOf(name: string): ProviderKind | undefined {
    return this.#deps.kinds.find((kind) => kind.kind === name);
  }

  /** A provider that is not saved yet, for `models.probe`. */
  create(kind: ProviderKind, id: string, config: ProviderConfig): Configured {
    const { clock, log, fetch, call } = this.#deps;
    const baseUrl = config.baseUrl?.replace(/\/+$/u, "");
    const provider = kind.create({
      id,
      ...(baseUrl === undefined || baseUrl === "" ? {} : { baseUrl }),
      apiKey: () => this.keyOf(id, config).key,
      headers: config.headers ?? {},
      fetch,
      call,
      clock,
      log: log.child({ provider: id }),
    });
    return { id, kind, config, provider };
  }

  /** The key in use, and where it comes from. */
  keyOf(id: string, config: ProviderConfig): { key: string | undefined; source: string | undefined } {
    if (config.apiKey !== undefined && config.apiKey !== "") {
      const source = isReference(this.#deps.config.state.written, id) ? "environment" : "config";
      return { key: config.apiKey, source };
    }
    const kept = this.#deps.secrets.get(ACCOUNTS.providerKey(id));
    return { key: kept, source: kept === undefined ? undefined : this.#deps.secrets.backend };
  }

  statuses(): ProviderStatus[] {
    const known = this.all().map(({ id, kind, config }): ProviderStatus => {
      const { key, source } = this.keyOf(id, config);
      const isNeeded = needsKey(kind, config);
      const isMissing = isNeeded && key === undefined;
      return {
        provider: id,
        kind: kind.kind,
        label: kind.label,
        ...(config.baseUrl === undefined ? {} : { baseUrl: config.baseUrl }),
        status: isMissing ? "missing-key" : "ready",
        keySource: source ?? (isNeeded ? "none" : "none needed"),
        ...(isMissing ? { message: `${nameOf(id, kind)} has no API key. Add one in Settings → Models.` } : {}),
      };
    });
    const broken = [...this.#problems].map(([id, message]): ProviderStatus => {
      return { provider: id, kind: "", label: id, status: "error", message };
    });
    return [...known, ...broken];
  }

  /** Facts about a model, from the configuration or known of the kind. */
  infoOf(ref: string): ModelInfo | undefined {
    const parsed = parseModelRef(ref);
    const configured = parsed && this.#configured.get(parsed.provider);
    if (!parsed || !configured) return undefined;
    const own = configured.config.models?.find((model) => model.id === parsed.model);
    const known = findModel(configured.kind.knownModels, parsed.model);
    if (!own && !known) return undefined;
    const facts = { ...known, ...withoutUndefined(own ?? {}) };
    return { ...facts, id: parsed.model, name: own?.name ?? known?.name ?? parsed.model } as ModelInfo;
  }

  /**
   * Chooses who answers a message, with fallbacks behind it.
   * Throws Refused `UNAVAILABLE` with what to do when nobody can.
   */
  choose(choice: ModelChoice): ChosenModel {
    const { llm } = this.#deps.config.current;
    const wanted = chooseModel({
      text: choice.text,
      explicit: choice.requested ?? choice.session ?? undefined,
      agent: choice.agent,
      rules: this.#rules,
      standard: llm.model,
    }).ref;
    const refs = [...new Set([wanted, ...(wanted === DEMO_MODEL ? [] : llm.fallbacks)])];
    const usable = refs.filter((ref) => this.#whyNot(ref) === undefined);
    if (usable.length === 0) throw new Refused("UNAVAILABLE", this.#whyNot(wanted) ?? "no model can answer");
    return new ChosenModel(this, usable, this.#deps, llm);
  }

  #whyNot(ref: string): string | undefined {
    const parsed = parseModelRef(ref);
    if (!parsed) return `"${ref}" is not a model: write provider/model, for example anthropic/claude-sonnet-5-5.`;
    const configured = this.#configured.get(parsed.provider);
    if (!configured) {
      return (
        this.#problems.get(parsed.provider) ??
        `The model ${ref} needs the provider "${parsed.provider}", which is not configured. Add it in Settings → Models.`
      );
    }
    const status = this.statuses().find((one) => one.provider === parsed.provider);
    return status?.status === "missing-key" ? status.message : undefined;
  }

  #rebuild(): void {
    const { llm } = this.#deps.config.current;
    const configured = new Map<string, Configured>();
    const problems = new Map<string, string>();
    for (const [id, config] of Object.entries(llm.providers)) {
      const kindName = config.kind ?? id;
      const kind = this.kindOf(kindName);
      const issue = this.#deps.config.state.issues.find((one) => one.path.startsWith(`llm.providers.${id}.`));
      if (!kind) problems.set(id, `The provider "${id}" has the unknown kind "${kindName}".`);
      else if (issue) problems.set(id, `The provider "${id}" is off: ${issue.message}`);
      else configured.set(id, this.create(kind, id, config));
    }
    // What a missing variable switches off is not in the tree in force at all.
    for (const issue of this.#deps.config.state.issues) {
      const id = /^llm\.providers\.([^.]+)\./.exec(issue.path)?.[1];
      if (id !== undefined && !configured.has(id)) problems.set(id, `The provider "${id}" is off: ${issue.message}`);
    }
    // The model may name a service that has only a key in the secrets or the environment.
    for (const kind of this.#deps.kinds) {
      if (!configured.has(kind.kind) && !problems.has(kind.kind))
        configured.set(kind.kind, this.create(kind, kind.kind, {}));
    }
    this.#configured = configured;
    this.#problems = problems;
    const compiled = compileRouting(llm.routing);
    this.#rules = compiled.rules;
    for (const warning of compiled.warnings) this.#deps.log.warn(warning.message, { path: warning.path });
  }
}

/** One choice of models, asked as often as a run needs. Satisfies `ModelCall` of `sessions/turn`. */
export class ChosenModel {
  readonly #registry: ProviderRegistry;
  readonly #refs: readonly string[];
  readonly #deps: RegistryDeps;
  readonly #limits: Pick<Config["llm"], "idleTimeoutSeconds" | "maxTokens">;
  #answeredBy: string;

  constructor(registry: ProviderRegistry, refs: readonly string[], deps: RegistryDeps, llm: Config["llm"]) {
    this.#registry = registry;
    this.#refs = refs;
    this.#deps = deps;
    this.#limits = llm;
    this.#answeredBy = refs[0] ?? DEMO_MODEL;
  }

  answeredBy(): string {
    return this.#answeredBy;
  }

  get contextWindow(): number | undefined {
    return this.#registry.infoOf(this.#refs[0] ?? DEMO_MODEL)?.contextWindow;
  }

  costOf(usage: Usage): number | undefined {
    return costOf(usage, this.#registry.infoOf(this.#answeredBy)?.price);
  }

  async *stream(
    request: Omit<ModelRequest, "model">,
    signal: AbortSignal,
    onRetry: (info: { waitMs: number; error: unknown }) => void,
  ): AsyncIterable<ProviderEvent> {
    const { clock, random, log } = this.#deps;
    const limit = request.maxTokens ?? this.#limits.maxTokens;
    const targets = this.#refs.flatMap((ref) => {
      const parsed = parseModelRef(ref);
      const configured = parsed && this.#registry.find(parsed.provider);
      if (!parsed || !configured) return [];
      const model = { ...request, model: parsed.model, ...(limit === undefined ? {} : { maxTokens: limit }) };
      return [{ ref, provider: configured.provider, request: model }];
    });
    const events = streamResilient(targets, {
      signal,
      clock,
      idleTimeoutMs: this.#limits.idleTimeoutSeconds * 1000,
      random,
      onRetry,
      onFailover: (info) =>
        log.warn("another model takes over", { from: info.from, to: info.to, error: info.error.message }),
    });
    for await (const event of events) {
      this.#answeredBy = event.ref;
      yield event;
    }
  }
}

function withoutUndefined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Partial<T>;
}

/** Whether this one can be asked only with a key; a header that carries the credential stands for it. */
function needsKey(kind: ProviderKind, config: ProviderConfig): boolean {
  const names = Object.keys(config.headers ?? {}).map((name) => name.toLowerCase());
  if (kind.needsKey === "never" || names.includes("authorization") || names.includes("x-api-key")) return false;
  return kind.needsKey === "always" || config.baseUrl === undefined || config.baseUrl === "";
}

/** What a person calls it: its own name, or the service's when it has no other. */
function nameOf(id: string, kind: ProviderKind): string {
  return id === kind.kind ? kind.label : `"${id}"`;
}

/** True when the key is written as `${VAR}`: then it is not in the file in plain text. */
function isReference(written: unknown, id: string): boolean {
  const providers = (written as { llm?: { providers?: Record<string, { apiKey?: unknown } | undefined> } } | undefined)
    ?.llm?.providers;
  const value = providers?.[id]?.apiKey;
  return value === undefined || (typeof value === "string" && value.includes("${"));
}
