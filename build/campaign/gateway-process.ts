/**
 * The built gateway as a process of its own, started, killed and stopped from outside: for the suites that need a real
 * one, for the campaigns and for the bench. It must never touch a process that it did not start.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
/** The built command line; the variable names another build, to compare two. */
export const BUILT_CLI = process.env["GATEHOUSE_BUILT_CLI"] ?? join(ROOT, "out/main/cli.js");
export const TOKEN = "a-token-for-tests-only-0123456789";

export interface ProcessOptions {
  stateDir: string;
  /** Further words after `serve`. `--port 0` unless they name a port. */
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Options of Node itself, such as --cpu-prof. */
  nodeArgs?: readonly string[];
  /** How long a start may take, milliseconds. */
  timeoutMs?: number;
  /** Ends the process in the middle of its start, after so many milliseconds. */
  killAfterMs?: number;
}

/** How a process ended. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface GatewayProcess {
  url: string;
  pid: number;
  /** Spawn to the line that says ready, milliseconds. */
  readyMs: number;
  stderr(): string;
  /** Ends it as a power cut would. Resolves when it is gone. */
  kill(): Promise<Exit>;
  /** SIGTERM. Resolves when it is gone. */
  stop(): Promise<Exit & { ms: number }>;
  exited: Promise<Exit>;
}

/** A start that did not come to `ready`. */
export class StartFailed extends Error {
  readonly exit: Exit;

  constructor(exit: Exit) {
    super(`the gateway ended with ${exit.code ?? exit.signal} before it was ready:\n${exit.stderr}`);
    this.exit = exit;
  }
}

/** A state directory with a configuration, in the system's folder for such things. */
export function makeStateDir(config?: unknown): { dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), "gatehouse-run-"));
  if (config !== undefined) writeFileSync(join(dir, "config.json"), JSON.stringify(config), { mode: 0o600 });
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }) };
}

/** The configuration of a gateway whose model is a fake service at `baseUrl`. */
export function fakeModelConfig(baseUrl: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    llm: { model: "fake/test", providers: { fake: { kind: "openai", baseUrl, apiKey: "none" } } },
    secrets: { backend: "environment" },
    ...more,
  };
}

/** Starts the built gateway and waits until it says that it is ready. Throws StartFailed when it ends before. */
export async function startGatewayProcess(options: ProcessOptions): Promise<GatewayProcess> {
  if (!existsSync(BUILT_CLI)) throw new Error(`${BUILT_CLI} is missing: build first (npm run build)`);
  const startedAt = performance.now();
  const args = ["serve", "--state-dir", options.stateDir, ...(options.args ?? [])];
  if (!args.includes("--port")) args.push("--port", "0");
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), BUILT_CLI, ...args], {
    env: toEnv(options.env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = collect(child);
  const exited = waitForExit(child, output);
  if (options.killAfterMs !== undefined) setTimeout(() => child.kill("SIGKILL"), options.killAfterMs);
  const ready = await waitForReady(child, exited, options.timeoutMs ?? 20_000);
  return {
    url: ready.url,
    pid: child.pid ?? 0,
    readyMs: performance.now() - startedAt,
    stderr: () => output.stderr,
    exited,
    kill() {
      child.kill("SIGKILL");
      return exited;
    },
    async stop() {
      const from = performance.now();
      child.kill("SIGTERM");
      return { ...(await exited), ms: performance.now() - from };
    },
  };
}

/** Only what a gateway needs: nothing of the developer's own configuration reaches it. */
function toEnv(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const kept = ["PATH", "HOME", "TMPDIR", "LANG", "TZ", "SystemRoot"];
  const own = kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const]));
  return { ...Object.fromEntries(own), GATEHOUSE_GATEWAY_TOKEN: TOKEN, ...more };
}

function collect(child: ChildProcess): { stdout: string; stderr: string } {
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  return output;
}

function waitForExit(child: ChildProcess, output: { stdout: string; stderr: string }): Promise<Exit> {
  return new Promise((done) => {
    child.once("close", (code, signal) => done({ code, signal, ...output }));
  });
}

function waitForReady(child: ChildProcess, exited: Promise<Exit>, timeoutMs: number): Promise<{ url: string }> {
  return new Promise((done, fail) => {
    let text = "";
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      fail(new Error(`the gateway was not ready within ${timeoutMs} ms`));
    }, timeoutMs);
    child.stdout?.on("data", (piece: string) => {
      text += piece;
      const line = text.split("\n").find((candidate) => candidate.startsWith('{"event":"ready"'));
      if (line === undefined || !text.includes(`${line}\n`)) return;
      clearTimeout(timer);
      done(JSON.parse(line) as { url: string });
    });
    void exited.then((exit) => {
      clearTimeout(timer);
      fail(new StartFailed(exit));
    });
  });
}
