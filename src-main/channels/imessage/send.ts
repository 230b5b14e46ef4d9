/**
 * Sends through Messages, one thing at a time, and finds out which id it was given. Must never run anything but the one
 * script, and never try twice.
 */
import { rm } from "node:fs/promises";
import { homedir } from "node:os";
import { sleep } from "#main/base/clock.ts";
import type { Disposable } from "#main/base/disposable.ts";
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

type World = Pick<ChannelContext, "clock" | "log" | "commands" | "dataDir">;

export class Sender implements Disposable {
  readonly #world: World;
  readonly #osascript: string;
  readonly #chatDb: string;
  readonly #lane = new Lane();
  readonly #timers = new Set<Disposable>();
  readonly #swept: Promise<void>;

  constructor(world: World, osascript: string, chatDb: string) {
    this.#world = world;
    this.#osascript = osascript;
    this.#chatDb = chatDb;
    this.#swept = this.#sweep();
  }

  /** Throws ChannelError. @returns the ids of the file and of the text, as far as Messages has written them down */
  send(message: OutboundMessage, signal: AbortSignal): Promise<string[]> {
    return this.#lane.run(async () => {
      if (signal.aborted) throw new ChannelError("retry", "Stopped before it was sent.");
      await this.#swept;
      const pieces: Omit<Piece, "chatGuid">[] = [];
      if (message.media) pieces.push({ kind: "file", content: await this.#layDown(message.media) });
      const text = render(message.text);
      if (text !== "") pieces.push({ kind: "text", content: text });
      const ids: string[] = [];
      for (const [index, piece] of pieces.entries()) {
        try {
          ids.push(...(await this.#sendPiece({ ...piece, chatGuid: message.chat.id }, signal)));
        } catch (error) {
          // The file is out: the whole must not be sent again.
          if (index > 0) throw new ChannelError("unknown", `Only the file was sent: ${messageOf(error)}`);
          throw error;
        }
      }
      return ids;
    });
  }

  async dispose(): Promise<void> {
    await this.#lane.idle();
    for (const timer of this.#timers) await timer.dispose();
    await this.#swept;
    await this.#sweep();
  }

  async #sendPiece(piece: Piece, signal: AbortSignal): Promise<string[]> {
    const before = await readChatDb(this.#chatDb, (db) => db.newestRowId()).catch(() => undefined);
    const failure = toFailure(await this.#run(piece, signal));
    if (failure) throw failure;
    const identifier = piece.chatGuid.split(";").at(-1) ?? "";
    for (let look = 0; look < LOOKS && before !== undefined && !signal.aborted; look++) {
      const find = readChatDb(this.#chatDb, (db) => db.sentAfter(before, piece.chatGuid, identifier));
      const id = await find.catch(() => undefined);
      if (id !== undefined) return [id];
      await sleep(this.#world.clock, LOOK_MS, signal).catch(() => undefined);
    }
    this.#world.log.warn("a message was sent, but Messages has not written it down");
    return [];
  }

  async #run(piece: Piece, signal: AbortSignal) {
    try {
      return await this.#world.commands.run(
        {
          argv: [this.#osascript, ...toArguments(piece)],
          cwd: this.#world.dataDir,
          env: { PATH: "/usr/bin:/bin", HOME: homedir(), LANG: "en_US.UTF-8" },
          stdin: SCRIPT,
          timeoutMs: RUN_MS,
          maxOutputBytes: OUTPUT_BYTES,
        },
        signal,
      );
    } catch (error) {
      if (!(error instanceof Refused)) throw new ChannelError("unknown", "Stopped while Messages was sending.");
      throw new ChannelError(error.retryAfterMs === undefined ? "rejected" : "retry", error.message);
    }
  }

  async #layDown(media: NonNullable<OutboundMessage["media"]>): Promise<string> {
    const { folder, path } = await layDown(this.#chatDb, media);
    const timer = this.#world.clock.after(KEEP_FILE_MS, () => {
      this.#timers.delete(timer);
      void rm(folder, { recursive: true, force: true }).catch(() => undefined);
    });
    this.#timers.add(timer);
    return path;
  }

  /** Removes all that was laid down, also by a run that was cut off. */
  async #sweep(): Promise<void> {
    await rm(outgoingDir(this.#chatDb), { recursive: true, force: true }).catch(() => undefined);
  }
}
