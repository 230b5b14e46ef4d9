/**
 * Starts the built app for a test: its own home, state directory and display, nothing of the person's account. A suite
 * that cannot run here says why and is skipped.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { _electron, type ElectronApplication, type Page } from "playwright-core";
import { afterAll, beforeAll, onTestFinished } from "vitest";

const root = resolve(import.meta.dirname, "../../..");
/** The build under test; another folder than `out` may be named. */
const out = process.env["GATEHOUSE_TEST_OUT"] ?? join(root, "out");
export const RESULTS = join(root, "test/results");
export const MAIN = join(out, "main/main.js");
export const PRELOAD = join(out, "preload/preload.cjs");
export const CLI = join(out, "main/cli.js");

function findElectron(): string {
  const dist = process.env["ELECTRON_OVERRIDE_DIST_PATH"] ?? join(root, "node_modules/electron/dist");
  const names: Partial<Record<NodeJS.Platform, string>> = {
    darwin: "Electron.app/Contents/MacOS/Electron",
    win32: "electron.exe",
  };
  return join(dist, names[process.platform] ?? "electron");
}

function findProgram(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

const needsDisplay = process.platform === "linux" && !process.env["DISPLAY"];

/** Why the suite cannot run here; undefined when it can. */
export function whyNoDesktop(): string | undefined {
  if (!existsSync(findElectron())) return `no Electron at ${findElectron()} (set ELECTRON_OVERRIDE_DIST_PATH)`;
  if (needsDisplay && !findProgram("Xvfb")) return "no display, and no Xvfb to make one (package xvfb)";
  if (!existsSync(MAIN)) return `${MAIN} is not built (npm run build)`;
  return undefined;
}

/** Goes behind the name of a suite: why it is skipped, or nothing. */
export function reason(): string {
  const why = whyNoDesktop();
  return why === undefined ? "" : ` (skipped: ${why})`;
}

/** Gives the suite's file a display of its own where there is none. */
export function useDisplay(): void {
  let server: ChildProcess | undefined;
  beforeAll(async () => {
    const program = findProgram("Xvfb");
    if (!needsDisplay || program === undefined || whyNoDesktop() !== undefined) return;
    const args = ["-displayfd", "3", "-screen", "0", "1680x1050x24", "-nolisten", "tcp"];
    server = spawn(program, args, { stdio: ["ignore", "ignore", "ignore", "pipe"] });
    const [number] = (await once(server.stdio[3] as NodeJS.ReadableStream, "data")) as [Buffer];
    process.env["DISPLAY"] = `:${String(number).trim()}`;
  });
  afterAll(() => {
    if (!server) return;
    server.kill();
    delete process.env["DISPLAY"];
  });
}

/** A person's account for one test: home, state, configuration. Gone when the test ends. */
export interface Account {
  home: string;
  stateDir: string;
  env: Record<string, string>;
}

/** Those of the test's own variables that are set: a display is opened with its key where it has one. */
function pick(...names: string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** @param config YAML put in the state directory */
export function createAccount(config = "gateway: { port: 0 }\nsecrets: { backend: file }\n"): Account {
  const home = mkdtempSync(join(tmpdir(), "gatehouse-desktop-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  const stateDir = join(home, "state");
  for (const folder of [stateDir, join(home, "run"), join(home, "bin")]) mkdirSync(folder, { mode: 0o700 });
  writeFileSync(join(stateDir, "config.yaml"), config, { mode: 0o600 });
  const env: Record<string, string> = {
    PATH: `${join(home, "bin")}${delimiter}${process.env["PATH"] ?? ""}`,
    HOME: home,
    XDG_RUNTIME_DIR: join(home, "run"),
    LANG: "C.UTF-8",
    GATEHOUSE_STATE_DIR: stateDir,
    GATEHOUSE_SECRET_KEY: Buffer.alloc(32, 7).toString("base64"),
    ...pick("DISPLAY", "XAUTHORITY"),
  };
  return { home, stateDir, env };
}

/** Makes the session bus say that a tray is shown: the app asks `dbus-send`, and this is the one it finds. */
export function withTrayHost(account: Account): void {
  const program = join(account.home, "bin", "dbus-send");
  writeFileSync(program, "#!/bin/sh\necho '   variant       boolean true'\n", { mode: 0o755 });
  account.env["DBUS_SESSION_BUS_ADDRESS"] = `unix:path=${join(account.home, "run", "nobody")}`;
}

export interface RunningApp {
  app: ElectronApplication;
  page: Page;
  pid: number;
  /** What was handed to the system's browser; nothing is opened in a test. */
  opened(): Promise<string[]>;
  /** Quits like the menu item does; resolves when the process has ended, with its code. */
  quit(): Promise<number | null>;
}

/** Starts the app and waits for its window. It is ended with the test when the test did not. */
export async function startApp(account: Account): Promise<RunningApp> {
  const app = await launch(account, 2);
  const child = app.process();
  onTestFinished(async ({ task }) => {
    if (task.result?.state === "fail") await keepTraces(app, account, task.name);
    child.kill("SIGKILL");
  });
  await app.evaluate(({ shell }) => {
    const store = globalThis as { opened?: string[] };
    store.opened = [];
    shell.openExternal = (url) => {
      store.opened?.push(url);
      return Promise.resolve();
    };
  });
  const page = await app.firstWindow();
  return {
    app,
    page,
    pid: child.pid ?? 0,
    opened: () => app.evaluate(() => (globalThis as { opened?: string[] }).opened ?? []),
    async quit() {
      const ended = child.exitCode === null ? once(child, "exit") : Promise.resolve([child.exitCode]);
      await app.evaluate(({ app: electron }) => void setImmediate(() => electron.quit())).catch(() => {});
      const [code] = (await ended) as [number | null];
      return code;
    },
  };
}

/** What a failed test leaves to look at: the windows as they were, and the gateway's log. */
async function keepTraces(app: ElectronApplication, account: Account, test: string): Promise<void> {
  const name = join(RESULTS, `failed ${test.replace(/\W+/g, "-").slice(0, 80)}`);
  mkdirSync(RESULTS, { recursive: true });
  for (const page of app.windows()) await page.screenshot({ path: `${name}.png`, timeout: 5000 }).catch(() => {});
  const logs = join(account.stateDir, "logs");
  if (existsSync(logs)) cpSync(logs, `${name} logs`, { recursive: true });
}

/**
 * The driver sometimes waits for ever when it attaches in the moment that a page loads, while the app itself is up:
 * that one failure is tried again.
 */
async function launch(account: Account, tries: number): Promise<ElectronApplication> {
  const flags = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  try {
    return await _electron.launch({
      executablePath: findElectron(),
      args: [...flags, MAIN],
      env: account.env,
      timeout: 20_000,
    });
  } catch (error) {
    const isLate = error instanceof Error && error.name === "TimeoutError";
    if (!isLate || tries <= 1) throw error;
    return launch(account, tries - 1);
  }
}

/** The page once it is connected: the composer can be typed into. */
export async function waitUntilReady(page: Page): Promise<void> {
  await composer(page).waitFor({ state: "visible", timeout: 30_000 });
}

export const composer = (page: Page) => page.getByRole("textbox", { name: "Message", exact: false });

export async function send(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press("Enter");
}

/** Starts `serve` as its own process and resolves with its address. It is ended with the test. */
export async function startHeadless(account: Account): Promise<{ url: string; pid: number }> {
  const child = spawn(process.execPath, [CLI, "serve"], { env: account.env, stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let text = "";
  for await (const chunk of child.stdout) {
    text += String(chunk);
    const line = text.split("\n").find((part) => part.includes('"event":"ready"'));
    if (line === undefined) continue;
    const ready = JSON.parse(line) as { url: string; pid: number };
    return { url: ready.url, pid: ready.pid };
  }
  throw new Error("the gateway ended before it was ready");
}

/** True while the gateway answers. */
export async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    return false;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
