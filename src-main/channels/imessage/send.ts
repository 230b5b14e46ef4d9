/**
 * Sends through Messages, one thing at a time, and finds out which id it was given. Must never run anything but the one
 * script, and never try twice.
 */
import { rm } from "node:fs/promises";
import { homedir } from "node:os";
import { sleep } from "#main/base/clock.ts";
import { messageOf, Refused } from "#main/base/errors.ts";
import { Lane } from "#main/base/lane.ts";
import { ChannelError, type ChannelContext, type OutboundMessage } from "../contract.ts";
import { readChatDb } from "./chat-db.ts";
import { layDown, outgoingDir } from "./files.ts";
import { render, SCRIPT, toArguments, toFailure, type Piece } from "./outbound.ts";

const RUN_MS = 90_000;
const OUTPUT_BYTES = 16 * 1024;
/** Messages writes down what it sends a moment later. */
const LOOKS = 12;
const LOOK_MS = 250;
/** Messages takes its own copy of a file while it sends it. */
const KEEP_FILE_MS = 600_000;

export class Sender {
  readonly #context: ChannelContext;
  readonly #osascript: string;
  readonly #chatDb: string;
  readonly #lane = new Lane();
  readonly #stop = new AbortController();

  constructor(context: ChannelContext, osascript: string, chatDb: string) {
    this.#context = context;
    this.#osascript = osascript;
    this.#chatDb = chatDb;
    void this.#lane.run(() => this.#sweep());
  }

  /** Throws ChannelError. @returns the ids of the file and of the text, as far as Messages has written them down */
  send({ chat, text, media }: OutboundMessage, signal: AbortSignal): Promise<string[]> {
    return this.#lane.run(async () => {
      if (signal.aborted) throw new ChannelError("retry", "Stopped before it was sent.");
      const words = render(text);
      const ids: string[] = [];
      if (media !== undefined) {
        const { folder, path } = await layDown(this.#chatDb, media);
        this.#removeLater(folder);
        ids.push(...(await this.#sendPiece({ kind: "file", chatGuid: chat.id, content: path }, signal)));
      }
      if (words === "") return ids;
      const sending = this.#sendPiece({ kind: "text", chatGuid: chat.id, content: words }, signal);
      if (media === undefined) return sending;
      // The file is out: the whole must not be sent again.
      return sending.then(
        (more) => [...ids, ...more],
        (error: unknown) => {
          throw new ChannelError("unknown", `Only the file was sent: ${messageOf(error)}`);
        },
      );
    });
  }

  async dispose(): Promise<void> {
    await this.#lane.idle();
    this.#stop.abort();
    await this.#sweep();
  }

  async #sendPiece(piece: Piece, signal: AbortSignal): Promise<string[]> {
    const { clock, log } = this.#context;
    const before = await readChatDb(this.#chatDb, (db) => db.newestRowId()).catch(() => undefined);
    await this.#run(piece, signal);
    for (let look = 0; look < LOOKS && before !== undefined && !signal.aborted; look++) {
      const id = await readChatDb(this.#chatDb, (db) => db.sentAfter(before, piece.chatGuid)).catch(() => undefined);
      if (id !== undefined) return [id];
      await sleep(clock, LOOK_MS, signal).catch(() => {});
    }
    log.warn("a message was sent, but Messages has not written it down");
    return [];
  }

  async #run(piece: Piece, signal: AbortSignal): Promise<void> {
    const spec = {
      argv: [this.#osascript, ...toArguments(piece)] as const,
      cwd: this.#context.dataDir,
      env: { PATH: "/usr/bin:/bin", HOME: homedir(), LANG: "en_US.UTF-8" },
      stdin: SCRIPT,
      timeoutMs: RUN_MS,
      maxOutputBytes: OUTPUT_BYTES,
    };
    const result = await this.#context.commands.run(spec, signal).catch((error: unknown) => {
      if (!(error instanceof Refused)) throw new ChannelError("unknown", "Stopped while Messages was sending.");
      throw new ChannelError(error.retryAfterMs === undefined ? "rejected" : "retry", error.message);
    });
    const failure = toFailure(result);
    if (failure !== undefined) throw failure;
  }

  #removeLater(folder: string): void {
    const remove = () => rm(folder, { recursive: true, force: true });
    // Stopped, or in use: all of them go at the end.
    void sleep(this.#context.clock, KEEP_FILE_MS, this.#stop.signal)
      .then(remove)
      .catch(() => {});
  }

  /** Removes all that was laid down, also by a run that was cut off. */
  async #sweep(): Promise<void> {
    await rm(outgoingDir(this.#chatDb), { recursive: true, force: true }).catch(() => {});
  }
}
