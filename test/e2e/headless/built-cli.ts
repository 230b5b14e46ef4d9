/**
 * The built command line as a process of its own, with a home and an environment of its own: no keychain, no settings
 * of the person who runs the tests.
 */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";

const root = resolve(import.meta.dirname, "../../..");
/** Another build than the repository's own can be tested by naming its `out`. */
const out = process.env["GATEHOUSE_TEST_BUILD"] ?? join(root, "out");
export const cliPath = join(out, "main/cli.js");

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

type Env = Record<string, string | undefined>;

/** What a process of a test sees of the environment. */
export function cleanEnv(stateDir: string, more: Env = {}): Env {
  return { PATH: process.env["PATH"], HOME: stateDir, GATEHOUSE_STATE_DIR: join(stateDir, "state"), ...more };
}

export interface RunningCli {
  child: ChildProcessWithoutNullStreams;
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves when standard output holds what is looked for; rejects when the process ends without. */
  waitFor(what: string | RegExp): Promise<string>;
  ended: Promise<Finished>;
}

/** Starts a program; killed when the running test ends. */
export function startProgram(program: string, args: readonly string[], env: Env): RunningCli {
  const child = spawn(program, args, { env: env as NodeJS.ProcessEnv, stdio: "pipe" });
  let stdout = "";
  let stderr = "";
  const looks = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    for (const look of [...looks]) look();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<Finished>((settle) => child.on("close", (code) => settle({ code, stdout, stderr })));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return {
    child,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    ended,
    waitFor(what) {
      return new Promise((found, reject) => {
        const look = () => {
          const match = typeof what === "string" ? (stdout.includes(what) ? what : undefined) : what.exec(stdout)?.[0];
          if (match === undefined) return;
          looks.delete(look);
          found(match);
        };
        looks.add(look);
        look();
        void ended.then(({ code }) =>
          reject(new Error(`ended with ${code} before ${String(what)}: ${stdout}${stderr}`)),
        );
      });
    },
  };
}

export function startCli(args: readonly string[], env: Env): RunningCli {
  return startProgram(process.execPath, [cliPath, ...args], env);
}

/** Runs a command to its end. @param input what it reads; its input is at its end after that */
export function runCli(args: readonly string[], env: Env, input = ""): Promise<Finished> {
  const running = startCli(args, env);
  running.child.stdin.end(input);
  return running.ended;
}

export interface ServedGateway extends RunningCli {
  url: string;
  token: string;
  env: Env;
  /** Holds `state/` and is the home of its processes. */
  dir: string;
}

/** `serve` on a free port with a token, ready. @param config written as config.json before the start */
export async function serveGateway(
  dir: string,
  config: Record<string, unknown> = {},
  more: Env = {},
): Promise<ServedGateway> {
  const token = "token-of-the-test-0123456789";
  const env = cleanEnv(dir, { GATEHOUSE_GATEWAY_TOKEN: token, ...more });
  const whole = { gateway: { port: 0 }, ...config };
  mkdirSync(join(dir, "state"), { recursive: true, mode: 0o700 });
  writeFileSync(join(dir, "state", "config.json"), JSON.stringify(whole), { mode: 0o600 });
  const running = startCli(["serve"], env);
  const ready = JSON.parse(await running.waitFor(/^\{"event":"ready".*\}$/m)) as { url: string };
  return Object.assign(running, { url: ready.url, token, env, dir });
}
