/** Telegram from nothing to a conversation, in a real window against the built gateway: what a person does and sees. */
import { describe, expect, it, onTestFinished } from "vitest";
import { until } from "#test/fakes/channel-context.ts";
import { FAKE_OPENAI_ANSWER } from "#test/fakes/openai.ts";
import { startTelegram } from "#test/fakes/telegram-platform.ts";
import { axeFaults, chromiumPath, openHouse, visit } from "./window.ts";

const PICTURES = process.env["PICTURES_DIR"];

describe.skipIf(!chromiumPath)("Telegram, set up in the window", () => {
  it("[G04] [E12] [G17] is connected by its token, asks about a stranger, and answers once they are let in", async () => {
    const telegram = await startTelegram();
    onTestFinished(() => telegram.close());
    const { token, apiRoot } = telegram.settings;
    const key = { GATEHOUSE_SECRET_KEY: Buffer.alloc(32, 7).toString("base64") };
    const house = await openHouse(undefined, { secrets: { backend: "file" } }, key);
    const { page, complaints } = await visit(house, await house.link());
    const picture = async (name: string) => {
      if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png` });
    };
    await page.getByRole("button", { name: /^Channels/ }).click();
    await page.getByRole("heading", { level: 1, name: "Channels" }).waitFor();
    await picture("live-0-empty");
    await page.getByRole("button", { name: /^Telegram/ }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(/token/i).first().fill(String(token));
    await dialog.getByText("More settings").click();
    await dialog.getByLabel(/address of the bot api|api root|apiRoot/i).fill(String(apiRoot));
    await picture("live-1-wizard");
    expect(await axeFaults(page)).toEqual([]);
    await dialog.getByRole("button", { name: /connect/i }).click();
    await page.getByText("Connected as @gatehouse_test_bot").first().waitFor();
    await picture("live-2-connected");
    await page.keyboard.press("Escape");
    await telegram.write({ text: "hello there" });
    const letIn = page.getByRole("button", { name: "Let in" });
    await letIn.waitFor();
    const [greeting] = telegram.sent();
    const code = /[2-9A-HJ-NP-Z]{8}/.exec(greeting?.text ?? "")?.[0] ?? "no code";
    await page.getByText(code).first().waitFor();
    await picture("live-3-pairing");
    expect(await axeFaults(page)).toEqual([]);
    await expect.poll(() => letIn.isEnabled()).toBe(true);
    await letIn.click();
    await until("the answer", () => telegram.sent().some(({ text }) => text === FAKE_OPENAI_ANSWER));
    await page
      .getByRole("button", { name: /hello there|Ann/ })
      .first()
      .click();
    await page.getByText(FAKE_OPENAI_ANSWER).first().waitFor();
    await picture("live-4-conversation");
    expect(await axeFaults(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
