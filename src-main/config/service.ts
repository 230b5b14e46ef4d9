/**
 * The configuration in force, and the only hand that writes its file. Reads and writes run one after another. A file
 * that cannot be used never replaces what is in force, and a write never leaves half a file.
 */
import type { Clock } from "#main/base/clock.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { Emitter } from "#main/base/emitter.ts";
import { Lane } from "#main/base/lane.ts";
import type { Logger } from "#main/base/logger.ts";
import type { ConfigChange, ConfigService, ConfigState } from "./contract.ts";
import type { Environment } from "./expand.ts";
import { candidatesOf, readConfigFile, type ConfigLocation, type FoundFile } from "./read-file.ts";
import { redactTree } from "./redact.ts";
import { replaceFile, type Replacement } from "./replace.ts";
import { resolveConfig, type Resolution } from "./resolve.ts";
import type { Config } from "./schema.ts";
import { firstState, toState } from "./state.ts";
import { changedPathsOf } from "./tree.ts";
import { watchFiles } from "./watch.ts";

export interface ConfigServiceOptions {
  /** Absolute. Where a configuration is looked for and written. */
  stateDir: string;
  /** Absolute; named by `--config` or `GATEHOUSE_CONFIG` (see `namedConfigPath`). */
  path?: string | undefined;
  env: Environment;
  /** The command line by dotted path: `{ "gateway.port": 0 }`. */
  flags?: Readonly<Record<string, unknown>>;
  log: Logger;
  clock: Clock;
  /** Follows changes of the file from shortly after the start on. */
  watch: boolean;
  /** Called when watching has begun. */
  onWatching?: () => void;
}

class FileConfigService implements ConfigService, Disposable {
  readonly #options: ConfigServiceOptions;
  readonly #location: ConfigLocation;
  readonly #changes = new Emitter<ConfigChange>();
  readonly #lane = new Lane();
  #state: ConfigState;
  #watching: Disposable | undefined;
  #disposed = false;

  constructor(options: ConfigServiceOptions, location: ConfigLocation, state: ConfigState) {
    this.#options = options;
    this.#location = location;
    this.#state = state;
  }

  get state(): ConfigState {
    return this.#state;
  }

  get current(): Config {
    return this.#state.config;
  }

  onChange(listener: (change: ConfigChange) => void): Disposable {
    return this.#changes.on(listener);
  }

  redact(tree: unknown): unknown {
    return redactTree(tree);
  }

  reload(): Promise<ConfigChange> {
    return this.#lane.run(async () => this.#take(await this.#read()));
  }

  write(next: unknown, baseHash: string | undefined): Promise<ConfigChange> {
    return this.#lane.run(async () => this.#replace(baseHash, { kind: "write", tree: next }));
  }

  patch(patch: unknown, baseHash: string | undefined): Promise<ConfigChange> {
    return this.#lane.run(async () => this.#replace(baseHash, { kind: "patch", tree: patch }));
  }

  /** Begins to follow the file. Called once, by the factory. */
  follow(): void {
    const { clock, log, onWatching } = this.#options;
    this.#watching = watchFiles({
      paths: candidatesOf(this.#location),
      clock,
      log,
      ...(onWatching === undefined ? {} : { onReady: onWatching }),
      onMayHaveChanged: () => {
        this.#lane
          .run(() => this.#look())
          .catch((thrown: unknown) => log.error("the changed configuration could not be taken up", { error: thrown }));
      },
    });
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#watching?.dispose();
    await this.#lane.idle();
  }

  #read(): Promise<FoundFile> {
    return readConfigFile(this.#location, this.#options.log);
  }

  /** Takes the file up only when it is not what was taken up last: our own writes come by here too. */
  async #look(): Promise<void> {
    if (this.#disposed) return;
    const found = await this.#read();
    const state = this.#state;
    const same = found.path === state.path && found.exists === state.exists && found.hash === state.hash;
    if (same && (found.error === undefined) === (state.written !== null)) return;
    await this.#take(found);
  }

  async #take(found: FoundFile): Promise<ConfigChange> {
    const { env, flags = {}, log } = this.#options;
    // It was there, or was found gone before: only a start forgets what was in force.
    const gone = !found.exists && found.error === undefined && (this.#state.exists || !this.#state.valid);
    if (gone) {
      const message = `${this.#state.path} is gone; the last good configuration stays in force until the next start`;
      return this.#enter({ ...found, error: { path: "", message } }, undefined);
    }
    if (found.error !== undefined) return this.#enter(found, undefined);
    const resolution = await resolveConfig({ written: found.written, env, flags });
    const change = this.#enter(found, resolution);
    for (const { message } of change.state.warnings) log.warn(message);
    return change;
  }

  #enter(found: FoundFile, resolution: Resolution | undefined): ConfigChange {
    const before = this.#state;
    const state = toState(found, resolution, before.config);
    this.#state = state;
    for (const { message } of state.issues) this.#options.log.error(message);
    const change = { state, changedPaths: changedPathsOf(before.config, state.config) };
    if (!this.#disposed) this.#changes.emit(change);
    return change;
  }

  async #replace(baseHash: string | undefined, change: Replacement["change"]): Promise<ConfigChange> {
    const { env, flags = {}, log } = this.#options;
    const found = await this.#read();
    const { file, resolution } = await replaceFile({ found, baseHash, change, env, flags, log });
    return this.#enter(file, resolution);
  }
}

/**
 * Loads the configuration and keeps it. A file that cannot be used does not stop the start: see `state.issues`.
 * Throws Refused `INVALID_REQUEST` only when the command line does not fit.
 */
export async function createConfigService(options: ConfigServiceOptions): Promise<ConfigService & Disposable> {
  const location = { stateDir: options.stateDir, named: options.path };
  const service = new FileConfigService(options, location, await firstState({ ...options, location }));
  if (options.watch) service.follow();
  return service;
}
