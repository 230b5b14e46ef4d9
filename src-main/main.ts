/** The entry of the desktop app: says where things are and hands them to the shell. Decides nothing itself. */
import { homedir } from "node:os";
import { join } from "node:path";
import {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  nativeTheme,
  Notification,
  protocol,
  screen,
  session,
  shell,
  Tray,
} from "electron";
import { version } from "../package.json";
import { createSystemClock } from "./base/clock.ts";
import { silentLogger } from "./base/logger.ts";
import { namedConfigPath, stateDirOf } from "./config/paths.ts";
import { startDesktop } from "./shell/app.ts";

const { env } = process;
const here = import.meta.dirname;
const stateDir = stateDirOf(env, homedir());
const configPath = namedConfigPath(env, homedir());
const rendererDir = join(here, "../renderer");

startDesktop({
  parts: {
    ...{ app, BrowserWindow, clipboard, dialog, ipcMain, Menu, nativeTheme, Notification },
    ...{ protocol, screen, session, shell, Tray },
  },
  env,
  platform: process.platform,
  stateDir,
  rendererDir,
  preload: join(here, "../preload/preload.cjs"),
  resourcesDir: join(here, "../../resources"),
  clock: createSystemClock(),
  log: silentLogger,
  // Loaded late, so that the window is not held up, and a module that cannot be loaded is shown in it.
  async startGateway(onLogLine) {
    const { compose } = await import("./compose.ts");
    const config = configPath === undefined ? {} : { configPath };
    return await compose({ stateDir, ...config, env, flags: {}, rendererDir, version, onLogLine });
  },
  async connectOwner(url, listeners) {
    const { openOwnerClient } = await import("./cli/client.ts");
    return await openOwnerClient({ stateDir, env, url, version, as: "desktop", ...listeners });
  },
});
