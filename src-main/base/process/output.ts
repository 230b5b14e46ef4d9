/**
 * What a command wrote, within bounds: the head and the tail in memory, the whole in a file when it did not fit. Must
 * never keep more than its cap in memory, nor break a character of UTF-8 where it cuts.
 */
import { constants } from "node:fs";
import { mkdir, open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { CommandResult, CommandSpec } from "../command.ts";
import { Lane } from "../lane.ts";

/** Keeps the first and the last half of what comes, at most `cap` bytes. */
export class OutputKeeper {
  readonly #headCap: number;
  readonly #tailCap: number;
  readonly #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #total = 0;

  /** @param cap bytes, at least 16 */
  constructor(cap: number) {
    this.#headCap = Math.ceil(Math.max(16, cap) / 2);
    this.#tailCap = Math.max(16, cap) - this.#headCap;
  }

  /** True once something had to be left out. */
  get isOver(): boolean {
    return this.isOverWith(0);
  }

  /** True when `more` bytes would not fit. */
  isOverWith(more: number): boolean {
    return this.#total + more > this.#headCap + this.#tailCap;
  }

  add(chunk: Buffer): void {
    this.#total += chunk.length;
    const room = Math.min(chunk.length, this.#headCap - this.#headBytes);
    if (room > 0) {
      this.#head.push(chunk.subarray(0, room));
      this.#headBytes += room;
    }
    if (room === chunk.length) return;
    this.#tail.push(chunk.subarray(room));
    this.#tailBytes += chunk.length - room;
    // Compacted only when twice too long: each byte is copied a bounded number of times.
    if (this.#tailBytes > 2 * this.#tailCap + 65_536) this.#compact();
  }

  /** Everything kept so far, as bytes; whole as long as nothing was left out. */
  bytes(): Buffer {
    this.#compact();
    return Buffer.concat([...this.#head, ...this.#tail]);
  }

  /** The text with a mark where bytes were left out, and how many of them. Broken UTF-8 becomes U+FFFD. */
  text(): { text: string; dropped: number } {
    this.#compact();
    if (!this.isOver) return { text: this.bytes().toString("utf8"), dropped: 0 };
    const head = withoutOpenEnd(Buffer.concat(this.#head));
    const tail = withoutOpenStart(Buffer.concat(this.#tail));
    const dropped = this.#total - head.length - tail.length;
    return { text: `${head.toString("utf8")}\n[… ${dropped} bytes left out …]\n${tail.toString("utf8")}`, dropped };
  }

  /**
   * The text so far, and starts again. Unless `isLast`, an unfinished character at the end waits for its rest.
   */
  take(isLast: boolean): string {
    const open = isLast ? Buffer.alloc(0) : this.#openEnd();
    const { text } = this.text();
    this.#head.length = 0;
    this.#tail = [];
    this.#headBytes = this.#tailBytes = this.#total = 0;
    if (open.length > 0) this.add(open);
    return open.length === 0 ? text : text.replace(/\ufffd+$/, "");
  }

  #openEnd(): Buffer {
    this.#compact();
    const all = this.#tailBytes > 0 ? Buffer.concat(this.#tail) : Buffer.concat(this.#head);
    return Buffer.from(all.subarray(withoutOpenEnd(all).length));
  }

  #compact(): void {
    if (this.#tailBytes <= this.#tailCap) return;
    // A copy: a piece of a chunk would keep the whole of it in memory.
    const kept = Buffer.from(Buffer.concat(this.#tail).subarray(-this.#tailCap));
    this.#tail = [kept];
    this.#tailBytes = kept.length;
  }
}

/** Without a character of UTF-8 that has begun and not ended. */
function withoutOpenEnd(bytes: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.subarray(0, bytes.length - back) : bytes;
  }
  return bytes;
}

/** Without the rest of a character whose beginning was left out. */
function withoutOpenStart(bytes: Buffer): Buffer {
  let at = 0;
  while (at < Math.min(3, bytes.length) && ((bytes[at] ?? 0) & 0xc0) === 0x80) at++;
  return bytes.subarray(at);
}

/** Both streams of a command, and the file for what does not fit in memory. */
export class CommandOutput {
  readonly out: OutputKeeper;
  readonly err: OutputKeeper;
  readonly #file: OverflowFile | undefined;

  /** @param mark names the file: unique in the folder for overflow */
  constructor({ maxOutputBytes, overflowDir }: CommandSpec, mark: string) {
    this.out = new OutputKeeper(maxOutputBytes);
    this.err = new OutputKeeper(maxOutputBytes);
    this.#file = overflowDir === undefined ? undefined : new OverflowFile(overflowDir, `${mark}.txt`);
  }

  /**
   * Keeps a piece of a stream, in the file too as soon as one of the streams is full.
   * @returns when the piece is on disk; undefined when it did not go there
   */
  add(keeper: OutputKeeper, bytes: Buffer): Promise<void> | undefined {
    const wasOver = this.out.isOver || this.err.isOver;
    const isFirst = !wasOver && keeper.isOverWith(bytes.length);
    const before = isFirst ? Buffer.concat([this.out.bytes(), this.err.bytes()]) : undefined;
    keeper.add(bytes);
    if (this.#file === undefined || this.#file.isFull || (!wasOver && !isFirst)) return undefined;
    if (before !== undefined) void this.#file.write(before);
    return this.#file.write(bytes);
  }

  /** Ends the file. @returns what a result says of the output */
  async close(): Promise<Pick<CommandResult, "stdout" | "stderr" | "droppedBytes" | "overflowPath">> {
    await this.#file?.close();
    const [out, err] = [this.out.text(), this.err.text()];
    return {
      ...{ stdout: out.text, stderr: err.text, droppedBytes: out.dropped + err.dropped },
      ...(this.#file?.isThere === true ? { overflowPath: this.#file.path } : {}),
    };
  }
}

/** Bytes of a command's output that are kept on disk. */
export const MAX_OVERFLOW = 64 * 1024 * 1024;

/** The file for output that did not fit in memory. Made when first needed; readable by this account alone. */
export class OverflowFile {
  readonly path: string;
  readonly #dir: string;
  #handle: FileHandle | undefined;
  #bytes = 0;
  #failed = false;
  readonly #lane = new Lane();

  /**
   * @param dir absolute; made when it is not there
   * @param name of the file, unique in `dir`
   */
  constructor(dir: string, name: string) {
    this.#dir = dir;
    this.path = join(dir, name);
  }

  /** True once bytes were turned away because the file is as long as it may be, or cannot be written. */
  get isFull(): boolean {
    return this.#failed || this.#bytes >= MAX_OVERFLOW;
  }

  /** True when there is a file with something in it. */
  get isThere(): boolean {
    return this.#handle !== undefined || this.#bytes > 0;
  }

  /** Appends, in the order of the calls. Await it before reading on: that is what keeps memory flat. Never throws. */
  write(chunk: Buffer): Promise<void> {
    return this.#lane.run(() =>
      this.#append(chunk).catch(() => {
        this.#failed = true;
      }),
    );
  }

  async close(): Promise<void> {
    await this.#lane.idle();
    await this.#handle?.close().catch(() => undefined);
    this.#handle = undefined;
  }

  async #append(chunk: Buffer): Promise<void> {
    if (this.isFull) return;
    this.#handle ??= await this.#open();
    const piece = chunk.subarray(0, MAX_OVERFLOW - this.#bytes);
    this.#bytes += piece.length;
    await this.#handle.writeFile(piece);
  }

  async #open(): Promise<FileHandle> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    return open(
      this.path,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0),
      0o600,
    );
  }
}
