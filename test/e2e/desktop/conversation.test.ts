/** A person's first minutes in the real window: ask, watch, stop, quit, come back. */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import {
  composer,
  createAccount,
  RESULTS,
  send,
  startApp,
  reason,
  useDisplay,
  waitUntilReady,
  whyNoDesktop,
} from "./desktop.ts";

const root = resolve(import.meta.dirname, "../../..");
/** The front page's picture is renewed on request only; every run leaves one to look at. */
const pictures = process.env["UPDATE_PICTURES"] === "1" ? join(root, "docs") : RESULTS;

describe.skipIf(whyNoDesktop() !== undefined)(`a conversation in the window${reason()}`, () => {
  useDisplay();

  it("answers with the demo, word by word", async () => {
    const { app, page } = await startApp(createAccount());
    await waitUntilReady(page);
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setContentSize(1280, 800));
    const lengths = page.evaluate(async () => {
      const seen = new Set<number>();
      const isDone = () => {
        const answer = document.querySelector("article[aria-busy]");
        const text = answer?.textContent ?? "";
        if (text !== "") seen.add(text.length);
        return text.includes("no AI model is connected") && answer?.getAttribute("aria-busy") === "false";
      };
      await new Promise<void>((done) => {
        const watch = new MutationObserver(() => {
          if (!isDone()) return;
          watch.disconnect();
          done();
        });
        watch.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
      });
      return [...seen];
    });
    await send(page, "Hello there");
    // Before the words stands a short note that the answer is coming.
    const grown = (await lengths).filter((length) => length > 40);
    expect(grown.length).toBeGreaterThan(3);
    expect(grown).toEqual([...grown].sort((a, b) => a - b));
    await expect.poll(() => page.getByText("no AI model is connected").count()).toBeGreaterThan(0);
    mkdirSync(pictures, { recursive: true });
    await page.emulateMedia({ colorScheme: "light" });
    await page.screenshot({ path: join(pictures, "window.png") });
  });

  it("stops an answer when asked, and keeps what had arrived", async () => {
    const { page } = await startApp(createAccount());
    await waitUntilReady(page);
    await send(page, "Stream something long");
    const answer = page.locator("article[aria-busy]").last();
    await expect.poll(async () => (await answer.textContent())?.length ?? 0, { timeout: 15_000 }).toBeGreaterThan(40);
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await expect.poll(() => answer.getAttribute("aria-busy"), { timeout: 10_000 }).toBe("false");
    const kept = (await answer.textContent()) ?? "";
    expect(kept.length).toBeGreaterThan(40);
    expect(kept).not.toContain("no AI model is connected");
    await composer(page).fill("and on it goes");
    expect(await composer(page).inputValue()).toBe("and on it goes");
  });

  it("shows the conversation again after quitting and starting", async () => {
    const account = createAccount();
    const first = await startApp(account);
    await waitUntilReady(first.page);
    await send(first.page, "Hello, remember this line");
    await first.page.getByText("no AI model is connected").first().waitFor({ timeout: 20_000 });
    expect(await first.quit()).toBe(0);

    const second = await startApp(account);
    await waitUntilReady(second.page);
    const line = second.page.getByText("Hello, remember this line");
    await line.first().waitFor({ timeout: 20_000 });
    if ((await second.page.getByRole("article", { name: "You" }).count()) === 0) await line.first().click();
    await second.page.getByText("no AI model is connected").first().waitFor({ timeout: 20_000 });
    expect(await second.quit()).toBe(0);
  });
});
