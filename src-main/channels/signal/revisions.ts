/**
 * Which versions of a message are the same message. Signal names each version by a time of its own, and an edit names the
 * newest version that its author knows; the pipeline knows a message by its first. In memory only: after a restart the
 * first version is taken, which the apps find too as long as it was not edited.
 */
const KEPT = 500;

export class Revisions {
  readonly #originals = new Map<string, string>();
  readonly #latest = new Map<string, string>();

  /** The first version of what `platformId` names. */
  originalOf(platformId: string): string {
    return this.#originals.get(platformId) ?? platformId;
  }

  latestOf(platformId: string): string {
    return this.#latest.get(this.originalOf(platformId)) ?? platformId;
  }

  /** `platformId` (any version) has become `revision`. */
  record(platformId: string, revision: string): void {
    const original = this.originalOf(platformId);
    this.#originals.set(revision, original);
    this.#latest.delete(original);
    this.#latest.set(original, revision);
    for (const map of [this.#originals, this.#latest]) {
      const [oldest] = map.keys();
      if (map.size > KEPT && oldest !== undefined) map.delete(oldest);
    }
  }
}
