/** The tray says what is, and offers the way back. */
import { describe, expect, it } from "vitest";
import { createTray, toQuitLabel, toTrayMenu, toTrayStatus, type TrayFacts } from "#main/shell/tray.ts";

const ready: TrayFacts = { gateway: { state: "ready", attached: false }, running: 0 };
const attached: TrayFacts = { gateway: { state: "ready", attached: true }, running: 0 };
const failed: TrayFacts = { gateway: { state: "failed", message: "no", logTail: [] }, running: 0 };

describe("toTrayStatus", () => {
  it("names the real state", () => {
    expect(toTrayStatus({ gateway: { state: "starting" }, running: 0 })).toBe("Gatehouse: starting");
    expect(toTrayStatus(ready)).toBe("Gatehouse: ready");
    expect(toTrayStatus({ ...ready, running: 2 })).toBe("Gatehouse: answering 2");
    expect(toTrayStatus(attached)).toBe("Gatehouse: attached to another gateway");
    expect(toTrayStatus({ ...failed, running: 3 })).toBe("Gatehouse: failed to start");
  });
});

describe("toTrayMenu", () => {
  const labels = (facts: TrayFacts) =>
    toTrayMenu(facts, { open() {}, newChat() {}, retry() {}, quit() {} }).flatMap((item) => item.label ?? []);

  it("says what quitting stops", () => {
    expect(labels(ready)).toEqual(["Gatehouse: ready", "Open Gatehouse", "New chat", "Quit and stop the gateway"]);
    expect(labels(attached).at(-1)).toBe("Quit");
    expect(toQuitLabel({ state: "starting" })).toBe("Quit and stop the gateway");
  });

  it("offers another try after a failed start", () => {
    expect(labels(failed)).toContain("Try again");
    expect(labels(ready)).not.toContain("Try again");
  });
});

describe("createTray", () => {
  function setUp(platform: NodeJS.Platform) {
    const calls: string[] = [];
    let click = () => {};
    const opened: string[] = [];
    const tray = createTray(
      {
        platform,
        image: "tray.png",
        createTray: (image) => ({
          setToolTip: (text) => calls.push(`tip ${text}`),
          setTitle: (text) => calls.push(`title ${text}`),
          setContextMenu: (menu) => calls.push(`menu ${String(menu)}`),
          on: (_event, listener) => (click = listener),
          destroy: () => calls.push(`destroyed ${String(image)}`),
        }),
        buildMenu: (template) => template.length,
        actions: { open: () => opened.push("open"), newChat() {}, retry() {}, quit() {} },
      },
      ready,
    );
    return { tray, calls, opened, click: () => click() };
  }

  it("draws again only what changed", () => {
    const { tray, calls } = setUp("linux");
    tray.update(ready);
    tray.update({ ...ready });
    expect(calls).toEqual(["tip Gatehouse: ready", "menu 6"]);
    tray.update({ ...ready, running: 1 });
    expect(calls.slice(2)).toEqual(["tip Gatehouse: answering 1", "menu 6"]);
    void tray.dispose();
    expect(calls.at(-1)).toBe("destroyed tray.png");
  });

  it("counts beside the icon on macOS, where a click opens the menu and not the window", () => {
    const mac = setUp("darwin");
    mac.tray.update({ ...ready, running: 3 });
    expect(mac.calls).toContain("title 3");
    mac.click();
    expect(mac.opened).toEqual([]);
    const windows = setUp("win32");
    windows.click();
    expect(windows.opened).toEqual(["open"]);
  });
});
