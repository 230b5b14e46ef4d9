/**
 * The stream of an attached command taken apart: frames of an eight-byte head (kind, three zeros, length big-endian)
 * and a body. Source: Docker Engine API, "Attach to a container", stream format. Must never keep more than one head.
 */

/** Kind 1 is standard output, 2 standard error. */
export class FrameReader {
  readonly #take: (kind: 1 | 2, bytes: Buffer) => void;
  #head = Buffer.alloc(0);
  #kind: 1 | 2 = 1;
  #left = 0;

  constructor(take: (kind: 1 | 2, bytes: Buffer) => void) {
    this.#take = take;
  }

  /** @param chunk of any length: frames may be cut anywhere */
  add(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#left > 0) {
        const body = chunk.subarray(at, at + this.#left);
        this.#take(this.#kind, body);
        this.#left -= body.length;
        at += body.length;
        continue;
      }
      const part = chunk.subarray(at, at + 8 - this.#head.length);
      this.#head = Buffer.concat([this.#head, part]);
      at += part.length;
      if (this.#head.length < 8) return;
      this.#kind = this.#head[0] === 2 ? 2 : 1;
      this.#left = this.#head.readUInt32BE(4);
      this.#head = Buffer.alloc(0);
    }
  }
}
