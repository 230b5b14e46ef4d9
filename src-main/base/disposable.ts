/**
 * Ownership. Whatever starts something (a timer, a socket, a listener, a child process) returns its undoing, and hands
 * it to a store that was given to it at birth. Closing the store closes everything, last first.
 */

/** An undoing. Called once by its owner; a second call does nothing; may be asynchronous; must not throw. */
export interface Disposable {
  dispose(): void | Promise<void>;
}

/** Makes an undoing of a function, called at most once. */
export function toDisposable(undo: () => void | Promise<void>): Disposable {
  let done = false;
  return {
    dispose() {
      if (done) return undefined;
      done = true;
      return undo();
    },
  };
}

/** Owns disposables and disposes them in reverse order of `add`, each awaited before the next. */
export class DisposableStore implements Disposable {
  readonly #items: Disposable[] = [];
  #disposed = false;

  /** Takes ownership. On a store that is already disposed the item is disposed at once. */
  add<T extends Disposable>(item: T): T {
    if (this.#disposed) void item.dispose();
    else this.#items.push(item);
    return item;
  }

  /** Takes ownership of an undoing given as a function. */
  defer(undo: () => void | Promise<void>): void {
    this.add(toDisposable(undo));
  }

  /** Disposes everything even when one item fails, then throws the first failure. */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    const failures: unknown[] = [];
    for (let item = this.#items.pop(); item !== undefined; item = this.#items.pop()) {
      try {
        await item.dispose();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/**
 * Runs `work` with a signal that aborts as soon as one of several does, with its reason. When the work is over nothing of
 * it hangs on signals that live longer. `AbortSignal.any` would: it keeps what somebody listens to until it is aborted,
 * and HTTP libraries listen to the signal of each request and never stop.
 */
export async function withFirstOf<T>(
  signals: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const first = new AbortController();
  const abort = () => first.abort(signals.find((signal) => signal.aborted)?.reason);
  if (signals.some((signal) => signal.aborted)) abort();
  for (const signal of signals) signal.addEventListener("abort", abort);
  try {
    return await work(first.signal);
  } finally {
    for (const signal of signals) signal.removeEventListener("abort", abort);
  }
}
