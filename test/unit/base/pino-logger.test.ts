import { describe, expect, it } from "vitest";
import { createLogRing } from "#main/base/log-ring.ts";
import type { LogFormat } from "#main/base/log-format.ts";
import type { LogLevel } from "#main/base/logger.ts";
import { createLogger } from "#main/base/pino-logger.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";

function setUp(format: LogFormat = "json", level: LogLevel = "trace") {
  const lines: string[] = [];
  const ring = createLogRing();
  const log = createLogger({ level, format, write: (line) => void lines.push(line), clock: createManualClock(), ring });
  return { log, lines, ring };
}

const CANARY = "canary-value-that-nobody-may-see";

describe("createLogger", () => {
  it("[Q17] writes JSON with level, time, message and fields", () => {
    const { log, lines, ring } = setUp();
    log.child({ room: "agent" }).info("started", { port: 1 });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { level: "info", time: "2026-01-01T12:00:00.000Z", room: "agent", port: 1, msg: "started" },
    ]);
    expect(ring.tail().lines).toEqual(lines);
  });

  it("[Q17] writes pretty and compact lines for people", () => {
    const pretty = setUp("pretty");
    pretty.log.warn("disk low", { free: "3 GB", path: "/x" });
    expect(pretty.lines).toEqual(['2026-01-01 12:00:00.000 WARN  disk low free="3 GB" path=/x']);
    const compact = setUp("compact");
    compact.log.error("failed", { error: new Error("no") });
    expect(compact.lines).toEqual(['12:00:00 E failed error={"type":"Error","message":"no"}']);
  });

  it.each(["trace", "debug", "info", "warn", "error"] as const)(
    "[Q17] at level %s writes that level and those above",
    (level) => {
      const all = ["trace", "debug", "info", "warn", "error"] as const;
      const { log, lines } = setUp("json", level);
      for (const name of all) log[name](name);
      expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(all.slice(all.indexOf(level)));
    },
  );

  it("[Q17] changes level and format while it runs, for children too", () => {
    const { log, lines } = setUp("json", "error");
    const child = log.child({ a: 1 });
    child.info("hidden");
    log.configure({ level: "info", format: "compact" });
    child.info("shown");
    expect(lines).toEqual(["12:00:00 I shown a=1"]);
  });

  it.each(["json", "pretty", "compact"] as const)("[LG-03] keeps one line one line in %s", (format) => {
    const { log, lines } = setUp(format);
    log.info("a\nb\r\u001b[31mred\u2028\u202e\u009b", { "k\ney": "x\ny\u0085" });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
    if (format === "json") expect(() => JSON.parse(lines[0] ?? "") as unknown).not.toThrow();
  });

  it("[LG-03] cuts long values, deep trees and long lists", () => {
    const { log, lines } = setUp();
    const deep = { a: { b: { c: { d: { e: "bottom" } } } } };
    log.info("x".repeat(100_000), {
      long: "y".repeat(100_000),
      deep,
      list: Array.from({ length: 500 }, (_item, n) => n),
    });
    expect(lines[0]?.length).toBeLessThan(6000);
    expect(lines[0]).not.toContain("bottom");
  });

  it("[LG-01] never prints a secret that it knows, in no place", () => {
    const { log, lines, ring } = setUp();
    const child = log.child({ early: CANARY });
    log.addSecret(CANARY);
    child.info("child");
    log.info(`message ${CANARY}`, { field: CANARY, [CANARY]: 1, deep: [{ a: `x${CANARY}y` }] });
    const cause = new Error(`cause ${CANARY}`);
    log.error("failed", { error: new Error(`outer ${CANARY}`, { cause }) });
    expect(lines).toHaveLength(3);
    expect([...lines, ...ring.tail().lines].join("\n")).not.toContain(CANARY);
  });

  it("prints it when it was not told of it", () => {
    const { log, lines } = setUp();
    log.info(`message ${CANARY}`);
    expect(lines[0]).toContain(CANARY);
  });

  it("[I14] never prints the value of a field that is named like a secret", () => {
    const { log, lines } = setUp();
    log.info("call", { headers: { authorization: "anything", "x-api-key": "at all" }, botToken: "whatever" });
    expect(lines[0]).not.toMatch(/anything|at all|whatever/);
  });

  it("does not let fields stand in for its own", () => {
    const { log, lines } = setUp();
    log.info("real", { msg: "fake", level: "fatal", time: "never" });
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ msg: "real", level: "info", msg_: "fake", level_: "fatal" });
    expect(lines[0]?.match(/"msg":/g)).toHaveLength(1);
  });

  it("never throws, whatever it is given and whatever the sink does", () => {
    const ring = createLogRing();
    const log = createLogger({
      level: "trace",
      format: "pretty",
      clock: createManualClock(),
      ring,
      write() {
        throw new Error("no sink");
      },
    });
    const cyclic: Record<string, unknown> = {};
    cyclic["self"] = cyclic;
    const hostile = Object.defineProperty({}, "boom", {
      enumerable: true,
      get: () => {
        throw new Error("no");
      },
    });
    log.info("odd", {
      cyclic,
      hostile,
      big: 10n,
      call: () => 1,
      symbol: Symbol("s"),
      none: undefined,
      date: new Date(Number.NaN),
    });
    expect(ring.tail().lines[0]).toContain("[unreadable]");
  });
});
