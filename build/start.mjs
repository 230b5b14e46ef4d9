/**
 * `npm start`: installs, builds and opens Gatehouse on a fresh clone. The window where Electron and a display are to be
 * had, otherwise the same gateway with the interface in the browser; it says which and why. It must leave nothing behind.
 */
import { spawn } from "node:child_process";
import { ensureBuilt } from "./lib/built.mjs";
import { electronFlags, getElectron, whyNoDisplay } from "./lib/electron.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { childEnv, exitOnSignals, isWindows, killTree, node24, requireNode20, root } from "./lib/node.mjs";

const DOWNLOAD_MS = 180_000;
/** A window that ends with an error within this time did not open: a library is missing, most often. */
const FALSE_START_MS = 8_000;
/** Longer than the gateway's own time to drain. */
const STOP_MS = 20_000;
const STATE_IN_USE = 3;

/** Starts a program in its own process group, ended with us whatever happens. */
function start(program, args, stdio) {
  const child = spawn(program, args, { cwd: root, env: childEnv(), stdio, detached: !isWindows });
  const stop = () => killTree(child, "SIGKILL");
  process.once("exit", stop);
  const watch = watchOver(child);
  const ended = new Promise((resolve) => {
    child.once("error", (error) => resolve({ code: 127, message: error.message }));
    child.once("exit", (code, signal) => resolve({ code: code ?? (signal === "SIGTERM" ? 0 : 1), message: "" }));
  });
  void ended.then(() => {
    watch?.kill("SIGKILL");
    process.removeListener("exit", stop);
  });
  return { child, ended };
}

/**
 * Ends the child even when we are killed outright: a shell waits on a pipe that only we hold, and the system closes it
 * with us. Windows ends the console's processes itself.
 */
function watchOver(child) {
  if (isWindows || child.pid === undefined) return undefined;
  const script = 'read -r _; kill -s TERM -- "-$1" 2>/dev/null';
  const watch = spawn("/bin/sh", ["-c", script, "sh", String(child.pid)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  watch.on("error", () => {});
  watch.unref();
  return watch;
}

/** The first Ctrl-C asks the child to finish what it has in hand; the second does not ask. */
function stopOnSignals(child) {
  let asked = false;
  const stop = () => {
    if (asked) process.exit(130);
    asked = true;
    // It alone: what it started is its own to end. Whoever does not end in time is ended by our exit.
    if (isWindows) killTree(child, "SIGTERM");
    else child.kill("SIGTERM");
    setTimeout(() => process.exit(130), STOP_MS).unref();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeAllListeners(signal).on(signal, stop);
  return () => asked;
}

/** The flags of `serve` that `open` needs too, to find the same gateway. */
function toOpenFlags(flags) {
  const kept = [];
  for (let i = 0; i < flags.length; i++) {
    const [name] = flags[i].split("=");
    if (name !== "--state-dir" && name !== "--config") continue;
    kept.push(flags[i]);
    if (!flags[i].includes("=") && i + 1 < flags.length) kept.push(flags[++i]);
  }
  return kept;
}

async function openPage(flags) {
  const { ended } = start(node24, ["out/main/cli.js", "open", ...toOpenFlags(flags)], "inherit");
  return (await ended).code;
}

/** The gateway in front, and the page in the system's browser as soon as it answers. @returns the exit code */
async function serve(flags) {
  const { child, ended } = start(node24, ["out/main/cli.js", "serve", ...flags], ["ignore", "pipe", "inherit"]);
  const wasAsked = stopOnSignals(child);
  let line = "";
  let isReady = false;
  child.stdout.setEncoding("utf8").on("data", (chunk) => {
    process.stdout.write(chunk);
    if (isReady) return;
    line = (line + chunk).slice(-65_536);
    if (!/^\{"event":"ready"/m.test(line)) return;
    isReady = true;
    void openPage(flags);
  });
  const { code, message } = await ended;
  if (message) console.error(message);
  if (code === STATE_IN_USE) {
    console.log("A gateway is already running here: opening its page.");
    return openPage(flags);
  }
  return wasAsked() ? 0 : code;
}

/** The window. @returns {Promise<{code: number} | {why: string}>} why: it did not open */
async function openWindow(electron, flags) {
  const since = performance.now();
  const { child, ended } = start(electron, [".", ...electronFlags(), ...flags], "inherit");
  const wasAsked = stopOnSignals(child);
  const { code, message } = await ended;
  if (wasAsked()) return { code: 0 };
  if (code !== 0 && performance.now() - since < FALSE_START_MS) {
    return { why: `Electron did not start (${message || `exit code ${code}`}; see above)` };
  }
  return { code };
}

async function main(args) {
  requireNode20();
  const flags = args.filter((flag) => flag !== "--headless");
  await ensureInstalled();
  await ensureBuilt();
  let why = args.includes("--headless") ? "--headless was given" : whyNoDisplay();
  if (why === undefined) {
    const electron = await getElectron(DOWNLOAD_MS);
    if ("path" in electron) {
      console.log("Opening the Gatehouse window.");
      const result = await openWindow(electron.path, flags);
      if ("code" in result) return result.code;
      why = result.why;
    } else why = electron.why;
  }
  console.log(`Opening Gatehouse in the browser, because ${why}. Ctrl-C stops it.`);
  return serve(flags);
}

exitOnSignals();
process.exitCode = await main(process.argv.slice(2));
process.exit();
