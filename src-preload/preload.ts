/**
 * Runs in the window before the page: hands it the calls and announcements of the desktop bridge, by name from a fixed
 * list, and nothing else. Holds no state of the app, and never passes an Electron object to the page.
 */
import { contextBridge, ipcRenderer } from "electron";
import { DESKTOP_CALLS, DESKTOP_EVENTS, type DesktopBridge, type DesktopEventName } from "#main/protocol/desktop.ts";

type Listener = (payload: never) => void;

/** Listeners by event. What comes before the page listens waits, the newest of each kind. */
function createEvents(): DesktopBridge["on"] {
  const listeners = new Map<DesktopEventName, Set<Listener>>();
  const waiting = new Map<DesktopEventName, unknown>();
  for (const name of DESKTOP_EVENTS) {
    listeners.set(name, new Set());
    ipcRenderer.on(name, (_event, payload) => {
      const present = listeners.get(name);
      if (!present || present.size === 0) waiting.set(name, payload);
      else for (const listener of present) listener(payload as never);
    });
  }
  return (name, listener) => {
    const present = listeners.get(name);
    if (!present) throw new Error(`There is no event ${String(name)}.`);
    present.add(listener as Listener);
    if (waiting.has(name)) {
      const payload = waiting.get(name);
      waiting.delete(name);
      listener(payload as never);
    }
    return () => void present.delete(listener as Listener);
  };
}

const bridge: DesktopBridge = {
  platform: process.platform as DesktopBridge["platform"],
  call(name, ...args) {
    if (!DESKTOP_CALLS.includes(name)) return Promise.reject(new Error(`There is no call ${String(name)}.`));
    // Only a person opens links: a page without a click or key just before is refused (this world's navigator cannot
    // be replaced by the page).
    if (name === "shell.openExternal" && !navigator.userActivation.isActive) {
      return Promise.reject(new Error("A link opens only when someone asks for it."));
    }
    return ipcRenderer.invoke(name, ...args);
  },
  on: createEvents(),
};

contextBridge.exposeInMainWorld("gatehouse", bridge);
