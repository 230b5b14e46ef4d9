/**
 * A real gateway in this process: the whole assembly on a free port, with a state directory of its own and a model
 * service that a test plays. Nothing reaches beyond loopback; disposing it removes all it made.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { compose, type Gateway } from "#main/compose.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { socketPath } from "#main/config/paths.ts";
import { startFakeOpenAI } from "./openai.ts";
import type { ScriptedServer } from "./scripted-http.ts";
import { createTempState } from "./temp-state.ts";
import { connectClient, type ConnectOptions, type WireClient } from "./wire-client.ts";

export const TEST_TOKEN = "a-token-for-tests-that-nobody-guesses";

export interface TestGateway extends Disposable {
  gateway: Gateway;
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** `ws://127.0.0.1:PORT/` */
  wsUrl: string;
  port: number;
  stateDir: string;
  configPath: string;
  socketPath: string;
  /** The model service behind `fake/fake-model`, the default model. */
  model: ScriptedServer;
  /** Lines of the log, as written. */
  log: string[];
  /** Connects with the shared token, as the owner's command line unless told otherwise. Closed with the gateway. */
  connect(options?: ConnectOptions): Promise<WireClient>;
  /** Stops the gateway and starts another one on the same state directory and the same model service. */
  restart(): Promise<void>;
}

export interface TestGatewayOptions {
  token?: string;
  /** Added to the written configuration, section by section. */
  config?: Record<string, Record<string, unknown>>;
  /** The environment that the gateway sees. */
  env?: Record<string, string>;
  /** True: the token is in the file, so that a change of the file changes it. */
  tokenInFile?: boolean;
}

/** Starts it. Call `dispose` in the end; `stop` of the gateway itself may be called before. */
export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const token = options.token ?? TEST_TOKEN;
  const state = createTempState();
  const model = await startFakeOpenAI();
  const configPath = join(state.dir, "config.json");
  writeFileSync(configPath, JSON.stringify(toConfig(options, model, token), undefined, 2), { mode: 0o600 });
  const log: string[] = [];
  const clients = new Set<WireClient>();
  const start = () =>
    compose({
      stateDir: state.dir,
      env: options.env ?? {},
      flags: { port: 0, json: true, ...(options.tokenInFile === true ? {} : { token }) },
      rendererDir: join(state.dir, "no-page"),
      version: "1.2.3-test",
      onLogLine: (line) => void log.push(line),
    });
  let gateway = await start().catch(async (error: unknown) => {
    await model.close();
    await state.dispose();
    throw error;
  });
  const closeClients = async () => {
    await Promise.all([...clients].map((client) => client.terminate()));
    clients.clear();
  };
  return {
    get gateway() {
      return gateway;
    },
    get url() {
      return gateway.url;
    },
    get wsUrl() {
      return `ws://127.0.0.1:${gateway.port}/`;
    },
    get port() {
      return gateway.port;
    },
    stateDir: state.dir,
    configPath,
    socketPath: socketPath(state.dir),
    model,
    log,
    async connect(connectOptions = {}) {
      const client = await connectClient(`ws://127.0.0.1:${gateway.port}/`, { auth: { token }, ...connectOptions });
      clients.add(client);
      return client;
    },
    async restart() {
      await gateway.stop("restart");
      await closeClients();
      gateway = await start();
    },
    async dispose() {
      await closeClients();
      await gateway.stop("test");
      await model.close();
      await state.dispose();
    },
  };
}

function toConfig(options: TestGatewayOptions, model: ScriptedServer, token: string): Record<string, unknown> {
  const base: Record<string, Record<string, unknown>> = {
    gateway: options.tokenInFile === true ? { auth: { mode: "token", token } } : {},
    secrets: { backend: "environment" },
    llm: {
      model: "fake/fake-model",
      providers: { fake: { kind: "openai", baseUrl: `${model.url}/v1`, apiKey: "sk-fake-canary-key" } },
    },
  };
  for (const [name, section] of Object.entries(options.config ?? {})) base[name] = { ...base[name], ...section };
  return base;
}
