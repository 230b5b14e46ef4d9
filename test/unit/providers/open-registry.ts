/** A registry over a real configuration file, with kinds that a test plays. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createHttpClient } from "#main/base/http/client.ts";
import { silentLogger, type Logger } from "#main/base/logger.ts";
import type { ConfigService } from "#main/config/contract.ts";
import { createConfigService } from "#main/config/service.ts";
import type { ModelInfo, Provider, ProviderContext, ProviderKind } from "#main/providers/contract.ts";
import { demo } from "#main/providers/demo/index.ts";
import { ProviderRegistry } from "#main/providers/registry.ts";
import type { SecretStore } from "#main/secrets/contract.ts";
import { createManualClock, type ManualClock } from "#test/fakes/manual-clock.ts";
import { createMemorySecrets } from "#test/fakes/memory-secrets.ts";
import { createScriptedProvider, type ScriptedProvider } from "#test/fakes/scripted-provider.ts";
import { tempState } from "#test/fakes/temp-state.ts";

/** A kind whose providers answer from scripts, and the context that each was given. */
export interface PlayedKind extends ProviderKind {
  contexts: ProviderContext[];
  providers: ScriptedProvider[];
}

/** Facts in a table, as the real kinds have them. */
const KNOWN: readonly ModelInfo[] = [
  { id: "big", name: "Big", contextWindow: 1000, reasoning: true, input: ["text"], price: { input: 1, output: 2 } },
  { id: "small", name: "Small", contextWindow: 100 },
];

export function playKind(
  kind: string,
  needsKey: ProviderKind["needsKey"],
  clock: ManualClock,
  models?: Provider["models"],
): PlayedKind {
  const contexts: ProviderContext[] = [];
  const providers: ScriptedProvider[] = [];
  return {
    kind,
    label: `The ${kind}`,
    needsKey,
    knownModels: KNOWN,
    contexts,
    providers,
    create(context) {
      const provider = createScriptedProvider(clock);
      if (models) provider.models = models;
      contexts.push(context);
      providers.push(provider);
      return provider;
    },
  };
}

export interface OpenRegistry {
  registry: ProviderRegistry;
  config: ConfigService;
  secrets: SecretStore;
  clock: ManualClock;
  /** Needs a key anywhere. */
  strict: PlayedKind;
  /** Needs a key at its own address only. */
  easy: PlayedKind;
  warnings: string[];
}

/** Call it inside a test: it ends with it. `llm` is written to the file as it is. */
export async function openRegistry(
  llm: Record<string, unknown> = {},
  options: {
    env?: Record<string, string>;
    secrets?: Record<string, string>;
    models?: Provider["models"];
    kinds?: readonly ProviderKind[];
  } = {},
): Promise<OpenRegistry> {
  const stateDir = tempState();
  writeFileSync(join(stateDir, "config.json"), JSON.stringify({ llm }), { mode: 0o600 });
  const clock = createManualClock();
  const warnings: string[] = [];
  const log: Logger = { ...silentLogger, warn: (message) => void warnings.push(message), child: () => log };
  const config = await createConfigService({
    stateDir,
    env: options.env ?? {},
    log: silentLogger,
    clock,
    watch: false,
  });
  const secrets = createMemorySecrets(options.secrets);
  const strict = playKind("strict", "always", clock, options.models);
  const easy = playKind("easy", "own-address", clock, options.models);
  const kinds = options.kinds ?? [strict, easy, demo];
  const registry = new ProviderRegistry({
    kinds,
    config,
    secrets,
    fetch: globalThis.fetch,
    call: createHttpClient().call,
    clock,
    log,
    random: () => 0,
  });
  onTestFinished(async () => {
    await registry.dispose();
    await config.dispose();
  });
  return { registry, config, secrets, clock, strict, easy, warnings };
}
