/**
 * The client library: loaded when an account starts, and kept from saying more than it may. Must never be imported at
 * start-up, and never let key material or message texts reach the log or the console.
 */
import type { EventEmitter } from "node:events";
import type * as Baileys from "@whiskeysockets/baileys";
import type { Logger } from "#main/base/logger.ts";

export type Library = typeof Baileys;

/** What the Signal library under the client prints, with whole sessions, private keys included, as arguments. */
const SESSION_PRINT =
  /^(Closing|Opening|Migrating|Removing old closed|Closing open) session|^Session (already|error)|^V1 session|^(Failed to decrypt|Decrypted) message with/;

/** Loads the client; takes a few hundred milliseconds the first time. */
export async function loadLibrary(): Promise<Library> {
  const library = await import("@whiskeysockets/baileys");
  keepSessionsOffTheConsole(console);
  return library;
}

/**
 * The Signal library writes session records to the console when a session changes, and offers no switch for it. What it
 * prints is dropped; everything else passes. Put in once per process, however many accounts there are.
 */
export function keepSessionsOffTheConsole(target: Pick<Console, "info" | "warn" | "error">): void {
  for (const name of ["info", "warn", "error"] as const) {
    const print = target[name];
    if (print.name === "printWithoutSessions") continue;
    target[name] = function printWithoutSessions(first?: unknown, ...rest: unknown[]) {
      if (typeof first !== "string" || !SESSION_PRINT.test(first)) print.call(target, first, ...rest);
    };
  }
}

/**
 * Puts a net under what the client does when something comes: some of its handlers let a failure out, which would end
 * the process. To be called once its handlers are in place.
 */
export function catchFaults(socket: EventEmitter, onFault: (event: string, error: unknown) => void): void {
  for (const name of socket.eventNames()) {
    if (typeof name !== "string" || !/^(message|CB:.*)$/.test(name)) continue;
    const handlers = socket.listeners(name) as ((...args: unknown[]) => unknown)[];
    socket.removeAllListeners(name);
    for (const handler of handlers) {
      socket.on(name, (...args: unknown[]) => {
        // An asynchronous function turns what is thrown at once into a rejection, too.
        const run = async () => handler(...args);
        run().catch((error: unknown) => onFault(name, error));
      });
    }
  }
}

/** The log in the shape that the library wants. Only its fixed sentences pass: its fields hold messages and keys. */
export function toLibraryLog(log: Logger): Baileys.SocketConfig["logger"] {
  const say = (level: "debug" | "warn") => (fields: unknown, message?: string) => {
    const sentence = message ?? fields;
    if (typeof sentence === "string") log[level](`whatsapp client: ${sentence.replace(/\d{5,}/g, "…").slice(0, 160)}`);
  };
  const drop = () => {};
  const child = () => adapter;
  const adapter = {
    level: "warn",
    child,
    trace: drop,
    debug: drop,
    info: drop,
    warn: say("debug"),
    error: say("warn"),
  };
  return adapter;
}
