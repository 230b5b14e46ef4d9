#!/usr/bin/env node
/**
 * The entry of the command line and of the headless gateway: hands the process to the command, and its answer back.
 * Everything that decides something is in `cli/`.
 */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Signal, World } from "./cli/command.ts";
import { runCommand } from "./cli/run.ts";

const SIGNALS: readonly Signal[] = ["SIGINT", "SIGTERM", "SIGHUP"];
/** Something that is still open after the command is done does not hold the process longer than this. */
const LINGER_MS = 2000;

const here = import.meta.dirname;
/** Two up from `out/main`, one from the sources. */
const root = [resolve(here, "../.."), resolve(here, "..")].find((dir) => existsSync(join(dir, "package.json"))) ?? here;
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };

const world: World = {
  env: process.env,
  home: homedir(),
  rendererDir: join(root, "out/renderer"),
  self: [process.execPath, process.argv[1] ?? join(here, "cli.js")],
  version,
  pid: process.pid,
  platform: process.platform,
  startGateway: async (start) => (await import("./compose.ts")).compose(start),
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  onSignal(listener) {
    for (const signal of SIGNALS) process.on(signal, listener);
    return () => {
      for (const signal of SIGNALS) process.off(signal, listener);
    };
  },
  exitNow: (code) => process.exit(code),
};

// The reader of a pipe went away (`| head`): nobody is left to tell. A gateway goes on without its readers.
process.stdout.on("error", () => {
  if (process.argv[2] !== "serve") process.exit(0);
});
process.stderr.on("error", () => {});

process.exitCode = await runCommand(process.argv.slice(2), world);
setTimeout(() => process.exit(), LINGER_MS).unref();
