/** What the window remembers, and how it copes with a damaged memory. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseWindowState, toOpeningBounds, WindowStateStore } from "#main/shell/window-state.ts";
import { createManualClock } from "#test/fakes/manual-clock.ts";

describe("parseWindowState", () => {
  it("reads back what fits", () => {
    const state = {
      bounds: { x: -5, y: 10, width: 800, height: 600 },
      maximised: true,
      zoom: 1.25,
      theme: "dark",
      closeBehaviour: "tray",
      gatewayOrigin: "http://127.0.0.1:18789",
    };
    expect(parseWindowState(JSON.stringify(state))).toEqual(state);
  });

  it("drops single fields that do not fit and keeps the others", () => {
    const text = JSON.stringify({
      bounds: { x: 0, y: 0, width: "wide", height: 1 },
      maximised: true,
      zoom: 99,
      theme: "pink",
      closeBehaviour: "explode",
      gatewayOrigin: "http://evil.example:1",
      toString: 1,
    });
    expect(parseWindowState(text)).toEqual({ maximised: true });
  });

  it.each(["", "{", "null", "[]", "7", '"x"'])("takes %j as nothing", (text) => {
    expect(parseWindowState(text)).toEqual({});
  });

  it.each(["http://127.0.0.1:1;script-src *", "http://127.0.0.1", "https://example.com:1"])(
    "does not let %j into the page's policy",
    (gatewayOrigin) => expect(parseWindowState(JSON.stringify({ gatewayOrigin }))).toEqual({}),
  );
});

describe("toOpeningBounds", () => {
  const primary = { x: 0, y: 25, width: 1920, height: 1055 };
  const second = { x: 1920, y: 0, width: 1280, height: 1024 };

  it("opens where the window was", () => {
    const saved = { x: 2000, y: 50, width: 900, height: 700 };
    expect(toOpeningBounds(saved, [primary, second])).toEqual(saved);
  });

  it("comes to the middle of the first screen when its screen has gone", () => {
    const saved = { x: 2000, y: 50, width: 900, height: 700 };
    expect(toOpeningBounds(saved, [primary])).toEqual({ x: 360, y: 153, width: 1200, height: 800 });
  });

  it("comes back when only a sliver or no title bar would show", () => {
    expect(toOpeningBounds({ x: 1850, y: 50, width: 900, height: 700 }, [primary]).x).toBe(360);
    expect(toOpeningBounds({ x: 100, y: -300, width: 900, height: 700 }, [primary]).y).toBe(153);
  });

  it("never opens larger than the screen or too small to use", () => {
    expect(toOpeningBounds({ x: 0, y: 25, width: 9000, height: 10 }, [primary])).toEqual({
      x: 0,
      y: 25,
      width: 1920,
      height: 480,
    });
    expect(toOpeningBounds(undefined, [{ x: 0, y: 0, width: 800, height: 600 }])).toEqual({
      x: 0,
      y: 0,
      width: 800,
      height: 600,
    });
  });
});

describe("WindowStateStore", () => {
  let dir: string;
  let path: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "gatehouse-window-"));
    path = join(dir, "state", "window.json");
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it("writes once, a moment after the last of several changes, for the owner alone", async () => {
    const clock = createManualClock();
    const store = new WindowStateStore(path, clock, () => {});
    store.update({ zoom: 1.5 });
    store.update({ theme: "dark" });
    expect(existsSync(path)).toBe(false);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(500);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ zoom: 1.5, theme: "dark" });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(clock.pendingTimers).toBe(0);
  });

  it("is read again by the next start, and writes what is left when it ends", () => {
    const clock = createManualClock();
    const store = new WindowStateStore(path, clock, () => {});
    store.update({ closeBehaviour: "tray" });
    store.dispose();
    expect(clock.pendingTimers).toBe(0);
    expect(new WindowStateStore(path, clock, () => {}).state).toEqual({ closeBehaviour: "tray" });
  });

  it("goes on without a memory when it cannot write", () => {
    const errors: unknown[] = [];
    writeFileSync(join(dir, "state"), "a file where the folder belongs");
    const store = new WindowStateStore(path, createManualClock(), (error) => errors.push(error));
    store.update({ zoom: 2 });
    store.dispose();
    expect(errors).toHaveLength(1);
    expect(store.state.zoom).toBe(2);
  });
});
