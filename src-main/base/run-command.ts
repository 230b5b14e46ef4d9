/**
 * Runs programs and answers for them: no shell, nothing inherited, bounded time and output, and nothing left behind.
 * Must never return while a process of the command lives, and never signal one that is not of the command.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { systemCodeOf } from "./atomic-file.ts";
import { sleep, type Clock } from "./clock.ts";
import type { CommandResult, CommandRunner, CommandSpec } from "./command.ts";
import type { Disposable } from "./disposable.ts";
import { Refused, refuse } from "./errors.ts";
import { createId } from "./ids.ts";
import type { Logger } from "./logger.ts";
import { endTree } from "./process/end-tree.ts";
import { CommandOutput, type OutputKeeper } from "./process/output.ts";
import { findProgram } from "./process/program.ts";
import { createRunner, type EndReason, type Running } from "./process/running.ts";
import { MARK_VARIABLE, startOf, type Root } from "./process/table.ts";

/** Milliseconds from TERM to KILL. On abort less: whoever waits has given up already. */
const GRACE = { timeout: 2000, abort: 400, exit: 300 } as const;
/** Milliseconds that the pipes may stay open after the last process of the command is gone. */
const DRAIN = 500;
/** Milliseconds between two pieces of output that nobody will see: a bomb must not take the machine. */
const THROTTLE = 5;
/** Why the system could not start a program just now, though it may later. */
const TRANSIENT: ReadonlySet<string> = new Set(["EAGAIN", "EMFILE", "ENFILE", "ENOMEM", "ETXTBSY"]);

export interface CommandRunnerOptions {
  clock: Clock;
  log: Logger;
  platform?: NodeJS.Platform;
}

/**
 * A runner without walls. Each program leads a process group and session of its own, has no terminal, and carries one
 * variable more than its `env`: a random mark by which its descendants are found. What it leaves running when it ends is
 * ended too. Disposing ends everything that still runs; afterwards nothing starts.
 */
export function createCommandRunner(options: CommandRunnerOptions): CommandRunner & Disposable {
  const world: World = { platform: process.platform, ...options };
  const running = new Set<Running>();
  let isClosed = false;
  const launch = async (spec: CommandSpec): Promise<Running> => {
    const program = await findStart(spec, world.platform);
    if (isClosed) throw new Refused("UNAVAILABLE", "No program is started any more: the gateway is closing.");
    const started = await startProgram(world, spec, program);
    running.add(started);
    void started.ended.finally(() => running.delete(started));
    return started;
  };
  return {
    ...createRunner(world.clock, launch),
    async dispose() {
      isClosed = true;
      await Promise.all([...running].map((each) => (each.end("abort"), each.ended)));
    },
  };
}

type World = CommandRunnerOptions & { platform: NodeJS.Platform };

/** The program to start. Throws Refused when the spec cannot be run at all, and says why. */
async function findStart({ argv, cwd, env }: CommandSpec, platform: NodeJS.Platform): Promise<string> {
  const name = argv[0];
  if ([...argv, cwd, ...Object.entries(env).flat()].some((text) => text.includes("\0"))) {
    throw refuse("A command cannot hold a zero byte. Leave it out.");
  }
  const folder = await stat(cwd).catch(() => undefined);
  if (!isAbsolute(cwd) || folder?.isDirectory() !== true) throw refuse(`There is no folder '${cwd}' to run in.`);
  if (!isAbsolute(name) && /[/\\]/.test(name)) throw refuse(`'${name}' is not an absolute path.`);
  const program = await findProgram(name, env["PATH"], cwd, platform);
  if (program !== undefined) return program;
  throw refuse(`There is no program '${name}' on this computer, or it may not be run.`);
}

async function startProgram(world: World, spec: CommandSpec, program: string): Promise<Running> {
  const mark = createId("cmd");
  const startedAt = world.clock.monotonic();
  const child = await spawnChild(world, spec, program, mark);
  const root: Root = { pid: child.pid ?? -1, startedAt: startOf(child.pid ?? -1) ?? 0, mark };
  const output = new CommandOutput(spec, mark);
  let isOver = false;
  let reason: EndReason | undefined;
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const end = (graceMs: number) =>
    endTree({ root, clock: world.clock, platform: world.platform, graceMs, rootIsOurs: isRunning });
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
  });
  const into = (keeper: OutputKeeper) => async (chunk: Buffer) => {
    const written = output.add(keeper, chunk);
    if (written !== undefined) await written;
    else if (keeper.isOver) await sleep(world.clock, THROTTLE);
  };
  const pumps = [pump(child.stdout, into(output.out)), pump(child.stderr, into(output.err))];
  let ending: Promise<unknown> | undefined;
  const finish = async (): Promise<CommandResult> => {
    await exited;
    await ending;
    const left = await end(GRACE.exit);
    if (left.length > 0) world.log.error("processes of a command could not be ended", { pids: left.map((p) => p.pid) });
    await Promise.race([Promise.all(pumps), sleep(world.clock, DRAIN)]);
    child.stdout?.destroy();
    child.stderr?.destroy();
    await Promise.all(pumps);
    const said = await output.close();
    isOver = true;
    const durationMs = Math.round(world.clock.monotonic() - startedAt);
    return {
      ...{ exitCode: child.exitCode, signal: child.signalCode, timedOut: reason === "timeout" },
      ...{ ...said, durationMs },
    };
  };
  return {
    pid: root.pid,
    output,
    ended: finish(),
    isOver: () => isOver,
    exitCode: () => child.exitCode,
    end(why) {
      if (reason !== undefined || !isRunning()) return;
      reason = why;
      ending = end(GRACE[why]);
    },
  };
}

function spawnChild(world: World, spec: CommandSpec, program: string, mark: string): Promise<ChildProcess> {
  const isWindows = world.platform === "win32";
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(tellStartFailure(error, spec.argv[0]));
    try {
      const child = spawn(program, spec.argv.slice(1), {
        argv0: spec.argv[0],
        cwd: spec.cwd,
        env: { ...spec.env, [MARK_VARIABLE]: mark },
        stdio: [spec.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
        // A group and session of its own: no terminal to wait at, and one number to signal.
        detached: !isWindows,
        windowsHide: true,
      });
      if (child.pid === undefined) {
        child.once("error", fail);
        return;
      }
      child.on("error", (error) => world.log.warn("a command's process failed", { error }));
      // A program that does not read its input is no failure of ours.
      child.stdin?.on("error", () => undefined);
      child.stdin?.end(spec.stdin);
      resolve(child);
    } catch (error) {
      fail(error);
    }
  });
}

function tellStartFailure(error: unknown, name: string): Refused {
  const code = systemCodeOf(error) ?? "unknown reason";
  if (TRANSIENT.has(code)) {
    const message = `'${name}' could not be started just now: the system is short of something (${code}). Try again.`;
    return new Refused("UNAVAILABLE", message, { cause: error, retryAfterMs: 100 });
  }
  if (code === "E2BIG") return refuse(`'${name}' was not started: its arguments are too long.`, { cause: error });
  return refuse(`'${name}' could not be started (${code}).`, { cause: error });
}

/** Reads a stream to its end. Never throws. */
async function pump(stream: ChildProcess["stdout"], take: (chunk: Buffer) => Promise<void>): Promise<void> {
  if (stream === null) return;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) await take(chunk);
  } catch {
    // Destroyed, because nobody is left who could write: what was read counts.
  }
}
