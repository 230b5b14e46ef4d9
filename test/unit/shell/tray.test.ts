/** The tray says what is, and offers the way back. */
import { describe, expect, it } from "vitest";
import { toApproval } from "./approvals/approval.ts";
import { createTray, toQuitLabel, toTrayMenu, toTrayStatus, type TrayFacts } from "#main/shell/tray.ts";

const idle = { running: 0, waiting: [] };
const ready: TrayFacts = { gateway: { state: "ready", attached: false }, ...idle };
const attached: TrayFacts = { gateway: { state: "ready", attached: true }, ...idle };
const failed: TrayFacts = { gateway: { state: "failed", message: "no", logTail: [] }, ...idle };
const actions = { open() {}, newChat() {}, retry() {}, quit() {}, deny() {}, allowOnce() {}, review() {} };

describe("toTrayStatus", () => {
  it("names the real state", () => {
    expect(toTrayStatus({ gateway: { state: "starting" }, ...idle })).toBe("Gatehouse: starting");
    expect(toTrayStatus(ready)).toBe("Gatehouse: ready");
    expect(toTrayStatus({ ...ready, running: 2 })).toBe("Gatehouse: answering 2");
    expect(toTrayStatus(attached)).toBe("Gatehouse: attached to another gateway");
    expect(toTrayStatus({ ...failed, running: 3 })).toBe("Gatehouse: failed to start");
  });

  it("[I02] names what waits for the owner before what runs without them", () => {
    const waiting = [toApproval("a"), toApproval("b")];
    expect(toTrayStatus({ ...ready, running: 3, waiting })).toBe("Gatehouse: 2 waiting for your approval");
  });
});

describe("toTrayMenu", () => {
  const labels = (facts: TrayFacts) => toTrayMenu(facts, actions).flatMap((item) => item.label ?? []);

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
        actions: { ...actions, open: () => opened.push("open") },
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

  it("[I02] draws again for each other approval, even when as many wait as before", () => {
    const { tray, calls } = setUp("linux");
    tray.update({ ...ready, waiting: [toApproval("a")] });
    tray.update({ ...ready, waiting: [toApproval("a")] });
    tray.update({ ...ready, waiting: [toApproval("b")] });
    expect(calls.filter((call) => call.startsWith("menu"))).toEqual(["menu 6", "menu 9", "menu 9"]);
  });

  it("counts beside the icon on macOS, where a click opens the menu and not the window", () => {
    const mac = setUp("darwin");
    mac.tray.update({ ...ready, running: 3 });
    expect(mac.calls).toContain("title 3");
    mac.tray.update({ ...ready, running: 3, waiting: [toApproval("a")] });
    expect(mac.calls).toContain("title 1 waiting");
    mac.click();
    expect(mac.opened).toEqual([]);
    const windows = setUp("win32");
    windows.click();
    expect(windows.opened).toEqual(["open"]);
  });
});
