/**
 * Where things are, and how a program is started. Plain JavaScript without dependencies: it runs on a fresh clone, under
 * Node 20, before anything is installed. It must never start our own code under another Node than the pinned one.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join, resolve, sep } from "node:path";

export const root = resolve(import.meta.dirname, "../..");
export const isWindows = process.platform === "win32";

/** The pinned Node 24. better-sqlite3 crashes under Node 20, so nothing of ours runs under the system's own. */
export const node24 = isWindows ? join(root, "node_modules/node/bin/node.exe") : join(root, "node_modules/.bin/node");

/** Stops with a sentence when this Node is too old to go on. */
export function requireNode20() {
  if (Number(process.versions.node.split(".")[0]) >= 20) return;
  console.error(`Gatehouse needs Node 20 or newer to start; this is ${process.versions.node}. See https://nodejs.org`);
  process.exit(1);
}

/** Stops with a sentence unless this is the pinned Node: for scripts that run our own code in their own process. */
export function requireNode24() {
  if (Number(process.versions.node.split(".")[0]) === 24) return;
  console.error(`This runs under Node 24, which npm installs here; found ${process.versions.node}. Use "npm run …".`);
  process.exit(1);
}

/** The environment for child processes: the pinned Node first on PATH. */
export function childEnv(extra = {}) {
  const env = { ...process.env, ...extra };
  const key = Object.keys(env).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
  env[key] = [join(root, "node_modules/.bin"), env[key]].filter(Boolean).join(delimiter);
  // Set by editors and terminals that are Electron themselves; it would turn our app into a plain Node.
  delete env.ELECTRON_RUN_AS_NODE;
  return env;
}

/** PATH without any node_modules/.bin: npm is run by a Node that it does not replace under its own feet. */
export function outerEnv() {
  const env = { ...process.env };
  const key = Object.keys(env).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
  const own = join("node_modules", ".bin");
  env[key] = (env[key] ?? "")
    .split(delimiter)
    .filter((entry) => !entry.split(sep).join("/").endsWith(own.split(sep).join("/")))
    .join(delimiter);
  return env;
}

/** The script behind a package's command, to be run with the pinned Node (no .cmd wrappers, the same on Windows). */
export function binOf(packageName, command = packageName) {
  const folder = join(root, "node_modules", packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return join(folder, typeof bin === "string" ? bin : bin[command]);
}

/** True if a program is on PATH. */
export function hasProgram(name) {
  const extensions = isWindows ? [".exe", ".cmd", ".bat"] : [""];
  return (process.env.PATH ?? process.env.Path ?? "")
    .split(delimiter)
    .some((folder) => extensions.some((extension) => existsSync(join(folder, name + extension))));
}

/**
 * Runs a program to its end.
 * @param options.quiet keeps the output back instead of showing it
 * @param options.timeoutMs kills it, with all it started, after so long
 * @returns {Promise<{code: number, output: string, ms: number, timedOut: boolean}>} code 127: it could not be started
 */
export function run(program, args, options = {}) {
  const { quiet = false, timeoutMs = 0, env = childEnv(), cwd = root, shell = false } = options;
  const started = performance.now();
  return new Promise((done) => {
    const child = spawn(program, args, { cwd, env, shell, stdio: ["ignore", "pipe", "pipe"], detached: !isWindows });
    const stop = () => killTree(child, "SIGKILL");
    process.once("exit", stop);
    let output = "";
    let timedOut = false;
    const timer =
      timeoutMs > 0
        ? setTimeout(() => {
            timedOut = true;
            stop();
          }, timeoutMs)
        : undefined;
    const take = (stream) => (chunk) => {
      output += chunk;
      if (!quiet) stream.write(chunk);
    };
    child.stdout.setEncoding("utf8").on("data", take(process.stdout));
    child.stderr.setEncoding("utf8").on("data", take(process.stderr));
    const end = (code) => {
      clearTimeout(timer);
      process.removeListener("exit", stop);
      done({ code, output, ms: performance.now() - started, timedOut });
    };
    child.once("error", (error) => {
      output += error.message;
      end(127);
    });
    child.once("close", (code) => end(timedOut ? 124 : (code ?? 1)));
  });
}

/** Ends a child and everything it started (its process group; on Windows its tree). Safe on one that is gone. */
export function killTree(child, signal) {
  if (child.pid === undefined) return;
  try {
    if (isWindows) spawn("taskkill", ["/pid", String(child.pid), "/T", "/F"], { stdio: "ignore" });
    else process.kill(-child.pid, signal);
  } catch {
    // Already gone.
  }
}

/** Turns Ctrl-C and friends into an exit, so that `exit` listeners end what was started. */
export function exitOnSignals() {
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ])
    process.once(signal, () => process.exit(code));
}
