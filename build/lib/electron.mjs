/**
 * Finds an Electron to open the window with, and says in words why there is none. It must never wait long for one.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { binOf, isWindows, node24, root, run } from "./node.mjs";

const BINARY =
  { darwin: "Electron.app/Contents/MacOS/Electron", win32: "electron.exe" }[process.platform] ?? "electron";

/** The binary that is there already, or undefined. */
export function findElectron() {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const dist = override || join(root, "node_modules/electron/dist");
  const path = join(dist, BINARY);
  return existsSync(path) ? path : undefined;
}

/**
 * The binary, fetched if need be.
 * @param timeoutMs how long a download may take
 * @returns {Promise<{path: string} | {why: string}>}
 */
export async function getElectron(timeoutMs) {
  const found = findElectron();
  if (found) return { path: found };
  if (process.env.ELECTRON_OVERRIDE_DIST_PATH) {
    return { why: `ELECTRON_OVERRIDE_DIST_PATH holds no Electron (${process.env.ELECTRON_OVERRIDE_DIST_PATH})` };
  }
  const { version } = JSON.parse(readFileSync(join(root, "node_modules/electron/package.json"), "utf8"));
  console.log(`Fetching Electron ${version}, once …`);
  const result = await run(node24, [binOf("electron", "install-electron")], { quiet: true, timeoutMs });
  const fetched = findElectron();
  if (result.code === 0 && fetched) return { path: fetched };
  if (result.timedOut) return { why: `Electron could not be fetched within ${Math.round(timeoutMs / 1000)} seconds` };
  const reason = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|HTTP\w* \d{3})\b/.exec(result.output)?.[1];
  const error = reason ?? /^\w*Error: (.{1,120})/m.exec(result.output)?.[1];
  return { why: `Electron could not be fetched${error ? ` (${error.trim()})` : ""}` };
}

/** Why no window can be shown here, or undefined when one can. */
export function whyNoDisplay() {
  if (isWindows || process.platform === "darwin") return undefined;
  if (process.env.DISPLAY || process.env.WAYLAND_DISPLAY) return undefined;
  return "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)";
}

/** Flags that Chromium needs on this account: it refuses its own sandbox as root. */
export function electronFlags() {
  return process.getuid?.() === 0 ? ["--no-sandbox"] : [];
}
