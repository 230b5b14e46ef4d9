/**
 * `gatehouse serve`: the gateway in the foreground. On standard output one line of JSON when everything that can
 * answer answers; the log goes to standard error, or with --json, a line of JSON each, to standard output too. A first
 * signal drains and ends with 0, a second one ends at once.
 */
import { AppError, Refused } from "#main/base/errors.ts";
import {
  EXIT,
  isSet,
  printLine,
  textOption,
  usageError,
  type GatewayStart,
  type Invocation,
  type ServedGateway,
  type Signal,
} from "./command.ts";
import { placeOf } from "./place.ts";

/** Refusals that say something about the machine now, not about what was asked for. */
const CIRCUMSTANCES: ReadonlySet<string> = new Set([
  "PORT_IN_USE",
  "READ_ONLY",
  "DISK_FULL",
  "DB_BUSY",
  "DB_CORRUPT",
  "DB_NEWER",
  "UNAVAILABLE",
]);

const LEVELS = ["trace", "debug", "info", "warn", "error"];
/** Exit code of a process ended by a signal, as shells count. */
const SIGNAL_CODES: Readonly<Record<Signal, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

function toPort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw usageError(`--port is a number from 0 to 65535, not ${text}`);
  return port;
}

/** What was asked for, as the assembly takes it. Throws Refused `USAGE`. */
export function toStart(invocation: Invocation): GatewayStart {
  const { world, positionals } = invocation;
  if (positionals.length > 0) throw usageError(`serve takes no argument, only options; what is ${positionals[0]}?`);
  const [port, host, token, level] = ["port", "host", "token", "log-level"].map((name) => textOption(invocation, name));
  if (level !== undefined && !LEVELS.includes(level)) throw usageError(`--log-level is one of ${LEVELS.join(", ")}`);
  if (token === "") throw usageError("--token is empty; leave it out to have one made");
  const json = isSet(invocation, "json");
  const output = json ? world.stdout : world.stderr;
  return {
    ...placeOf(invocation),
    env: { ...world.env },
    flags: {
      ...(port === undefined ? {} : { port: toPort(port) }),
      ...(host === undefined ? {} : { host }),
      ...(token === undefined ? {} : { token }),
      ...(level === undefined ? {} : { level }),
      ...(json ? { json } : {}),
    },
    rendererDir: world.rendererDir,
    version: world.version,
    onLogLine: (line) => printLine(output, line),
  };
}

/** The exit code for a start that was refused. */
export function toExitCode(error: unknown): number {
  if (!(error instanceof Refused)) return EXIT.failed;
  if (error.code === "LOCKED") return EXIT.inUse;
  return CIRCUMSTANCES.has(error.code) ? EXIT.failed : EXIT.usage;
}

/** Words for a start that was refused, with the address of the one who is there already. */
function toWords(error: AppError): string {
  const { details } = error;
  if (error.code !== "LOCKED" || details === undefined) return error.message;
  const facts = [
    details["pid"] === undefined ? undefined : `process ${String(details["pid"])}`,
    details["url"] === undefined ? undefined : `at ${String(details["url"])}`,
  ].filter((fact) => fact !== undefined && !error.message.includes(fact));
  return [error.message, ...facts].join(" ");
}

/** Resolves with the exit code once the gateway has stopped. */
function waitForEnd(gateway: ServedGateway, { world }: Invocation): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  let isStopping = false;
  const stopListening = world.onSignal((signal) => {
    if (isStopping) return world.exitNow(SIGNAL_CODES[signal]);
    isStopping = true;
    gateway.stop(signal).then(
      () => resolve(EXIT.ok),
      (error: unknown) => {
        printLine(world.stderr, `gatehouse serve: the gateway did not stop cleanly: ${String(error)}`);
        resolve(EXIT.failed);
      },
    );
  });
  gateway.closing.then(
    () => {
      if (!isStopping) resolve(EXIT.ok);
    },
    () => resolve(EXIT.failed),
  );
  return promise.finally(stopListening);
}

export async function run(invocation: Invocation): Promise<number> {
  const { world } = invocation;
  const start = toStart(invocation);
  let gateway: ServedGateway;
  // A signal before there is anything to drain ends the process as it would any other.
  try {
    gateway = await world.startGateway(start);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    printLine(world.stderr, `gatehouse serve: ${error.code}: ${toWords(error)}`);
    return toExitCode(error);
  }
  const ready = { event: "ready", url: gateway.url, pid: world.pid, version: world.version };
  const ended = waitForEnd(gateway, invocation);
  printLine(world.stdout, JSON.stringify(ready));
  return ended;
}
