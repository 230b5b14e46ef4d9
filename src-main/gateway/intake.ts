/**
 * What one connection has sent and nobody has looked at yet. It hands frames on in their order, one that takes time per
 * turn of the event loop, and stops reading while the answers are not fetched: a flood waits at its own end of the line
 * and holds up nobody else. It drops nothing and refuses nothing.
 */
import type { WebSocket } from "ws";

/** Bytes not yet taken by the client above which no further frame is looked at. */
const HIGH_WATER_BYTES = 256 * 1024;

type IntakeSocket = Pick<WebSocket, "bufferedAmount" | "pause" | "resume">;

export class Intake<T> {
  readonly #socket: IntakeSocket;
  readonly #handle: (frame: T) => boolean;
  readonly #waiting: { frame: T }[] = [];
  /** What is waited for before the next frame. */
  #hold: "turn" | "drain" | undefined;
  #isPaused = false;
  #isStopped = false;

  /** @param handle looks at one frame; true when its answer takes time */
  constructor(socket: IntakeSocket, handle: (frame: T) => boolean) {
    this.#socket = socket;
    this.#handle = handle;
  }

  push(frame: T): void {
    if (this.#isStopped) return;
    if (this.#hold === undefined) {
      this.#take(frame);
      return;
    }
    this.#waiting.push({ frame });
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  /** Call it whenever something that was sent has left. */
  sent(): void {
    if (this.#hold === "drain" && this.#socket.bufferedAmount <= HIGH_WATER_BYTES) this.#next();
  }

  /** Forgets what waits: the connection is gone. */
  stop(): void {
    this.#isStopped = true;
    this.#waiting.length = 0;
  }

  #take(frame: T): void {
    const takesTime = this.#handle(frame);
    if (this.#socket.bufferedAmount > HIGH_WATER_BYTES) this.#hold = "drain";
    else if (takesTime) this.#waitForTurn();
  }

  #waitForTurn(): void {
    this.#hold = "turn";
    setImmediate(() => this.#next());
  }

  #next(): void {
    this.#hold = undefined;
    while (!this.#isStopped && this.#hold === undefined) {
      const next = this.#waiting.shift();
      if (!next) break;
      this.#take(next.frame);
    }
    if (this.#isStopped || this.#waiting.length > 0 || !this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
  }
}
