/**
 * A serial queue: jobs of one lane run one after another, in order, whatever the earlier ones do. Different lanes do
 * not wait for each other. Used wherever order is a promise: one turn at a time per session, one writer per file.
 */
export class Lane {
  #tail: Promise<unknown> = Promise.resolve();

  /** Runs `job` after all earlier jobs of this lane have settled; resolves or rejects with the job's own outcome. */
  run<T>(job: () => Promise<T>): Promise<T> {
    const outcome = this.#tail.then(job, job);
    this.#tail = outcome.catch(() => {});
    return outcome;
  }

  /** Resolves when every job queued so far has settled. */
  async idle(): Promise<void> {
    await this.#tail;
  }
}

/** Lanes by key, made when first used and forgotten when idle. */
export class Lanes {
  readonly #tails = new Map<string, Promise<void>>();

  run<T>(key: string, job: () => Promise<T>): Promise<T> {
    const outcome = (this.#tails.get(key) ?? Promise.resolve()).then(job);
    const forget = () => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    };
    const tail = outcome.then(forget, forget);
    this.#tails.set(key, tail);
    return outcome;
  }

  /** Resolves when all lanes are idle. */
  async idle(): Promise<void> {
    while (this.#tails.size > 0) await Promise.all(this.#tails.values());
  }
}
