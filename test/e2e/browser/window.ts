/** The served window in a real Chromium, against the built gateway with a fake model service behind it. */
import { existsSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { FAKE_OPENAI_ANSWER, modelList, textAnswer } from "#test/fakes/openai.ts";
import { type Script, startScriptedServer } from "#test/fakes/scripted-http.ts";
import { tempState } from "#test/fakes/temp-state.ts";
import { runCli, serveGateway, type ServedGateway } from "../headless/built-cli.ts";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Where a Chromium is, or undefined: then these tests cannot run. */
export const chromiumPath = PLACES.find((path) => existsSync(path));

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface House {
  gateway: ServedGateway;
  /** A one-time link to the page. */
  link(): Promise<string>;
}

/**
 * The gateway with a fake service as its model.
 * @param answer what the model says to the next request
 * @param more sections of the configuration
 * @param env of the gateway's process
 */
export async function openHouse(
  answer: () => Script = () => textAnswer(FAKE_OPENAI_ANSWER),
  more: Record<string, unknown> = {},
  env: Record<string, string> = {},
): Promise<House> {
  const service = await startScriptedServer((request) =>
    request.path.endsWith("/models") ? modelList(["fake-model", "fake-large"]) : answer(),
  );
  onTestFinished(() => service.close());
  const config = {
    ...more,
    llm: {
      model: "fake/fake-model",
      providers: { fake: { kind: "openai", baseUrl: `${service.url}/v1`, apiKey: "key-of-the-test" } },
    },
  };
  const gateway = await serveGateway(tempState(), config, env);
  return {
    gateway,
    async link() {
      const { stdout } = await runCli(["open", "--print"], gateway.env);
      return stdout.trim();
    },
  };
}

export interface Visit {
  page: Page;
  /** Errors of the page and its console, and requests to anywhere but the gateway. */
  complaints: string[];
}

/** A fresh browser profile on the page; closed when the test ends. */
export async function visit(house: House, link: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const browser: Browser = await chromium.launch({ executablePath: chromiumPath ?? "", args: FLAGS });
  onTestFinished(() => browser.close());
  const context = await browser.newContext({ viewport: { width: 1200, height: 780 }, locale: "en-GB", ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => (message.type() === "error" ? complaints.push(message.text()) : undefined));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(house.gateway.url) && !/^(?:data|blob):/.test(url)) complaints.push(`asked for ${url}`);
  });
  await page.goto(link);
  return { page, complaints };
}

/** Writes a message and waits for the whole answer. */
export async function say(page: Page, text: string): Promise<void> {
  const before = await page.getByRole("article", { name: "Assistant said" }).count();
  await page.getByRole("textbox", { name: "Message", exact: true }).fill(text);
  await page.keyboard.press("Enter");
  const answer = page.getByRole("article", { name: "Assistant said" }).nth(before);
  await answer.and(page.locator("[aria-busy=false]")).waitFor();
}

/** The rules of axe that the page breaks, with where. */
export async function axeFaults(page: Page): Promise<string[]> {
  // What is still fading in has the contrast of neither state.
  await page.evaluate(async () => {
    const ending = document.getAnimations().filter((each) => each.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map((each) => each.finished));
  });
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id} at ${node.target.join(" ")}`));
}
