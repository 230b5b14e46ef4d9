/** An approval is answered from the tray with the window closed, and from the page; the tool runs or it does not. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  createAccount,
  reason,
  send,
  startApp,
  startHeadless,
  useDisplay,
  waitUntilReady,
  whyNoDesktop,
  withTrayHost,
  type Account,
  type RunningApp,
} from "./desktop.ts";

/** A line of the tray's menu, as it was built last. */
interface Line {
  label?: string;
  submenu?: Line[];
}

/** Keeps the newest template of the tray's menu: Electron tells of no menu that was set. */
const followTray = ({ app }: RunningApp) =>
  app.evaluate(({ Menu }) => {
    const kept = globalThis as { tray?: Electron.MenuItemConstructorOptions[] };
    const build = Menu.buildFromTemplate.bind(Menu);
    Menu.buildFromTemplate = (template) => {
      if (String(template[0]?.label).startsWith("Gatehouse: ")) {
        kept.tray = template as Electron.MenuItemConstructorOptions[];
      }
      return build(template);
    };
  });

const readTray = ({ app }: RunningApp): Promise<Line[]> =>
  app.evaluate(() => {
    type Template = Electron.MenuItemConstructorOptions[];
    const toLines = (template: Template): Line[] =>
      template.map(({ label, submenu }) => ({
        ...(label === undefined ? {} : { label }),
        ...(Array.isArray(submenu) ? { submenu: toLines(submenu) } : {}),
      }));
    return toLines((globalThis as { tray?: Template }).tray ?? []);
  });

/** Presses an item by its labels, the outer one by its beginning. */
const press = ({ app }: RunningApp, outer: string, inner?: string) =>
  app.evaluate(
    (_electron, [first, second]) => {
      type Template = Electron.MenuItemConstructorOptions[];
      const top = (globalThis as { tray?: Template }).tray?.find((item) => item.label?.startsWith(first ?? ""));
      const below = (top?.submenu ?? []) as Template;
      const item = second === undefined ? top : below.find(({ label }) => label === second);
      (item?.click as (() => void) | undefined)?.();
    },
    [outer, inner] as const,
  );

const labelsOf = async (running: RunningApp) => (await readTray(running)).flatMap((line) => line.label ?? []);
const closeWindow = async (running: RunningApp) => {
  const closed = running.page.waitForEvent("close");
  await running.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  await closed;
};

const CONFIG = "gateway: { port: 0 }\nsecrets: { backend: file }\ntools: { elevated: [read] }\n";

/** An account whose window hides to the tray, with a note in the workspace. */
function prepare(config = CONFIG): Account {
  const account = createAccount(config);
  withTrayHost(account);
  writeFileSync(join(account.stateDir, "window.json"), JSON.stringify({ closeBehaviour: "tray" }), { mode: 0o600 });
  mkdirSync(join(account.stateDir, "workspace"), { mode: 0o700 });
  writeFileSync(join(account.stateDir, "workspace", "notes.txt"), "the words of the note");
  return account;
}

describe.skipIf(whyNoDesktop() !== undefined || process.platform !== "linux")(`approvals${reason()}`, () => {
  useDisplay();

  it("[I02] are answered from the tray with the window closed: denied does not run, allowed does", async () => {
    const running = await startApp(prepare());
    await waitUntilReady(running.page);
    await followTray(running);
    await send(running.page, "read notes.txt");
    await expect.poll(() => labelsOf(running)).toContain("Gatehouse: 1 waiting for your approval");
    await closeWindow(running);
    const [question] = (await readTray(running)).filter((line) => line.submenu);
    expect(question?.submenu?.map((line) => line.label)).toContain("Allow once");
    await press(running, question?.label ?? "", "Deny");
    await expect.poll(() => labelsOf(running)).toContain("Gatehouse: ready");

    const reopened = running.app.waitForEvent("window");
    await running.app.evaluate(({ app }) => void app.emit("activate"));
    const page = await reopened;
    await waitUntilReady(page);
    await page.getByText("You said no, so nothing was done").first().waitFor();
    expect(await page.getByText("the words of the note").count()).toBe(0);

    await send(page, "read notes.txt");
    await expect.poll(() => labelsOf(running)).toContain("Gatehouse: 1 waiting for your approval");
    await closeWindow({ ...running, page });
    await press(running, question?.label ?? "", "Allow once");
    await expect.poll(() => labelsOf(running)).toContain("Gatehouse: ready");
    const again = running.app.waitForEvent("window");
    await running.app.evaluate(({ app }) => void app.emit("activate"));
    await (await again).getByText("the words of the note").first().waitFor();
    expect(await running.quit()).toBe(0);
  });

  it("[I02] are reviewed from the tray in a window that opens on them, and answered there", async () => {
    const account = prepare("gateway: { port: 0 }\nsecrets: { backend: file }\n");
    const note = join(account.stateDir, "workspace", "notes", "hello.md");
    const running = await startApp(account);
    await waitUntilReady(running.page);
    await followTray(running);
    await send(running.page, "Write a note");
    await expect.poll(() => labelsOf(running)).toContain("All approvals (1)…");
    await closeWindow(running);
    const [question] = (await readTray(running)).filter((line) => line.submenu);
    // A diff does not fit a line: the tray may only refuse it.
    expect(question?.submenu?.map((line) => line.label)).toEqual(["Deny", "Review…"]);
    const opened = running.app.waitForEvent("window");
    await press(running, question?.label ?? "", "Review…");
    const page = await opened;
    await page.getByRole("heading", { name: "Approvals" }).waitFor();
    const card = page.getByRole("region", { name: "Approval: write" });
    await card.getByText("hello.md").first().waitFor();
    expect(existsSync(note)).toBe(false);
    const allow = card.getByRole("button", { name: "Allow once" });
    await expect.poll(() => allow.getAttribute("aria-disabled"), { timeout: 10_000 }).not.toBe("true");
    await allow.click();
    await expect.poll(() => existsSync(note)).toBe(true);
    await expect.poll(() => labelsOf(running)).toContain("Gatehouse: ready");
    expect(await running.quit()).toBe(0);
  });

  it("[I02] of a gateway that the app is only attached to are in its tray too", async () => {
    const account = prepare();
    const headless = await startHeadless(account);
    const running = await startApp(account);
    await waitUntilReady(running.page);
    await followTray(running);
    await send(running.page, "read notes.txt");
    await expect.poll(() => labelsOf(running)).toContain("Gatehouse: 1 waiting for your approval");
    await press(running, "read", "Allow once");
    await running.page.getByText("the words of the note").first().waitFor();
    expect(await running.quit()).toBe(0);
    expect((await fetch(`${headless.url}/health`)).status).toBe(200);
  });
});
