/**
 * One command in a container: attached, bounded in time and output, and ended with everything it started. Must never
 * end while a process of it lives: what cannot be ended alone goes with its container.
 */
import type { Socket } from "node:net";
import { sleep, type Clock } from "#main/base/clock.ts";
import type { CommandResult, CommandSpec } from "#main/base/command.ts";
import { createId } from "#main/base/ids.ts";
import type { Logger } from "#main/base/logger.ts";
import { CommandOutput } from "#main/base/process/output.ts";
import type { EndReason, Running } from "#main/base/process/running.ts";
import { MARK_VARIABLE } from "#main/base/process/table.ts";
import type { Engine } from "./engine.ts";
import { FrameReader } from "./frames.ts";

/** Milliseconds that ending by mark may take before the container is ended: five seconds in all. */
const END_BY_MARK = 2500;

/** Milliseconds between looks at a command whose stream is open: what it left running may hold that open. */
const LOOK_EVERY = 500;
/** Milliseconds that the stream may take to end after the last process. */
const DRAIN = 1000;

/** Ends every process whose environment holds the mark `$1`. Needs a shell, tr and grep, as any image with a shell has. */
const END_SCRIPT =
  'for p in /proc/[0-9]*; do tr "\\0" "\\n" <"$p/environ" 2>/dev/null | grep -qxF "$1" && kill -9 "${p#/proc/}"; done; true';

export interface ExecWorld {
  engine: Engine;
  clock: Clock;
  log: Logger;
  container: string;
}

/** Throws RemoteError or NetworkError when the Engine does not start it. */
export async function startExecution(world: ExecWorld, spec: CommandSpec, cwd: string): Promise<Running> {
  const { engine, clock, container } = world;
  const mark = createId("cmd");
  const id = await prepare(world, {
    cmd: spec.argv,
    env: { ...spec.env, [MARK_VARIABLE]: mark },
    cwd,
    stdin: spec.stdin !== undefined,
  });
  const startedAt = clock.monotonic();
  const socket = await engine.attach(id);
  const output = new CommandOutput(spec, mark);
  const writes: (Promise<void> | undefined)[] = [];
  const frames = new FrameReader((kind, bytes) => {
    // A copy: a piece of a chunk would keep the whole of it in memory.
    writes.push(output.add(kind === 2 ? output.err : output.out, Buffer.from(bytes)));
  });
  socket.on("data", (chunk: Buffer) => {
    frames.add(chunk);
    const written = writes.splice(0).filter((each) => each !== undefined);
    if (written.length === 0) return;
    // The disk sets the pace: what waits for it is not kept in memory.
    socket.pause();
    void Promise.all(written).then(() => socket.resume());
  });
  socket.end(spec.stdin ?? "");
  let reason: EndReason | undefined;
  let exitCode: number | null = null;
  let isOver = false;
  const finish = async (): Promise<CommandResult> => {
    const found = await waitForEnd(world, id, socket);
    // What it left running goes too.
    await endByMark(world, mark);
    await Promise.race([closed(socket), sleep(clock, DRAIN)]);
    socket.destroy();
    const said = await output.close();
    const wasEnded = reason !== undefined;
    exitCode = wasEnded ? null : found.exitCode;
    isOver = true;
    return {
      ...{ exitCode, signal: wasEnded ? "SIGKILL" : null, timedOut: reason === "timeout", ...said },
      durationMs: Math.round(clock.monotonic() - startedAt),
    };
  };
  const ended = finish();
  const { pid } = await inspect(engine, id);
  return {
    pid,
    output,
    ended,
    exitCode: () => exitCode,
    isOver: () => isOver,
    end(why) {
      if (reason !== undefined || isOver) return;
      reason = why;
      void endForSure(world, { mark, socket, container, ended });
    },
  };
}

async function endForSure(
  world: ExecWorld,
  running: { mark: string; socket: Socket; container: string; ended: Promise<unknown> },
): Promise<void> {
  const { engine, clock, log } = world;
  const limit = new AbortController();
  void running.ended.then(() => limit.abort());
  void endByMark(world, running.mark);
  await sleep(clock, END_BY_MARK, limit.signal).catch(() => undefined);
  if (limit.signal.aborted) return;
  log.warn("a command in a container did not end: its container is ended", { container: running.container });
  await engine.call("POST", `/containers/${running.container}/kill`, undefined, [404, 409]).catch(() => undefined);
  running.socket.destroy();
}

/** Never throws: a container that is gone holds nothing to end. */
async function endByMark(world: ExecWorld, mark: string): Promise<void> {
  try {
    const cmd = ["/bin/sh", "-c", END_SCRIPT, "sh", `${MARK_VARIABLE}=${mark}`];
    const socket = await world.engine.attach(await prepare(world, { cmd, env: {}, cwd: "/", stdin: false }));
    socket.resume();
    socket.end();
    await closed(socket);
  } catch (error) {
    world.log.debug("nothing was left to end in a container", { error });
  }
}

async function prepare(
  { engine, container }: ExecWorld,
  what: { cmd: readonly string[]; env: Readonly<Record<string, string>>; cwd: string; stdin: boolean },
): Promise<string> {
  const { body } = await engine.call("POST", `/containers/${container}/exec`, {
    ...{ AttachStdin: what.stdin, AttachStdout: true, AttachStderr: true, Tty: false, Privileged: false },
    ...{
      Cmd: what.cmd,
      Env: Object.entries(what.env).map(([name, value]) => `${name}=${value}`),
      WorkingDir: what.cwd,
    },
  });
  return textOf(body, "Id");
}

/** Waits until the command is over, whether or not its stream has ended. Never rejects. */
async function waitForEnd({ engine, clock }: ExecWorld, id: string, socket: Socket): Promise<ExecState> {
  const isClosed = closed(socket).then(() => true);
  for (let late = 0; ;) {
    const isOver = await Promise.race([isClosed, sleep(clock, LOOK_EVERY).then(() => false)]);
    const state = await inspect(engine, id);
    // The stream may end a moment before the Engine has written down the exit code.
    if (!state.running || late >= 10) return state;
    if (!isOver) continue;
    late++;
    await sleep(clock, 50);
  }
}

interface ExecState {
  exitCode: number | null;
  pid: number;
  running: boolean;
}

async function inspect(engine: Engine, id: string): Promise<ExecState> {
  const answer = await engine.call("GET", `/exec/${id}/json`).catch(() => undefined);
  const body = (answer?.body ?? {}) as { ExitCode?: unknown; Pid?: unknown; Running?: unknown };
  return {
    exitCode: typeof body.ExitCode === "number" ? body.ExitCode : null,
    pid: typeof body.Pid === "number" ? body.Pid : 0,
    // An Engine that does not answer is asked again: the stream tells when it is gone.
    running: body.Running !== false,
  };
}

/** A text of an answer. Empty when the Engine says something else: the next call then fails in words. */
export function textOf(body: unknown, name: string): string {
  const value = typeof body === "object" && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  return typeof value === "string" ? value : "";
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) return resolve();
    socket.once("close", () => resolve());
    socket.once("end", () => socket.destroy());
    socket.on("error", () => socket.destroy());
    return undefined;
  });
}
