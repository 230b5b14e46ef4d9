/**
 * An Engine of Docker on a Unix socket, as far as the gateway uses it: it speaks the real wire format and runs the
 * commands of its containers as plain processes, without walls. For tests of what is asked and how answers are read.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Disposable } from "#main/base/disposable.ts";

export interface FakeContainer {
  name: string;
  /** As it was asked for. */
  body: Record<string, unknown>;
  running: boolean;
}

interface FakeExec {
  container: string;
  body: { Cmd: string[]; Env: string[]; WorkingDir: string; AttachStdin: boolean };
  child?: ChildProcess;
  exitCode: number | null;
}

export interface FakeDocker extends Disposable {
  readonly containers: Map<string, FakeContainer>;
  /** `METHOD /path` in order, without queries. */
  readonly calls: string[];
  readonly images: Set<string>;
  /** Commands that ending by mark does not reach: as a process that wiped its environment. */
  ignoreEnding: boolean;
  /** Bodies of the executions in order. */
  readonly executions: FakeExec["body"][];
}

export async function startFakeDocker(socketPath: string): Promise<FakeDocker> {
  const execs = new Map<string, FakeExec>();
  const docker: Omit<FakeDocker, "dispose"> = {
    ...{
      containers: new Map(),
      calls: [],
      images: new Set(["debian:stable-slim"]),
      ignoreEnding: false,
      executions: [],
    },
  };
  const server = createServer((request, response) => void answer(docker, execs, request, response));
  server.on("upgrade", (request, socket) => void attach(docker, execs, request, socket));
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return Object.assign(docker, { dispose: () => stop(server, execs) });
}

async function stop(server: Server, execs: Map<string, FakeExec>): Promise<void> {
  for (const { child } of execs.values()) endGroup(child);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString("utf8") || "{}") as Record<string, unknown>;
}

type Docker = Omit<FakeDocker, "dispose">;

async function answer(
  docker: Docker,
  execs: Map<string, FakeExec>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://docker");
  docker.calls.push(`${request.method} ${url.pathname}`);
  const body = await readJson(request);
  const [status, said] = reply(docker, execs, `${request.method} ${url.pathname}`, { url, body });
  const text = said === undefined ? "" : JSON.stringify(said);
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) });
  response.end(text);
}

function reply(
  docker: Docker,
  execs: Map<string, FakeExec>,
  call: string,
  { url, body }: { url: URL; body: Record<string, unknown> },
): [number, unknown?] {
  const [, kind, id = "", verb] = decodeURIComponent(url.pathname).split("/");
  const container = docker.containers.get(id);
  if (call === "GET /_ping") return [200, "OK"];
  if (call === "GET /info") return [200, { SecurityOptions: ["name=seccomp,profile=builtin"] }];
  if (kind === "images") return docker.images.has(id) ? [200, { Id: id }] : [404, { message: `No such image: ${id}` }];
  if (call === "GET /containers/json") return [200, list(docker, url)];
  if (call === "POST /containers/create") {
    const name = url.searchParams.get("name") ?? "";
    if (docker.containers.has(name)) return [409, { message: "Conflict" }];
    docker.containers.set(name, { name, body, running: false });
    return [201, { Id: name }];
  }
  if (kind === "exec") {
    const exec = execs.get(id);
    return exec === undefined
      ? [404, { message: "No such exec" }]
      : [200, { Running: exec.exitCode === null, ExitCode: exec.exitCode, Pid: exec.child?.pid ?? 0 }];
  }
  if (container === undefined) return [404, { message: `No such container: ${id}` }];
  if (verb === "json") return [200, { Id: id, Config: container.body }];
  if (verb === "start") {
    const was = container.running;
    container.running = true;
    return [was ? 304 : 204];
  }
  if (verb === "kill") {
    container.running = false;
    for (const exec of execs.values()) if (exec.container === id) endGroup(exec.child);
    return [204];
  }
  if (verb === "exec") {
    if (!container.running) return [409, { message: "container is not running" }];
    const made = `exec${execs.size + 1}`;
    execs.set(made, { container: id, body: body as FakeExec["body"], exitCode: null });
    return [201, { Id: made }];
  }
  if (call.startsWith("DELETE ")) {
    docker.containers.delete(id);
    return [204];
  }
  return [404, { message: "page not found" }];
}

function list(docker: Docker, url: URL): unknown[] {
  const { label = [] } = JSON.parse(url.searchParams.get("filters") ?? "{}") as { label?: string[] };
  return [...docker.containers.values()]
    .map(({ name, body }) => ({ Id: name, Labels: (body["Labels"] ?? {}) as Record<string, string> }))
    .filter(({ Labels }) => label.every((each) => Labels[each.split("=")[0] ?? ""] === each.split("=")[1]));
}

async function attach(
  docker: Docker,
  execs: Map<string, FakeExec>,
  request: IncomingMessage,
  socket: Duplex,
): Promise<void> {
  docker.calls.push(`${request.method} ${request.url}`);
  const exec = execs.get((request.url ?? "").split("/")[2] ?? "");
  if (exec === undefined) return void socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  docker.executions.push(exec.body);
  socket.on("error", () => undefined);
  socket.write(
    "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n",
  );
  const { Cmd, Env, WorkingDir } = exec.body;
  const isEnding = Cmd[3] === "sh" && Cmd[4]?.startsWith("GATEHOUSE_COMMAND=") === true;
  if (isEnding && docker.ignoreEnding) return void finish(exec, socket, 0);
  const env = Object.fromEntries(
    Env.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  );
  const child = spawn(Cmd[0] ?? "", Cmd.slice(1), {
    cwd: WorkingDir,
    env: { PATH: "/usr/bin:/bin", ...env },
    detached: true,
  });
  exec.child = child;
  child.on("error", (error) => {
    socket.write(frame(1, Buffer.from(`OCI runtime exec failed: ${error.message}\r\n`)));
    finish(exec, socket, 127);
  });
  // Cut in odd places: a frame need not come whole.
  child.stdout.on("data", (chunk: Buffer) => writeCut(socket, frame(1, chunk)));
  child.stderr.on("data", (chunk: Buffer) => writeCut(socket, frame(2, chunk)));
  child.stdin.on("error", () => undefined);
  if (exec.body.AttachStdin) socket.pipe(child.stdin);
  else {
    child.stdin.end();
    socket.resume();
  }
  // As the Engine: the stream stays open while anybody holds the pipes, though the command itself is over.
  child.on("exit", (code) => (exec.exitCode ??= code ?? 137));
  child.on("close", (code) => finish(exec, socket, code ?? 137));
}

function finish(exec: FakeExec, socket: Duplex, code: number): void {
  exec.exitCode ??= code;
  socket.end();
}

function frame(kind: 1 | 2, bytes: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head[0] = kind;
  head.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([head, bytes]);
}

function writeCut(socket: Duplex, bytes: Buffer): void {
  socket.write(bytes.subarray(0, 3));
  socket.write(bytes.subarray(3));
}

function endGroup(child: ChildProcess | undefined): void {
  try {
    if (child?.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}
