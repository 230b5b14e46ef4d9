/** A process that a test plays: its streams are texts, its signals are calls. */
import { PassThrough } from "node:stream";
import type { Output, Signal, World } from "#main/cli/command.ts";

export interface FakeWorld extends World {
  readonly out: string;
  readonly err: string;
  readonly stdin: PassThrough & { isTTY?: boolean };
  /** Sends a signal to whoever listens; true when somebody did. */
  signal(name: Signal): boolean;
  /** Codes that `exitNow` was called with. */
  readonly exits: readonly number[];
  readonly listeners: number;
  /** Resolves when standard output holds `text`. */
  waitFor(text: string): Promise<void>;
}

export function createFakeWorld(overrides: Partial<World> = {}): FakeWorld {
  let out = "";
  let err = "";
  const exits: number[] = [];
  const listeners = new Set<(signal: Signal) => void>();
  const waiters = new Set<() => void>();
  const stdout: Output = {
    write(text) {
      out += text;
      for (const wake of [...waiters]) wake();
    },
  };
  const stderr: Output = { write: (text) => (err += text) };
  return {
    env: {},
    home: "/nonexistent",
    rendererDir: "/nonexistent/renderer",
    self: [],
    version: "1.2.3",
    pid: 42,
    platform: "linux",
    startGateway: () => Promise.reject(new Error("not played")),
    stdin: new PassThrough(),
    stdout,
    stderr,
    onSignal(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    exitNow: (code) => exits.push(code),
    get out() {
      return out;
    },
    get err() {
      return err;
    },
    exits,
    get listeners() {
      return listeners.size;
    },
    signal(name) {
      for (const listener of [...listeners]) listener(name);
      return listeners.size > 0;
    },
    waitFor(text) {
      return new Promise((resolve) => {
        const look = () => {
          if (!out.includes(text)) return;
          waiters.delete(look);
          resolve();
        };
        waiters.add(look);
        look();
      });
    },
    ...(overrides as object),
  };
}
