/**
 * The log: pino over one synchronous sink, no transports and no threads. Each line is one line: control characters are
 * escaped, long values cut, secrets taken out. Never throws into a caller and never prints a value it was told to keep.
 */
import pino from "pino";
import type { Clock } from "./clock.ts";
import type { LogRing } from "./log-ring.ts";
import { createRedactor, type Redactor } from "./log-redactor.ts";
import { plainFields, shorten } from "./log-fields.ts";
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
