/** Calls into the main process: who may, with what. */
import { describe, expect, it } from "vitest";
import { DESKTOP_CALLS } from "#main/protocol/desktop.ts";
import { isTrustedCaller, serveCalls, type Caller, type CallHandlers } from "#main/shell/ipc.ts";

const contents = { name: "our window" };
const own: Caller = { sender: contents, senderFrame: { origin: "gatehouse://app", parent: null } };

describe("isTrustedCaller", () => {
  it("[EL-06] trusts the top frame of our page in our window", () => {
    expect(isTrustedCaller(own, contents)).toBe(true);
  });

  it.each<[string, Caller, unknown]>([
    ["another window", { ...own, sender: {} }, contents],
    ["a frame inside the page", { ...own, senderFrame: { origin: "gatehouse://app", parent: {} } }, contents],
    ["another origin", { ...own, senderFrame: { origin: "https://example.com", parent: null } }, contents],
    [
      "an origin that looks like ours",
      { ...own, senderFrame: { origin: "gatehouse://app.evil", parent: null } },
      contents,
    ],
    ["no origin", { ...own, senderFrame: { origin: "null", parent: null } }, contents],
    ["a frame that has gone", { ...own, senderFrame: null }, contents],
    ["anyone while there is no window", { sender: undefined, senderFrame: own.senderFrame }, undefined],
  ])("[EL-06] refuses %s", (_who, caller, window) => {
    expect(isTrustedCaller(caller, window)).toBe(false);
  });
});

describe("serveCalls", () => {
  function setUp() {
    const listeners = new Map<string, (caller: Caller, ...args: unknown[]) => unknown>();
    const calls: unknown[][] = [];
    const note =
      (name: string) =>
      (...args: unknown[]) =>
        void calls.push([name, ...args]);
    const handlers = Object.fromEntries(DESKTOP_CALLS.map((name) => [name, note(name)])) as unknown as CallHandlers;
    const serving = serveCalls(
      {
        handle: (name, listener) => void listeners.set(name, listener),
        removeHandler: (name) => void listeners.delete(name),
      },
      handlers,
      () => contents,
    );
    const call = async (name: string, caller: Caller, ...args: unknown[]) => listeners.get(name)?.(caller, ...args);
    return { listeners, calls, call, serving };
  }

  const fitting: Record<string, unknown[]> = {
    "gateway.address": [{ needsCode: true }],
    "gateway.state": [],
    "gateway.retry": [],
    "shell.openExternal": ["https://example.com"],
    "shell.saveFile": [{ fileName: "chat.md", content: "Hello" }],
    "window.setTheme": ["dark"],
    "window.setZoom": [1.25],
    "window.setCloseBehaviour": ["tray"],
    "tray.setState": [{ running: 2 }],
  };

  it.each(DESKTOP_CALLS)("[EL-06] %s checks who calls before anything runs", async (name) => {
    const { call, calls } = setUp();
    await expect(call(name, { ...own, sender: {} }, ...(fitting[name] ?? []))).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
    expect(calls).toEqual([]);
    await call(name, own, ...(fitting[name] ?? []));
    expect(calls).toEqual([[name, ...(fitting[name] ?? [])]]);
  });

  it.each<[string, unknown[]]>([
    ["gateway.address", []],
    ["gateway.address", [{ needsCode: "yes" }]],
    ["gateway.address", [{ needsCode: true, token: 1 }]],
    ["gateway.state", ["more"]],
    ["shell.openExternal", [{ url: "https://example.com" }]],
    ["shell.openExternal", ["a".repeat(5000)]],
    ["shell.saveFile", [{ fileName: "", content: "" }]],
    ["shell.saveFile", [{ fileName: "a", content: "b", folder: "/etc" }]],
    ["window.setTheme", ["pink"]],
    ["window.setZoom", [Number.NaN]],
    ["window.setZoom", [100]],
    ["window.setCloseBehaviour", [undefined]],
    ["tray.setState", [{ running: -1 }]],
    ["tray.setState", [{ running: 1.5 }]],
  ])("[EL-05] %s refuses %j", async (name, args) => {
    const { call, calls } = setUp();
    await expect(call(name, own, ...args)).rejects.toMatchObject({ code: "INVALID_REQUEST" });
    expect(calls).toEqual([]);
  });

  it("[EL-05] answers the fixed list and nothing else, until disposed", () => {
    const { listeners, serving } = setUp();
    expect([...listeners.keys()].sort()).toEqual([...DESKTOP_CALLS].sort());
    void serving.dispose();
    expect(listeners.size).toBe(0);
  });
});
