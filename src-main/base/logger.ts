/** How the gateway writes down what it does. Secrets are cut out where a message is made, not where it is printed. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

/** Facts beside a message: JSON values, short. Errors go under `error`. */
export type LogFields = Record<string, unknown>;

export interface Logger {
  trace(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same log with fields on every line. */
  child(fields: LogFields): Logger;
}

/** Says nothing. For code that runs before there is a log. */
export const silentLogger: Logger = {
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};
