/**
 * The walls in force: chosen when first needed, not at the start of the gateway, and chosen again when the configured
 * mode changes. Commands that came before a change keep the walls that they started with.
 */
import type { CommandRunner } from "#main/base/command.ts";
import type { Disposable } from "#main/base/disposable.ts";
import { chooseSandbox, type ChosenSandbox } from "./choose.ts";
import type { SandboxAdapter, SandboxBadge, SandboxContext, SandboxPlace, SandboxSettings } from "./contract.ts";

export interface KeeperOptions {
  adapters: readonly SandboxAdapter[];
  platform: NodeJS.Platform;
  context: SandboxContext;
  /** As configured now. */
  settings(): SandboxSettings;
}

export type SandboxStatus = SandboxBadge & Pick<ChosenSandbox, "unavailable">;

const PRUNE_EVERY_MS = 60 * 60 * 1000;

export class SandboxKeeper implements Disposable {
  readonly #options: KeeperOptions;
  readonly #pruning: Disposable;
  readonly #made: Promise<ChosenSandbox>[] = [];
  #mode: SandboxSettings["mode"] | undefined;
  #current: Promise<ChosenSandbox> | undefined;
  #label = "";

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#pruning = options.context.clock.every(PRUNE_EVERY_MS, () => void this.#prune());
  }

  /** What confines commands, as last known, for a line of text. Empty before the first command. */
  get label(): string {
    return this.#label;
  }

  async status(): Promise<SandboxStatus> {
    const { sandbox, unavailable } = await this.#choose();
    return { ...sandbox.badge(this.#options.settings()), unavailable };
  }

  /** A runner behind the walls of a place. The walls are looked up with each command. */
  runnerFor(place: SandboxPlace): CommandRunner {
    const find = async () => {
      const settings = this.#options.settings();
      return (await this.#choose()).sandbox.runnerFor(place, settings);
    };
    return {
      run: async (spec, signal) => (await find()).run(spec, signal),
      start: async (spec) => (await find()).start(spec),
    };
  }

  async dispose(): Promise<void> {
    await this.#pruning.dispose();
    for (const made of this.#made) await (await made).sandbox.dispose();
  }

  #choose(): Promise<ChosenSandbox> {
    const settings = this.#options.settings();
    if (this.#current !== undefined && this.#mode === settings.mode) return this.#current;
    this.#mode = settings.mode;
    const { adapters, platform, context } = this.#options;
    const chosen = chooseSandbox({ mode: settings.mode, platform, adapters, context });
    this.#current = chosen;
    this.#made.push(chosen);
    void chosen.then(({ sandbox }) => {
      this.#label = sandbox.badge(settings).label;
    });
    return chosen;
  }

  async #prune(): Promise<void> {
    if (this.#current === undefined) return;
    const { sandbox } = await this.#current;
    await sandbox
      .prune()
      .catch((error: unknown) => this.#options.context.log.warn("the sandbox could not be tidied", { error }));
  }
}
