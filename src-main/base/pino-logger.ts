/**
 * The log: pino over one synchronous sink, no transports and no threads. Each line is one line: control characters are
 * escaped, long values cut, secrets taken out. Never throws into a caller and never prints a value it was told to keep.
 */
import pino from "pino";
import type { Clock } from "./clock.ts";
import type { LogRing } from "./log-ring.ts";
import { createRedactor, CUT, isSecretName, type Redactor } from "./log-redactor.ts";
import { formatLine, type LogFormat } from "./log-format.ts";
import type { LogFields, Logger, LogLevel } from "./logger.ts";

export interface LoggerOptions {
  level: LogLevel;
  format: LogFormat;
  /** The sink: gets each line without its line end. May be slow or throw; the log goes on. */
  write(line: string): void;
  clock: Clock;
  ring: LogRing;
  /** Shared with whoever else cuts secrets; made when absent. */
  redactor?: Redactor;
}

/** The log at its root, which can be changed while it runs. Children follow. */
export interface RootLogger extends Logger {
  /** This value is never printed from now on, in any field or message. */
  addSecret(value: string): void;
  /** A text as it may be written down elsewhere: known secrets and what looks like one cut out. */
  redact(text: string): string;
  configure(change: { level?: LogLevel; format?: LogFormat }): void;
}

const RANK: Readonly<Record<LogLevel, number>> = { trace: 10, debug: 20, info: 30, warn: 40, error: 50 };

interface Shared {
  rank: number;
  format: LogFormat;
  redactor: Redactor;
}

function wrap(target: pino.Logger, shared: Shared): Logger {
  const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
    if (RANK[level] < shared.rank) return;
    try {
      const text = shorten(message, shared.redactor);
      if (fields === undefined) target[level](text);
      else target[level](plainFields(fields, shared.redactor), text);
    } catch {
      // A log that fails must not take its caller with it.
    }
  };
  return {
    trace: at("trace"),
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (fields) => wrap(target.child(plainFields(fields, shared.redactor)), shared),
  };
}

export function createLogger(options: LoggerOptions): RootLogger {
  const redactor = options.redactor ?? createRedactor();
  const shared: Shared = { rank: RANK[options.level], format: options.format, redactor };
  const sink = {
    write(json: string) {
      // Once more for known secrets: a child's fields may be older than the secret.
      const line = redactor.redactKnown(formatLine(json, shared.format));
      options.ring.push(line);
      try {
        options.write(line);
      } catch {
        // Nowhere to say it.
      }
    },
  };
  const target = pino(
    {
      // Levels are compared above, so that one change counts for all children.
      level: "trace",
      base: null,
      timestamp: () => `,"time":"${new Date(options.clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    sink,
  );
  return {
    ...wrap(target, shared),
    addSecret: (value) => redactor.addSecret(value),
    redact: (text) => redactor.redact(text),
    configure({ level, format }) {
      if (level !== undefined) shared.rank = RANK[level];
      if (format !== undefined) shared.format = format;
    },
  };
}

/*
 * Whatever was put beside a message becomes short, plain JSON without secrets: never more than a few kilobytes, and the
 * values are not called into more than must be.
 */

const MAX_TEXT = 2000;
const MAX_ITEMS = 30;
const MAX_DEPTH = 4;
/** pino's own names; a field of that name would make the line say two things. */
const RESERVED = new Set(["level", "time", "msg"]);

/** Takes secrets out, then cuts what is too long. The part that is looked through ends well behind the cut. */
function shorten(text: string, redactor: Redactor): string {
  const clean = redactor.redact(text.length > MAX_TEXT * 4 ? text.slice(0, MAX_TEXT * 4) : text);
  if (text.length <= MAX_TEXT * 4 && clean.length <= MAX_TEXT) return clean;
  return `${clean.slice(0, MAX_TEXT)}… (${text.length} characters)`;
}

function plainError(error: Error, redactor: Redactor, depth: number): Record<string, unknown> {
  const fields: Record<string, unknown> = { type: error.name, message: shorten(error.message, redactor) };
  if ("code" in error && typeof error.code === "string") fields["code"] = shorten(error.code, redactor);
  if (error.stack !== undefined) fields["stack"] = shorten(error.stack, redactor);
  if (error.cause !== undefined) fields["cause"] = plain(error.cause, redactor, depth + 1);
  return fields;
}

function plain(value: unknown, redactor: Redactor, depth: number): unknown {
  if (typeof value === "string") return shorten(value, redactor);
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value !== "object") return value === undefined ? undefined : `[${typeof value}]`;
  if (depth >= MAX_DEPTH) return "[…]";
  if (value instanceof Error) return plainError(value, redactor, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "invalid date" : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) {
    const items: unknown[] = value.slice(0, MAX_ITEMS).map((item) => plain(item, redactor, depth + 1));
    if (value.length > MAX_ITEMS) items.push(`… (${value.length} items)`);
    return items;
  }
  return plainObject(value, redactor, depth + 1);
}

function plainObject(value: object, redactor: Redactor, depth: number): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  const keys = Object.keys(value);
  for (const key of keys.slice(0, MAX_ITEMS)) {
    const name = shorten(key, redactor).slice(0, 100);
    let item: unknown;
    try {
      const held: unknown = Reflect.get(value, key);
      item = typeof held === "string" && held !== "" && isSecretName(key) ? CUT : plain(held, redactor, depth);
    } catch {
      item = "[unreadable]";
    }
    if (item !== undefined) result[name === "__proto__" ? "__proto__ " : name] = item;
  }
  if (keys.length > MAX_ITEMS) result["…"] = `${keys.length} fields`;
  return result;
}

/** The fields of one line, ready for pino. */
function plainFields(fields: LogFields, redactor: Redactor): Record<string, unknown> {
  const result = plainObject(fields, redactor, 0);
  for (const name of RESERVED) {
    if (!(name in result)) continue;
    result[`${name}_`] = result[name];
    delete result[name];
  }
  return result;
}
