/** Closing, hiding, a second start, another gateway, a failed start, quitting. */
import { execFileSync } from "node:child_process";
import { createServer } from "node:net";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  createAccount,
  isAlive,
  isHealthy,
  send,
  startApp,
  startHeadless,
  reason,
  useDisplay,
  waitUntilReady,
  whyNoDesktop,
  withTrayHost,
  type RunningApp,
} from "./desktop.ts";

function readAddress(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const { gatehouse } = globalThis as unknown as {
      gatehouse: { call(...args: unknown[]): Promise<{ url: string }> };
    };
    return (await gatehouse.call("gateway.address", { needsCode: false })).url.replace(/^ws/, "http");
  });
}

const pressClose = ({ app }: RunningApp) =>
  app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
const countWindows = ({ app }: RunningApp) =>
  app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().filter((window) => window.isVisible()).length);

/** The processes that the app has started and not yet ended. */
function childrenOf(pid: number): number[] {
  const text = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" });
  const pairs = text.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  const collect = (parent: number): number[] =>
    pairs.flatMap(([child, of]) => (of === parent && child !== undefined ? [child, ...collect(child)] : []));
  return collect(pid);
}

describe.skipIf(whyNoDesktop() !== undefined || process.platform !== "linux")(`the app's life${reason()}`, () => {
  useDisplay();

  it("asks at the first close, hides to the tray, keeps the gateway answering, and reopens", async () => {
    const account = createAccount();
    withTrayHost(account);
    const running = await startApp(account);
    await waitUntilReady(running.page);
    const url = await readAddress(running.page);
    await pressClose(running);
    const closed = running.page.waitForEvent("close");
    // The page goes away under the click.
    const choice = running.page.getByRole("button", { name: "Hide the window" });
    await Promise.all([closed, choice.click().catch(() => {})]);
    await expect.poll(() => countWindows(running)).toBe(0);
    expect(await isHealthy(url)).toBe(true);

    const reopened = running.app.waitForEvent("window");
    await running.app.evaluate(({ app }) => void app.emit("activate"));
    const page = await reopened;
    await waitUntilReady(page);
    expect(await readAddress(page)).toBe(url);
    await send(page, "Hello again");
    await page.getByText("no AI model is connected").first().waitFor();

    await pressClose(running);
    await expect.poll(() => countWindows(running)).toBe(0);
    expect(await running.quit()).toBe(0);
    expect(JSON.parse(readFileSync(join(account.stateDir, "window.json"), "utf8"))).toMatchObject({
      closeBehaviour: "tray",
    });
  });

  it("quits instead of hiding where nothing shows a tray", async () => {
    const running = await startApp(createAccount());
    await waitUntilReady(running.page);
    const url = await readAddress(running.page);
    const ended = new Promise((done) => running.app.process().once("exit", done));
    await pressClose(running).catch(() => {});
    expect(await ended).toBe(0);
    expect(await isHealthy(url)).toBe(false);
  });

  it("[A01] brings the window to the front when it is started a second time", async () => {
    const account = createAccount();
    const first = await startApp(account);
    await waitUntilReady(first.page);
    await first.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
    expect(await countWindows(first)).toBe(0);
    await expect(startApp(account)).rejects.toThrow(/launch/);
    await expect.poll(() => countWindows(first)).toBe(1);
    expect(await first.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
    expect(await first.quit()).toBe(0);
  });

  it("[A01] [EL-19] attaches to a gateway that runs already, and leaves it running", async () => {
    const account = createAccount();
    const headless = await startHeadless(account);
    const running = await startApp(account);
    await waitUntilReady(running.page);
    expect(await readAddress(running.page)).toBe(headless.url);
    const state = await running.page.evaluate(() =>
      (globalThis as unknown as { gatehouse: { call(name: string): Promise<unknown> } }).gatehouse.call(
        "gateway.state",
      ),
    );
    expect(state).toEqual({ state: "ready", attached: true });
    await send(running.page, "Hello");
    await running.page.getByText("no AI model is connected").first().waitFor();
    expect(await running.quit()).toBe(0);
    expect(isAlive(headless.pid)).toBe(true);
    expect(await isHealthy(headless.url)).toBe(true);
  });

  it("[EL-18] starts its own gateway when the one it was attached to has gone", async () => {
    const account = createAccount();
    const headless = await startHeadless(account);
    const running = await startApp(account);
    await waitUntilReady(running.page);
    process.kill(headless.pid, "SIGTERM");
    await expect.poll(() => isAlive(headless.pid) && isHealthy(headless.url), { timeout: 15_000 }).toBe(false);
    await expect
      .poll(() => readAddress(running.page).catch(() => headless.url), { timeout: 30_000 })
      .not.toBe(headless.url);
    await waitUntilReady(running.page);
    expect(await isHealthy(await readAddress(running.page))).toBe(true);
    expect(await running.quit()).toBe(0);
  });

  it("[EL-18] shows why the gateway did not start, and tries again on request", async () => {
    const taken = createServer();
    onTestFinished(() => void taken.close());
    await new Promise<void>((listening) => taken.listen(0, "127.0.0.1", listening));
    const { port } = taken.address() as { port: number };
    const running = await startApp(createAccount(`gateway: { port: ${port} }\nsecrets: { backend: file }\n`));
    const alert = running.page.getByRole("alert").filter({ hasText: String(port) });
    await alert.first().waitFor({ timeout: 20_000 });
    await new Promise<void>((closed) => taken.close(() => closed()));
    await running.page.getByRole("button", { name: /again|retry/i }).click();
    await waitUntilReady(running.page);
    expect(await readAddress(running.page)).toBe(`http://127.0.0.1:${port}`);
    expect(await running.quit()).toBe(0);
  });

  it("[EL-19] leaves no process and no open port behind, and opens where it was", async () => {
    const account = createAccount();
    const running = await startApp(account);
    await waitUntilReady(running.page);
    const url = await readAddress(running.page);
    await running.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.setBounds({ x: 40, y: 60, width: 900, height: 700 }),
    );
    const children = childrenOf(running.pid);
    expect(children.length).toBeGreaterThan(0);
    const startedAt = performance.now();
    expect(await running.quit()).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(5500);
    await expect.poll(() => children.filter(isAlive), { timeout: 5000 }).toEqual([]);
    expect(await isHealthy(url)).toBe(false);
    const again = await startApp(account);
    await waitUntilReady(again.page);
    const bounds = await again.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds());
    expect(bounds).toMatchObject({ width: 900, height: 700 });
    expect(await again.quit()).toBe(0);
  });

  it("[EL-19] quits in the middle of an answer in time, and loses nothing that was sent", async () => {
    const account = createAccount();
    const running = await startApp(account);
    await waitUntilReady(running.page);
    await send(running.page, "Stream something long, please");
    const answer = running.page.locator("article[aria-busy]").last();
    await expect.poll(async () => (await answer.textContent())?.length ?? 0).toBeGreaterThan(40);
    const startedAt = performance.now();
    expect(await running.quit()).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(5500);
    const again = await startApp(account);
    await waitUntilReady(again.page);
    await again.page.getByText("Stream something long, please").first().click();
    const kept = again.page.locator("article[aria-busy]").last();
    await expect.poll(async () => (await kept.textContent())?.length ?? 0).toBeGreaterThan(40);
    expect(await again.quit()).toBe(0);
  });

  it("zooms from the menu, tells the page, and remembers it", async () => {
    const account = createAccount();
    const running = await startApp(account);
    await waitUntilReady(running.page);
    await running.page.evaluate(() => {
      const { gatehouse } = globalThis as unknown as {
        gatehouse: { on(name: string, listener: (zoom: number) => void): void };
      };
      gatehouse.on("window.zoom", (zoom) => (document.body.dataset["zoom"] = String(zoom)));
    });
    const factor = await running.app.evaluate(({ BrowserWindow, Menu }) => {
      const view = Menu.getApplicationMenu()?.items.find((item) => item.label === "View");
      view?.submenu?.items.find((item) => item.label === "Larger")?.click();
      return BrowserWindow.getAllWindows()[0]?.webContents.getZoomFactor();
    });
    expect(factor).toBeCloseTo(1.1);
    await expect.poll(() => running.page.evaluate(() => document.body.dataset["zoom"])).toBe("1.1");
    expect(await running.quit()).toBe(0);
    expect(JSON.parse(readFileSync(join(account.stateDir, "window.json"), "utf8"))).toMatchObject({ zoom: 1.1 });
  });

  it("starts with a damaged memory of the window", async () => {
    const account = createAccount();
    writeFileSync(join(account.stateDir, "window.json"), '{"bounds":{"x":1e9},"zoom":"big"');
    const running = await startApp(account);
    await waitUntilReady(running.page);
    expect(await countWindows(running)).toBe(1);
    expect(await running.quit()).toBe(0);
  });
});
