/** Sessions in which the owner said `/elevated on`. In memory on purpose: a restart takes the widest trust back. */
export class Elevations {
  readonly #keys = new Set<string>();

  set(sessionKey: string, isElevated: boolean): void {
    if (isElevated) this.#keys.add(sessionKey);
    else this.#keys.delete(sessionKey);
  }

  has(sessionKey: string): boolean {
    return this.#keys.has(sessionKey);
  }
}
