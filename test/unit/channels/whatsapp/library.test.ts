/** What the client library may say, and what it may break. */
import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { silentLogger, type Logger } from "#main/base/logger.ts";
import { catchFaults, keepSessionsOffTheConsole, toLibraryLog } from "#main/channels/whatsapp/library.ts";
import { toChannelError, toEnding, toRefusal } from "#main/channels/whatsapp/failures.ts";

describe("the console", () => {
  it("gets everything but the sessions that the Signal library prints", () => {
    const lines: unknown[][] = [];
    const print = (...args: unknown[]) => void lines.push(args);
    const target = { info: print, warn: print, error: print };
    keepSessionsOffTheConsole(target);
    const once = target.info;
    keepSessionsOffTheConsole(target);
    expect(target.info).toBe(once);
    target.info("Closing session:", { privKey: "secret" });
    target.warn("Closing open session in favor of incoming prekey bundle");
    target.error("Session error:Error: Bad MAC", "stack");
    target.info("Session of the day", 1);
    target.error(new Error("other"));
    expect(lines).toEqual([["Session of the day", 1], [new Error("other")]]);
  });
});

describe("the log", () => {
  it("gets sentences without fields, numbers and length", () => {
    const lines: string[] = [];
    const say = (message: string, fields?: unknown) => void lines.push(message + JSON.stringify(fields ?? ""));
    const log: Logger = { ...silentLogger, debug: say, warn: say };
    const library = toLibraryLog(log).child({ class: "x" });
    library.info({ text: "a secret" }, "received");
    library.error({ node: "<message>a secret</message>" }, "error in handling message of 15552223333@s.whatsapp.net");
    library.warn({ text: "a secret" });
    library.warn("y".repeat(900));
    expect(lines[0]).toBe('whatsapp client: error in handling message of …@s.whatsapp.net""');
    expect(lines).toHaveLength(2);
    expect(lines[1]?.length).toBeLessThan(200);
  });
});

describe("a fault of a handler", () => {
  it("ends nowhere but here, thrown or rejected, and the other handlers still run", async () => {
    const socket = new EventEmitter();
    const seen: string[] = [];
    socket.on("CB:message", () => {
      throw new Error("thrown");
    });
    const reject = (): unknown => Promise.reject(new Error("rejected"));
    socket.on("CB:message", reject);
    socket.on("CB:message", () => seen.push("ran"));
    catchFaults(socket, (name, error) => seen.push(`${name} ${String(error)}`));
    socket.emit("CB:message", {});
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual(["ran", "CB:message Error: thrown", "CB:message Error: rejected"]);
  });
});

describe("an end", () => {
  const boom = (statusCode: number, data?: unknown) =>
    Object.assign(new Error("x"), { isBoom: true, output: { statusCode }, data });

  it.each([
    [401, "relink", "error"],
    [405, "stop", "error"],
    [440, "stop", "error"],
    [515, "now", "disconnected"],
    [503, "later", "disconnected"],
    [500, "later", "disconnected"],
    [428, "later", "disconnected"],
  ])("with %i is followed by %s", (code, next, state) => {
    expect(toEnding(boom(code))).toMatchObject({ next, state });
  });

  it("without any sense is tried again", () => {
    for (const error of [undefined, null, "x", {}, { output: 3 }]) expect(toEnding(error).next).toBe("later");
  });

  it("of a message is told apart by what was sent", () => {
    expect(toChannelError(boom(500, 429))).toMatchObject({
      failure: "retry",
      isAccountWide: true,
      retryAfterMs: 60_000,
    });
    expect(toChannelError(boom(500, 403)).failure).toBe("rejected");
    expect(toChannelError(boom(428)).failure).toBe("offline");
    expect(toChannelError(boom(408)).failure).toBe("unknown");
    expect(toChannelError(boom(500)).failure).toBe("retry");
    expect(toChannelError(new Error("broke off")).failure).toBe("unknown");
    expect(toRefusal(463)).toMatchObject({ failure: "rejected" });
    expect(toRefusal(429, 9)).toMatchObject({ failure: "retry", retryAfterMs: 9000 });
  });
});
