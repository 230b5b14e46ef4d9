/** Chat platforms in a real Chromium: the built page against a played gateway. Every state here is one that was told. */
import { type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { describe, expect, it, onTestFinished } from "vitest";
import { fillChannels, fillNoChannels, toAccount, toItem, toPairing } from "#test/fakes/renderer-channel-scenes.ts";
import { Refusal, type RendererGateway } from "#test/fakes/renderer-gateway.ts";
import { servePlayedPage } from "#test/fakes/renderer-page.ts";
import { axeFaults, chromiumPath } from "./window.ts";

const PICTURE = "data:image/gif;base64,R0lGODlhAQABAAAAACw=";
const LINKING = { channel: "whatsapp", accountId: "default" } as const;

interface Visit {
  page: Page;
  gateway: RendererGateway;
  complaints: string[];
}

async function open(prepare: (gateway: RendererGateway) => void, options: BrowserContextOptions = {}): Promise<Visit> {
  const played = await servePlayedPage(prepare);
  onTestFinished(() => played.close());
  const browser = await chromium.launch({ executablePath: chromiumPath ?? "", args: ["--headless", "--no-sandbox"] });
  onTestFinished(() => browser.close());
  const context = await browser.newContext({ viewport: { width: 1200, height: 820 }, locale: "en-GB", ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(played.link);
  await page.getByRole("main").waitFor();
  return { page, gateway: played.gateway, complaints };
}

async function openPage(prepare: (gateway: RendererGateway) => void): Promise<Visit> {
  const visit = await open(prepare);
  await visit.page.getByRole("button", { name: /^Channels/ }).click();
  await visit.page.getByRole("heading", { level: 1, name: "Channels" }).waitFor();
  return visit;
}

const fill = (gateway: RendererGateway) => fillChannels(gateway, Date.now());
const saves = (gateway: RendererGateway) => gateway.calls.filter(({ method }) => method === "channels.save");

describe.skipIf(!chromiumPath)("the page of channels", () => {
  it("[G18] says how each one stands, why, and what helps; a change is read out", async () => {
    const { page, gateway, complaints } = await openPage(fill);
    const card = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: /^WhatsApp/ }) });
    await card.getByText("Needs you").waitFor();
    await card.getByText("Link it again.").waitFor();
    await card.getByRole("button", { name: "Link again" }).waitFor();
    await page.getByRole("button", { name: "Channels 5 need a look" }).waitFor();
    const account = toAccount("connected", Date.now(), { identity: "+49 1512" });
    gateway.emit("channels.status", { channel: "whatsapp", account });
    await card.getByText("Connected", { exact: true }).waitFor();
    await page.getByRole("status").getByText("WhatsApp: Connected.").waitFor({ state: "attached" });
    await page.getByRole("button", { name: "Channels 4 need a look" }).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it("opens by a shortcut and keeps the conversations of a channel that is removed", async () => {
    const { page } = await open(fill);
    // The keys are listened to once the page has settled, and no one can see when.
    const isThere = async () => {
      await page.keyboard.press("Control+i");
      return page.getByRole("heading", { level: 1, name: "Channels" }).isVisible();
    };
    await expect.poll(isThere, { timeout: 20_000 }).toBe(true);
    await page.getByRole("button", { name: "Actions for Telegram" }).click();
    await page.getByRole("menuitem", { name: "Remove…" }).click();
    const dialog = page.getByRole("dialog", { name: "Remove Telegram?" });
    await dialog.getByText("Your conversations stay.").waitFor();
    await page.locator(":focus").getByText("Cancel").waitFor();
    await dialog.getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByRole("button", { name: /^Telegram A bot/ }).waitFor();
    await page
      .getByRole("button", { name: /Ada Lovelace/ })
      .first()
      .waitFor();
  });

  it("says why it could not be read, and reads again", async () => {
    const { page, gateway } = await openPage((fresh) => {
      fillNoChannels(fresh);
      fresh.answer("channels.list", () => {
        throw new Refusal({ code: "UNAVAILABLE", message: "the store is locked" });
      });
    });
    await page.getByText("the store is locked").waitFor();
    fillNoChannels(gateway);
    await page.getByRole("button", { name: "Retry" }).click();
    await page
      .getByRole("button", { name: /^iMessage Needs a Mac/ })
      .and(page.locator(":disabled"))
      .waitFor();
  });
});

describe.skipIf(!chromiumPath)("setting a channel up", () => {
  it("keeps what was typed when it is refused, and no secret once it was saved", async () => {
    const { page, gateway } = await openPage((fresh) => {
      fillNoChannels(fresh);
      fresh.answer("channels.save", () => {
        throw new Refusal({ code: "INVALID_REQUEST", message: "channels.telegram.token: too short" });
      });
    });
    await page.getByRole("button", { name: /^Telegram/ }).click();
    const token = page.getByRole("textbox", { name: "Bot token" });
    await page.getByRole("button", { name: "Connect" }).click();
    await page.getByText("This is needed.").waitFor();
    await page.locator(":focus").and(token).waitFor();
    await token.fill("123:secret");
    await page.getByRole("button", { name: "Connect" }).click();
    await page.getByText("channels.telegram.token: too short").waitFor();
    expect(await token.inputValue()).toBe("123:secret");
    fillNoChannels(gateway);
    await page.getByRole("button", { name: "Connect" }).click();
    await page.getByText("Connecting to Telegram…").waitFor();
    expect(saves(gateway).at(-1)?.params).toEqual({
      channel: "telegram",
      settings: { enabled: true, token: "123:secret" },
    });
    const broken = toAccount("error", Date.now(), { reason: "Telegram does not know this token." });
    gateway.emit("channels.status", { channel: "telegram", account: broken });
    await page.getByRole("dialog").getByText("Telegram does not know this token.").waitFor();
    await page.getByRole("button", { name: "Change settings" }).click();
    expect(await token.inputValue()).toBe("");
    expect(await page.content()).not.toContain("123:secret");
  });

  it("asks before a secret is kept in a file where there is no keychain, by keyboard alone", async () => {
    const { page, gateway } = await openPage((fresh) => {
      fillNoChannels(fresh);
      const secrets = { backend: "environment", canStore: false };
      fresh.answer("models.authStatus", () => ({ ts: 0, providers: [], offers: [], secrets }));
      fresh.answer("channels.save", ({ consentFile }) => {
        if (consentFile) return { ok: true, hash: "hash" };
        throw new Refusal({ code: "UNAVAILABLE", message: "no keychain", details: { code: "CONSENT_REQUIRED" } });
      });
    });
    await page.getByRole("button", { name: /^Telegram/ }).click();
    const token = page.getByRole("textbox", { name: "Bot token" });
    await token.and(page.locator(":focus")).waitFor();
    expect(await page.getByText("Kept in the keychain").count()).toBe(0);
    await page.keyboard.type("123:secret");
    await page.keyboard.press("Enter");
    const question = page.getByRole("dialog", { name: "Keep the key in an encrypted file?" });
    await question.getByRole("button", { name: "Cancel" }).and(page.locator(":focus")).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await question.waitFor({ state: "detached" });
    expect(await token.inputValue()).toBe("123:secret");
    await token.focus();
    await page.keyboard.press("Enter");
    await question.getByRole("button", { name: "Cancel" }).and(page.locator(":focus")).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("Connecting to Telegram…").waitFor();
    expect(saves(gateway).map(({ params }) => params)).toEqual([
      { channel: "telegram", settings: { enabled: true, token: "123:secret" } },
      { channel: "telegram", settings: { enabled: true, token: "123:secret" } },
      { channel: "telegram", settings: { enabled: true, token: "123:secret" }, consentFile: true },
    ]);
    expect(await page.content()).not.toContain("123:secret");
  });

  it("ends in who may write, and says it in a sentence", async () => {
    const { page, gateway } = await openPage(fillNoChannels);
    await page.getByRole("button", { name: /^Telegram/ }).click();
    // By keyboard alone: the field has the focus, Enter goes on.
    await page
      .locator(":focus")
      .and(page.getByRole("textbox", { name: "Bot token" }))
      .waitFor();
    await page.keyboard.type("123:secret");
    await page.keyboard.press("Enter");
    await page.getByText("Connecting to Telegram…").waitFor();
    const account = toAccount("connected", Date.now(), { identity: "@ada_bot" });
    gateway.emit("channels.status", { channel: "telegram", account });
    await page.getByText("Connected as @ada_bot").waitFor();
    await page.keyboard.press("Tab");
    await page
      .locator(":focus")
      .and(page.getByRole("button", { name: "Next" }))
      .waitFor();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Anyone may write. Strangers get a code and wait until you let them in.").waitFor();
    await dialog.getByRole("combobox", { name: "Direct messages" }).click();
    await page.getByRole("option", { name: "Everyone" }).click();
    await dialog.getByText("Anyone may write and is answered at once.").waitFor();
    await dialog.getByRole("alert").getByText("Everyone who finds this account").waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(saves(gateway).at(-1)?.params).toEqual({ channel: "telegram", settings: { dmPolicy: "open" } });
  });

  it("shows the newest code to scan, says when it is over, and goes on by itself once linked", async () => {
    const { page, gateway } = await openPage((fresh) => {
      fillNoChannels(fresh);
      fresh.answer("web.login.start", () => ({ qrDataUrl: PICTURE, expiresAtMs: Date.now() + 20_000 }));
    });
    await page.getByRole("button", { name: /^WhatsApp/ }).click();
    await page.getByRole("button", { name: "Next" }).click();
    const picture = page.getByRole("img", { name: /Code to link WhatsApp/ });
    await page.getByText(/^A new code comes in 0:/).waitFor();
    const next = `${PICTURE}#next`;
    gateway.emit("channels.login", { ...LINKING, state: "qr", qrDataUrl: next, expiresAtMs: Date.now() + 20_000 });
    await page.locator(`img[src="${next}"]`).waitFor();
    gateway.emit("channels.login", { ...LINKING, state: "qr", qrDataUrl: next, expiresAtMs: Date.now() - 1 });
    await page.getByText("This code has expired.").waitFor();
    await page.getByRole("button", { name: "Show a new code" }).click();
    await page.getByText(/^A new code comes in 0:/).waitFor();
    expect(await picture.getAttribute("src")).toBe(PICTURE);
    expect(await axeFaults(page)).toEqual([]);
    const account = toAccount("connected", Date.now(), { identity: "+49 1512" });
    gateway.emit("channels.status", { channel: "whatsapp", account });
    gateway.emit("channels.login", { ...LINKING, state: "linked" });
    await page.getByText("Connected as +49 1512").waitFor();
  });

  it("links with a code to type where a picture cannot be scanned", async () => {
    const { page } = await openPage(fillNoChannels);
    await page.getByRole("button", { name: /^WhatsApp/ }).click();
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByRole("button", { name: "Link with a phone number" }).click();
    await page.getByRole("textbox", { name: "Phone number" }).fill("+49 151 23456789");
    await page.keyboard.press("Enter");
    await page.getByText(/^WZYE.*H1YY$/).waitFor();
  });
});

describe.skipIf(!chromiumPath)("somebody who wants to come in", () => {
  it("[E12] is told of wherever one is, and is let in only on purpose", async () => {
    const { page, gateway } = await open(fillNoChannels);
    await expect.poll(() => gateway.calls.some(({ method }) => method === "outbox.list")).toBe(true);
    gateway.emit("channels.pairing", { state: "requested", request: toPairing("par_1", Date.now()) });
    await page.getByText(/Ada Lovelace.* wrote on Telegram and waits/).waitFor();
    await page.getByRole("button", { name: "Look", exact: true }).click();
    await page.getByText("K7PX4MWD").waitFor();
    const accept = page.getByRole("button", { name: "Let in" });
    expect(await accept.evaluate((element) => element === document.activeElement)).toBe(false);
    // A press that was meant for what stood there before does nothing.
    expect(await accept.isDisabled()).toBe(true);
    await accept.and(page.locator(":enabled")).click();
    await page.getByText("K7PX4MWD").waitFor({ state: "detached" });
    expect(gateway.calls.find(({ method }) => method === "channels.pairing.approve")?.params).toEqual({
      requestId: "par_1",
    });
  });

  it("[E12] becomes the owner only after reading what that means", async () => {
    const { page, gateway } = await openPage(fill);
    await page.getByRole("button", { name: "It's me" }).first().click();
    await page.getByText(/may give commands and answer approvals/).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Yes, I am the owner" }).click();
    await page.getByText("K7PX4MWD").waitFor({ state: "detached" });
    expect(gateway.calls.find(({ method }) => method === "channels.pairing.approve")?.params).toEqual({
      requestId: "par_1",
      owner: true,
    });
  });
});

describe.skipIf(!chromiumPath)("what did not go out", () => {
  it("[G19] is sent again only when asked for, and says that it may arrive twice", async () => {
    const { page, gateway } = await openPage(fill);
    const item = page.getByRole("listitem").filter({ hasText: "Water the tomatoes" });
    await item.getByText(/it may arrive twice/).waitFor();
    await item.getByRole("button", { name: "Send again" }).click();
    await item.waitFor({ state: "detached" });
    expect(gateway.calls.filter(({ method }) => method === "outbox.retry").map(({ params }) => params)).toEqual([
      { id: "out_2" },
    ]);
    gateway.emit("outbox.changed", { item: toItem("out_9", Date.now(), { text: "One more", state: "expired" }) });
    await page.getByText("One more").waitFor();
  });
});

describe.skipIf(!chromiumPath)("a conversation on a platform", () => {
  it("is taken over: the message goes to the person, until it is given back", async () => {
    const { page, gateway, complaints } = await open(fill);
    await page
      .getByRole("button", { name: /Ada Lovelace/ })
      .first()
      .click();
    const field = page.getByRole("textbox", { name: "Message", exact: true });
    await page.getByText("you, by hand").waitFor();
    expect(await page.getByRole("radio", { name: "Ask the assistant" }).isChecked()).toBe(true);
    await page.getByRole("button", { name: "Take over" }).click();
    await page.getByText("The assistant stays silent until you give it back.").waitFor();
    expect(await page.getByRole("radio", { name: /^Answer/ }).isChecked()).toBe(true);
    expect(await field.getAttribute("placeholder")).toMatch(/Ada Lovelace.* reads this on Telegram/);
    await field.fill("I am on my way.");
    await page.keyboard.press("Enter");
    await expect.poll(() => gateway.calls.filter(({ method }) => method === "sessions.say").length).toBe(1);
    expect(gateway.calls.some(({ method }) => method === "chat.send")).toBe(false);
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Give back" }).click();
    await page.getByRole("button", { name: "Take over" }).waitFor();
    expect(await page.getByRole("radio", { name: "Ask the assistant" }).isChecked()).toBe(true);
    expect(complaints).toEqual([]);
  });

  it("fits a phone, in the dark, with the longest names", async () => {
    const phone = {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
      colorScheme: "dark",
    } as const;
    const { page } = await open(fill, phone);
    await page.getByRole("button", { name: "Look", exact: true }).click();
    await page.getByText("H3QVR9TA").waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    expect(await axeFaults(page)).toEqual([]);
  });
});
