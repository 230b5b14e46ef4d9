/** What a page in the window cannot do, seen from inside the page: the last line when everything before it failed. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ElectronApplication } from "playwright-core";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  composer,
  createAccount,
  send,
  PRELOAD,
  startApp,
  reason,
  useDisplay,
  waitUntilReady,
  whyNoDesktop,
  type RunningApp,
} from "./desktop.ts";

/** A server that only counts who comes. */
async function startWitness(): Promise<{ url: string; visits: string[] }> {
  const visits: string[] = [];
  const server: Server = createServer((request, response) => {
    visits.push(request.url ?? "");
    response.setHeader("access-control-allow-origin", "*").end("seen");
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, visits };
}

async function crash(app: ElectronApplication): Promise<void> {
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer());
}

/** The text of the page, past Playwright, which gives up a page that crashed. Empty while there is none to ask. */
function readBody(app: ElectronApplication): Promise<string> {
  return app.evaluate(async ({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    if (!contents || contents.isCrashed() || contents.isLoading()) return "";
    const text = contents.executeJavaScript("document.body.innerText").catch(() => "") as Promise<unknown>;
    return String(await Promise.race([text, new Promise((late) => setTimeout(late, 1000, ""))]));
  });
}

function readDraft(app: ElectronApplication): Promise<string> {
  return app.evaluate(async ({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    return String(await contents?.executeJavaScript(`document.querySelector("textarea")?.value ?? ""`));
  });
}

async function start(): Promise<RunningApp> {
  const running = await startApp(createAccount());
  await waitUntilReady(running.page);
  return running;
}

describe.skipIf(whyNoDesktop() !== undefined)(`a page in the window${reason()}`, () => {
  useDisplay();

  it("[EL-04] lives in a sandbox, apart from Node and from the preload's world", async () => {
    const { app, page } = await start();
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
        getLastWebPreferences(): Record<string, unknown>;
      };
      return contents.getLastWebPreferences();
    });
    expect(preferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
    });
    const world = await page.evaluate(() => ({
      require: typeof (globalThis as { require?: unknown }).require,
      process: typeof (globalThis as { process?: unknown }).process,
      module: typeof (globalThis as { module?: unknown }).module,
      webview: document.createElement("webview").constructor.name,
    }));
    expect(world).toEqual({ require: "undefined", process: "undefined", module: "undefined", webview: "HTMLElement" });
  });

  it("[EL-05] sees three names of the app, and no call that is not on the list", async () => {
    const { page } = await start();
    const seen = await page.evaluate(async () => {
      const bridge = (globalThis as unknown as { gatehouse: { call(...args: unknown[]): Promise<unknown> } }).gatehouse;
      const tell = (call: Promise<unknown>) =>
        call.then(
          () => "ran",
          (error: unknown) => String(error),
        );
      return {
        names: Object.keys(bridge).sort(),
        unknown: await tell(bridge.call("fs.readFile", "/etc/passwd")),
        wrong: await tell(bridge.call("window.setZoom", 1000)),
        prototype: await tell(bridge.call("__proto__")),
        address: JSON.stringify(await bridge.call("gateway.address", { needsCode: false })),
      };
    });
    expect(seen.names).toEqual(["call", "on", "platform"]);
    expect(seen.unknown).toContain("There is no call");
    expect(seen.prototype).toContain("There is no call");
    expect(seen.wrong).toContain("the arguments do not fit");
    expect(Object.keys(JSON.parse(seen.address) as object)).toEqual(["url"]);
  });

  it("[EL-06] answers no call from another window, even on our own page", async () => {
    const { app } = await start();
    const answer = await app.evaluate(async ({ BrowserWindow }, preload) => {
      const other = new BrowserWindow({
        show: false,
        webPreferences: { preload, contextIsolation: true, sandbox: true },
      });
      await other.loadURL("gatehouse://app/index.html");
      const ask = `gatehouse.call("gateway.state").then(() => "answered", (error) => String(error))`;
      const text: unknown = await other.webContents.executeJavaScript(ask);
      other.destroy();
      return String(text);
    }, PRELOAD);
    expect(answer).toContain("only the app's own window may call this");
  });

  it("[EL-07] runs no foreign script and reaches the gateway alone", async () => {
    const { page } = await start();
    const witness = await startWitness();
    const result = await page.evaluate(async (url) => {
      const tell = (work: () => unknown) =>
        Promise.resolve()
          .then(work)
          .then(
            () => "went through",
            (error: Error) => error.name,
          );
      const image = new Image();
      const loaded = new Promise((done) => {
        image.onload = () => done("loaded");
        image.onerror = () => done("blocked");
      });
      image.src = `${url}/pixel`;
      const inline = document.createElement("script");
      inline.textContent = "globalThis.ranInline = true";
      document.head.append(inline);
      const foreign = document.createElement("script");
      foreign.src = `${url}/script.js`;
      document.head.append(foreign);
      const frame = document.createElement("iframe");
      frame.src = `${url}/frame`;
      document.body.append(frame);
      const { gatehouse } = globalThis as unknown as {
        gatehouse: { call(...args: unknown[]): Promise<{ url: string }> };
      };
      const { url: gateway } = await gatehouse.call("gateway.address", { needsCode: false });
      const open = (address: string) =>
        new Promise((done) => {
          const socket = new WebSocket(address);
          socket.onopen = () => done("opened");
          socket.onerror = () => done("refused");
        });
      return {
        // oxlint-disable-next-line no-eval -- that it fails is what is shown
        eval: await tell(() => (0, eval)("1")),
        fetch: await tell(() => fetch(`${url}/fetch`)),
        otherPort: await tell(() => fetch("http://127.0.0.1:9/")),
        gateway: await open(gateway),
        otherSocket: await open(url.replace(/^http/, "ws")),
        beacon: navigator.sendBeacon(`${url}/beacon`),
        image: await loaded,
        inline: "ranInline" in globalThis,
      };
    }, witness.url);
    expect(result).toMatchObject({ eval: "EvalError", fetch: "TypeError", otherPort: "TypeError" });
    expect(result).toMatchObject({ gateway: "opened", otherSocket: "refused" });
    expect(result).toMatchObject({ image: "blocked", inline: false });
    expect(witness.visits).toEqual([]);
  });

  it("[EL-07] without the policy the request filter still stops it", async () => {
    const { app } = await start();
    const witness = await startWitness();
    const tried = await app.evaluate(async ({ BrowserWindow }, url) => {
      const bare = new BrowserWindow({ show: false });
      await bare.loadURL(`data:text/html,<p>no policy here</p>`);
      const text: unknown = await bare.webContents.executeJavaScript(
        `fetch("${url}").then(() => "went", (e) => e.name)`,
      );
      bare.destroy();
      return String(text);
    }, witness.url);
    expect(tried).toBe("TypeError");
    expect(witness.visits).toEqual([]);
  });

  it("[EL-01] [EL-02] goes nowhere and opens nothing but checked links outside", async () => {
    const { app, page, opened } = await start();
    const witness = await startWitness();
    const windows = await page.evaluate(() => [
      window.open("https://example.com/new") === null,
      window.open("file:///etc/passwd") === null,
      window.open("about:blank") === null,
    ]);
    expect(windows).toEqual([true, true, true]);
    await page.evaluate((url) => {
      const link = document.createElement("a");
      link.href = `${url}/away`;
      document.body.append(link);
      link.click();
    }, witness.url);
    await page.evaluate(() => void (location.href = "file:///etc/passwd"));
    await expect.poll(opened).toEqual(["https://example.com/new", `${witness.url}/away`]);
    expect(page.url()).toBe("gatehouse://app/index.html");
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
    expect(witness.visits).toEqual([]);
  });

  it("[EL-03] opens a link outside only after a person's click", async () => {
    const { app, page, opened } = await start();
    const ask = `gatehouse.call("shell.openExternal", "https://example.com/").then(String, String)`;
    const run = (code: string) =>
      app.evaluate(
        ({ BrowserWindow }, text) =>
          BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(text, false) as unknown,
        code,
      );
    // A gesture counts for a few seconds; the test's own way of reaching into the page makes one.
    await expect.poll(() => run("navigator.userActivation.isActive"), { timeout: 10_000, interval: 500 }).toBe(false);
    expect(String(await run(ask))).toContain("only when someone asks");
    expect(await opened()).toEqual([]);
    const asked = await page.evaluate(() =>
      (globalThis as unknown as { gatehouse: { call(...args: unknown[]): Promise<unknown> } }).gatehouse.call(
        "shell.openExternal",
        "https://example.com/",
      ),
    );
    expect(asked).toBe(true);
    expect(await opened()).toEqual(["https://example.com/"]);
  });

  it("[EL-08] gets no permission but to copy", async () => {
    const { page } = await start();
    const answers = await page.evaluate(async () => {
      const tell = (work: Promise<unknown>) => work.then(String, (error: Error) => error.name);
      const geolocation = new Promise<string>((done) =>
        navigator.geolocation.getCurrentPosition(
          () => done("granted"),
          (error) => done(`denied ${error.code}`),
        ),
      );
      return {
        copy: await tell(navigator.clipboard.writeText("copied")),
        paste: await tell(navigator.clipboard.readText()),
        notifications: await tell(Notification.requestPermission()),
        geolocation: await geolocation,
        microphone: (await navigator.permissions.query({ name: "microphone" as PermissionName })).state,
        midi: await tell((navigator as unknown as { requestMIDIAccess(): Promise<unknown> }).requestMIDIAccess()),
      };
    });
    expect(answers).toMatchObject({ copy: "undefined", paste: "NotAllowedError", notifications: "denied" });
    expect(answers.geolocation).toBe("denied 1");
    expect(answers.microphone).toBe("denied");
    expect(answers.midi).not.toBe("[object MIDIAccess]");
  });

  it("[EL-16] loads only packaged files", async () => {
    const { page } = await start();
    const answers = await page.evaluate(async () => {
      const load = (src: string) =>
        new Promise((done) => {
          const image = new Image();
          image.onload = () => done("loaded");
          image.onerror = () => done("blocked");
          image.src = src;
        });
      return Promise.all(
        ["file:///etc/hostname", "gatehouse://app/../../../etc/hostname", "gatehouse://app/%2e%2e/main/main.js"].map(
          load,
        ),
      );
    });
    expect(answers).toEqual(["blocked", "blocked", "blocked"]);
  });

  it("[EL-17] comes back after its process was killed, with the draft, while the gateway goes on", async () => {
    const { app, page } = await start();
    await send(page, "Hello");
    await page.getByText("no AI model is connected").first().waitFor();
    await composer(page).fill("half a thought");
    // A draft is written a moment after the last key.
    await expect.poll(() => page.evaluate(() => JSON.stringify({ ...localStorage }))).toContain("half a thought");
    const address = await page.evaluate(() =>
      (globalThis as unknown as { gatehouse: { call(...args: unknown[]): Promise<{ url: string }> } }).gatehouse.call(
        "gateway.address",
        { needsCode: false },
      ),
    );
    const health = `${address.url.replace(/^ws/, "http")}/health`;
    const before = (await (await fetch(health)).json()) as { uptime_seconds: number };
    await crash(app);
    await expect.poll(() => readBody(app), { timeout: 20_000 }).toContain("Settings");
    await expect.poll(() => readDraft(app)).toBe("half a thought");
    const after = (await (await fetch(health)).json()) as { uptime_seconds: number };
    expect(after.uptime_seconds).toBeGreaterThanOrEqual(before.uptime_seconds);
  });

  it("[EL-17] is reloaded when it hangs and the person wants it so", async () => {
    const { app } = await start();
    const words = await app.evaluate(async ({ BrowserWindow, dialog }) => {
      const window = BrowserWindow.getAllWindows()[0];
      const gone = new Promise((ended) => window?.webContents.once("render-process-gone", ended));
      const shown = new Promise<string>((ask) => {
        dialog.showMessageBox = ((_window: unknown, question: { message: string; buttons: string[] }) => {
          ask(`${question.message}: ${question.buttons.join(", ")}`);
          return Promise.resolve({ response: 1, checkboxChecked: false });
        }) as typeof dialog.showMessageBox;
      });
      window?.emit("unresponsive");
      await gone;
      return shown;
    });
    expect(words).toBe("The window does not respond: Wait, Reload");
    await expect.poll(() => readBody(app), { timeout: 20_000 }).toContain("Settings");
  });

  it("[EL-17] survives the end of the graphics process", async () => {
    const { app, page } = await start();
    const killed = await app.evaluate(({ app: electron }) => {
      const gpu = electron.getAppMetrics().find((metric) => metric.type === "GPU");
      if (gpu) process.kill(gpu.pid, "SIGKILL");
      return gpu !== undefined;
    });
    expect(killed).toBe(true);
    await composer(page).fill("still here");
    expect(await composer(page).inputValue()).toBe("still here");
    expect(await readBody(app)).toContain("Settings");
  });

  it("[EL-17] says so instead of crashing for ever", async () => {
    const { app } = await start();
    for (let i = 0; i < 3; i++) {
      await crash(app);
      await expect.poll(() => readBody(app), { timeout: 20_000 }).toContain("Settings");
    }
    await crash(app);
    await expect.poll(() => readBody(app), { timeout: 20_000 }).toContain("The window stopped working");
    await app.evaluate(({ BrowserWindow }) => {
      const code = `document.querySelector("a").click()`;
      void BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(code);
    });
    await expect.poll(() => readBody(app), { timeout: 20_000 }).toContain("Settings");
  });
});
