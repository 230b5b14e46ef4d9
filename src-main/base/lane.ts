/**
 * A serial queue: jobs of one lane run one after another, in order, whatever the earlier ones do. Different lanes do
 * not wait for each other. Used wherever order is a promise: one turn at a time per session, one writer per file.
 */
export class Lane {
  #tail: Promise<unknown> = Promise.resolve();
  #length = 0;

  /** Jobs queued or running. */
  get length(): number {
    return this.#length;
  }

  /** Runs `job` after all earlier jobs of this lane have settled; resolves or rejects with the job's own outcome. */
  run<T>(job: () => Promise<T>): Promise<T> {
    this.#length += 1;
    const outcome = this.#tail.then(job, job);
    this.#tail = outcome.then(
      () => this.#done(),
      () => this.#done(),
    );
    return outcome;
  }

  #done(): void {
    this.#length -= 1;
  }

  /** Resolves when every job queued so far has settled. */
  async idle(): Promise<void> {
    await this.#tail;
  }
}

/** Lanes by key, made when first used and forgotten when idle. */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();

  run<T>(key: string, job: () => Promise<T>): Promise<T> {
    const lane = this.#lanes.get(key) ?? new Lane();
    this.#lanes.set(key, lane);
    const forget = () => {
      if (lane.length === 0 && this.#lanes.get(key) === lane) this.#lanes.delete(key);
    };
    const outcome = lane.run(job);
    outcome.then(forget, forget);
    return outcome;
  }

  lengthOf(key: string): number {
    return this.#lanes.get(key)?.length ?? 0;
  }

  get size(): number {
    return this.#lanes.size;
  }

  /** Resolves when all lanes are idle. */
  async idle(): Promise<void> {
    while (this.#lanes.size > 0) await Promise.all([...this.#lanes.values()].map((lane) => lane.idle()));
  }
}
