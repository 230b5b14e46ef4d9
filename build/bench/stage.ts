/** What every measurement stands on: the fake model in its process, and gateways that use it. Ends what it started. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { DisposableStore } from "#main/base/disposable.ts";
import {
  fakeModelConfig,
  makeStateDir,
  startGatewayProcess,
  type GatewayProcess,
} from "../campaign/gateway-process.ts";
import { connectWire, type Wire } from "../campaign/wire.ts";
import { nowUs } from "./figures.ts";

export interface Stage {
  modelUrl: string;
  /** A gateway in a state directory of its own, or in the one given. Stopped with the stage, if not before. */
  start(options?: { stateDir?: string; config?: Record<string, unknown> }): Promise<GatewayProcess>;
  /** A directory with a configuration that names the fake model. Removed with the stage. */
  makeDir(config?: Record<string, unknown>): string;
  store: DisposableStore;
  isQuick: boolean;
  /** Options for Node in the gateways, such as --cpu-prof. */
  nodeArgs: readonly string[];
}

export async function openStage(options: { isQuick: boolean; nodeArgs: readonly string[] }): Promise<Stage> {
  const store = new DisposableStore();
  const model = spawn(process.execPath, [fileURLToPath(new URL("./fake-model.ts", import.meta.url))], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  store.defer(() => void model.kill());
  const [line] = (await once(model.stdout ?? model, "data")) as [Buffer];
  const { url: modelUrl } = JSON.parse(line.toString("utf8")) as { url: string };
  const makeDir = (config: Record<string, unknown> = {}) => {
    const state = makeStateDir(fakeModelConfig(`${modelUrl}/v1`, config));
    store.defer(() => state.remove());
    return state.dir;
  };
  return {
    ...{ modelUrl, makeDir, store },
    ...options,
    async start({ stateDir, config } = {}) {
      const dir = stateDir ?? makeDir(config);
      const gateway = await startGatewayProcess({ stateDir: dir, nodeArgs: options.nodeArgs });
      store.defer(async () => {
        await gateway.stop();
      });
      return gateway;
    },
  };
}

/** One turn as its client saw it. Microseconds. */
export interface Turn {
  /** Client's send to the final event, without the time that the model itself took. */
  ownUs: number;
  /** The model's write of its first words to the client's first text event. */
  firstTextUs: number;
}

/** Sends messages over one connection and times each to its final event. */
export class TurnClient {
  readonly #wire: Wire;
  readonly #open = new Map<
    string,
    { sentUs: number; firstUs: number; resolve(turn: Turn): void; reject(error: Error): void }
  >();
  #next = 0;

  static async connect(url: string): Promise<TurnClient> {
    return new TurnClient(await connectWire(url, { caps: ["delta-only"] }));
  }

  constructor(wire: Wire) {
    this.#wire = wire;
    wire.onEvent((event, payload) => this.#take(event, payload));
  }

  get wire(): Wire {
    return this.#wire;
  }

  turn(sessionKey: string, message = "hello"): Promise<Turn> {
    const key = `bench-${process.pid}-${nowUs()}-${this.#next++}`;
    return new Promise((resolve, reject) => {
      this.#open.set(key, { sentUs: nowUs(), firstUs: 0, resolve, reject });
      this.#wire.send("chat.send", { sessionKey, message, idempotencyKey: key }, (ok, payload) => {
        if (!ok) reject(new Error(JSON.stringify(payload)));
      });
    });
  }

  #take(event: string, payload: Record<string, unknown>): void {
    if (event !== "chat") return;
    const open = this.#open.get(String(payload["runId"]));
    if (open === undefined) return;
    if (payload["state"] === "delta") {
      if (open.firstUs === 0) open.firstUs = nowUs();
      return;
    }
    const endUs = nowUs();
    this.#open.delete(String(payload["runId"]));
    const text = JSON.stringify(payload["message"] ?? "");
    const stamp = (name: string) => Number(new RegExp(`${name}=(\\d+)`).exec(text)?.[1]);
    if (payload["state"] !== "final") return open.reject(new Error(JSON.stringify(payload)));
    const modelUs = stamp("ended") - stamp("asked");
    return open.resolve({ ownUs: endUs - open.sentUs - modelUs, firstTextUs: open.firstUs - stamp("wrote") });
  }
}
