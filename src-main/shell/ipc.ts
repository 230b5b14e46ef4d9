/**
 * The window's calls into this process: one map, one wrapper. Each call is refused unless it comes from the top frame
 * of our own page in our own window and its arguments fit; no handler sees an event or a frame.
 */
import type { IpcMainInvokeEvent } from "electron";
import Type, { type TSchema } from "typebox";
import { Check } from "typebox/value";
import { toDisposable, type Disposable } from "#main/base/disposable.ts";
import { Refused } from "#main/base/errors.ts";
import { APP_ORIGIN, DESKTOP_CALLS, type DesktopCallName, type DesktopCalls } from "#main/protocol/desktop.ts";

/** Characters of a text that the window may have saved to a file. */
const LONGEST_FILE = 32 * 1024 * 1024;
const closed = { additionalProperties: false };

/** What may be passed, call by call. */
const ARGUMENTS: Record<DesktopCallName, TSchema> = {
  "gateway.address": Type.Tuple([Type.Object({ needsCode: Type.Boolean() }, closed)]),
  "gateway.state": Type.Tuple([]),
  "gateway.retry": Type.Tuple([]),
  "shell.openExternal": Type.Tuple([Type.String({ maxLength: 4096 })]),
  "shell.saveFile": Type.Tuple([
    Type.Object(
      { fileName: Type.String({ minLength: 1, maxLength: 255 }), content: Type.String({ maxLength: LONGEST_FILE }) },
      closed,
    ),
  ]),
  "window.setTheme": Type.Tuple([Type.Union([Type.Literal("light"), Type.Literal("dark"), Type.Literal("system")])]),
  "window.setZoom": Type.Tuple([Type.Number({ minimum: 0.5, maximum: 3 })]),
  "window.setCloseBehaviour": Type.Tuple([Type.Union([Type.Literal("tray"), Type.Literal("quit")])]),
  "tray.setState": Type.Tuple([Type.Object({ running: Type.Integer({ minimum: 0, maximum: 9999 }) }, closed)]),
};

type Answer<N extends DesktopCallName> = ReturnType<DesktopCalls[N]> | Promise<ReturnType<DesktopCalls[N]>>;
/** What each call does. Thrown messages reach the page: no secrets in them. */
export type CallHandlers = { [N in DesktopCallName]: (...args: Parameters<DesktopCalls[N]>) => Answer<N> };

/** Who called, as far as it is checked. */
export type Caller = {
  sender: unknown;
  senderFrame: (Pick<NonNullable<IpcMainInvokeEvent["senderFrame"]>, "origin"> & { parent: unknown }) | null;
};

/**
 * True for the top frame of our page in our window.
 * @param contents the window's WebContents; undefined while there is no window
 */
export function isTrustedCaller(caller: Caller, contents: unknown): boolean {
  const frame = caller.senderFrame;
  if (contents === undefined || caller.sender !== contents) return false;
  return frame !== null && frame.parent === null && frame.origin === APP_ORIGIN;
}

/** The part of Electron's ipcMain in use. */
export interface CallServer {
  handle(channel: string, listener: (event: Caller, ...args: unknown[]) => unknown): void;
  removeHandler(channel: string): void;
}

/** Answers the calls until disposed. */
export function serveCalls(server: CallServer, handlers: CallHandlers, contents: () => unknown): Disposable {
  for (const name of DESKTOP_CALLS) {
    server.handle(name, async (caller, ...args) => {
      if (!isTrustedCaller(caller, contents()))
        throw new Refused("FORBIDDEN", `${name}: only the app's own window may call this.`);
      if (!Check(ARGUMENTS[name], args)) throw new Refused("INVALID_REQUEST", `${name}: the arguments do not fit.`);
      const run = handlers[name] as (...args: unknown[]) => unknown;
      return await run(...args);
    });
  }
  return toDisposable(() => {
    for (const name of DESKTOP_CALLS) server.removeHandler(name);
  });
}
