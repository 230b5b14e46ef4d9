import { describe, expect, it } from "vitest";
import { errorAnswer, textAnswer } from "#test/fakes/openai.ts";
import { axeFaults, chromiumPath, openHouse, say, visit } from "./window.ts";

const HOSTILE = [
  'Hello <img src=x onerror="window.__hit=1"> <script>window.__hit=2</script>',
  "",
  "[press](javascript:window.__hit=3) and [the docs](https://example.org/path)",
  "",
  "![pixel](https://tracker.example/p.png?secret=1)",
  "",
  '<iframe src="https://tracker.example"></iframe>',
].join("\n");

describe.skipIf(!chromiumPath)("the served window", () => {
  it("[G09] trades the code of its link for a device, talks, and is the same after a reload", async () => {
    const house = await openHouse();
    const { page, complaints } = await visit(house, await house.link());
    await page.getByRole("heading", { name: "What can I do for you?" }).waitFor();
    expect(page.url()).not.toContain("code");
    await say(page, "Good morning");
    expect(await page.getByRole("article").getByText("Hello from the fake model.").count()).toBe(1);
    await page.reload();
    await page.getByRole("article").getByText("Hello from the fake model.").waitFor();
    expect(await page.getByRole("article").count()).toBe(2);
    expect(await page.getByRole("heading", { name: "Good morning" }).count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  it("asks for the token without a code, and says when it is wrong", async () => {
    const house = await openHouse();
    const { page } = await visit(house, house.gateway.url);
    await page.getByLabel("Gateway token").fill("not-the-token");
    await page.getByRole("button", { name: "Connect" }).click();
    await page.getByText("That token was not accepted.").waitFor();
    expect(await axeFaults(page)).toEqual([]);
  });

  it("[PI-11] runs nothing that a model writes and fetches nothing that it names", async () => {
    const house = await openHouse(() => textAnswer(HOSTILE));
    const { page, complaints } = await visit(house, await house.link());
    await say(page, "Show me");
    const answer = page.getByRole("article", { name: "Assistant said" });
    await answer.getByText("Picture from tracker.example, not loaded").waitFor();
    expect(await page.evaluate(() => (window as { __hit?: number }).__hit)).toBeUndefined();
    expect(await answer.locator("script, iframe, img").count()).toBe(0);
    expect(await answer.getByText("<script>").count()).toBe(1);
    expect(
      await answer.getByRole("link").evaluateAll((links) => links.map((link) => link.getAttribute("href"))),
    ).toEqual(["https://example.org/path", "https://tracker.example/p.png?secret=1"]);
    expect(await answer.getByText("(example.org)").count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  it("shows a failed turn where it failed and answers when it is tried again", async () => {
    let isBroken = true;
    const house = await openHouse(() =>
      isBroken ? errorAnswer(400, "the model is broken") : textAnswer("Better now."),
    );
    const { page } = await visit(house, await house.link());
    await page.getByRole("textbox", { name: "Message", exact: true }).fill("Hello?");
    await page.keyboard.press("Enter");
    await page.getByText("The answer failed.").first().waitFor();
    isBroken = false;
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("article").getByText("Better now.").waitFor();
    expect(await page.getByText("Hello?", { exact: true }).and(page.locator("article *")).count()).toBe(1);
  });

  it("deletes with undo, by keyboard alone", async () => {
    const house = await openHouse();
    const { page } = await visit(house, await house.link());
    await page.getByRole("heading", { name: "What can I do for you?" }).waitFor();
    await say(page, "Keep me");
    await page.getByRole("button", { name: "Conversation actions" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: "Delete" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("“Keep me” deleted").waitFor();
    await page.getByRole("button", { name: "Undo" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Keep me" }).waitFor();
  });

  it("[G09] renames where the name stands: in the list, and above the conversation", async () => {
    const house = await openHouse();
    const { page } = await visit(house, await house.link());
    await page.getByRole("heading", { name: "What can I do for you?" }).waitFor();
    await say(page, "Call me something");
    const editor = page.getByRole("textbox", { name: "New name" });
    await page.getByRole("button", { name: "Call me something", exact: true }).dblclick();
    await editor.fill("Left alone");
    await editor.press("Escape");
    await page.getByRole("heading", { name: "Call me something" }).dblclick();
    await editor.fill("Trip to Rome");
    await editor.press("Enter");
    await page.getByRole("heading", { name: "Trip to Rome" }).waitFor();
    await page.getByRole("button", { name: "Trip to Rome", exact: true }).dblclick();
    await editor.fill("Trip to Oslo");
    await editor.press("Enter");
    await page.getByRole("heading", { name: "Trip to Oslo" }).waitFor();
  });

  it("breaks no rule of axe in light and dark, with a conversation, the palette and each settings page", async () => {
    const house = await openHouse();
    for (const colorScheme of ["light", "dark"] as const) {
      const { page } = await visit(house, await house.link(), { colorScheme });
      await page.getByRole("heading", { name: "What can I do for you?" }).waitFor();
      expect(await axeFaults(page)).toEqual([]);
      await say(page, `Hello in ${colorScheme}`);
      expect(await axeFaults(page)).toEqual([]);
      await page.keyboard.press("Control+k");
      await page.getByRole("option", { name: "New chat" }).waitFor();
      expect(await axeFaults(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+,");
      for (const name of ["Models & providers", "Appearance", "Devices", "Usage", "Audit", "Logs", "About"]) {
        await page.getByRole("tab", { name }).click();
        await page.getByRole("tabpanel", { name }).waitFor();
        expect([name, await axeFaults(page)]).toEqual([name, []]);
      }
    }
  });

  it("has targets of 44 pixels on a phone", async () => {
    const house = await openHouse();
    const phone = { viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true };
    const { page } = await visit(house, await house.link(), phone);
    await page.getByRole("heading", { name: "What can I do for you?" }).waitFor();
    await page.getByRole("button", { name: "Open the list of conversations" }).click();
    const small = await page.getByRole("button").evaluateAll((buttons) =>
      buttons
        .map((button) => ({
          name: button.getAttribute("aria-label") ?? button.textContent,
          box: button.getBoundingClientRect(),
        }))
        .filter(({ box }) => box.width > 0 && (box.width < 44 || box.height < 44))
        .map(({ name }) => name),
    );
    expect(small).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });
});
