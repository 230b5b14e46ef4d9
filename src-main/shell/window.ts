/**
 * The one window: made when it is to be seen, gone when it is not, brought back after a crash. Shows our own pages and
 * nothing else. The gateway does not depend on it.
 */
import type * as Electron from "electron";
import type { BrowserWindow, BrowserWindowConstructorOptions, WebContents } from "electron";
import type { Clock } from "#main/base/clock.ts";
import { messageOf } from "#main/base/errors.ts";
import type { Logger } from "#main/base/logger.ts";
import type { DesktopEventName, DesktopEvents } from "#main/protocol/desktop.ts";
import { createCrashPolicy, type CrashAction } from "./crash-policy.ts";
import { toContextMenu } from "./menu.ts";
import { CRASH_PAGE, START_PAGE } from "./pages.ts";
import { SMALLEST_SIZE, toOpeningBounds, type WindowStateStore } from "./window-state.ts";

/** The renderer's canvas, so that nothing flashes before its first paint. */
const BACKGROUND = { light: "#fefdfc", dark: "#191817" };
/** Some graphics drivers never report the first paint. */
const SHOW_ANYWAY_MS = 3000;
/** The steps of the page's settings. */
const ZOOM_STEPS = [0.8, 0.9, 1, 1.1, 1.25, 1.4, 1.6];

/** EL-04. Every switch is named, so that a changed default of Electron changes nothing here. */
export function toWebPreferences(
  preload: string,
  isDev: boolean,
): NonNullable<BrowserWindowConstructorOptions["webPreferences"]> {
  return {
    preload,
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    safeDialogs: true,
    spellcheck: true,
    devTools: isDev,
  };
}

/** The next step of zoom; 0 is the normal size. */
export function toZoom(current: number, step: -1 | 0 | 1): number {
  if (step === 0) return 1;
  const further = ZOOM_STEPS.filter((zoom) => (step > 0 ? zoom > current + 0.01 : zoom < current - 0.01));
  return (step > 0 ? further[0] : further.at(-1)) ?? current;
}

export interface MainWindowOptions {
  parts: Pick<typeof Electron, "BrowserWindow" | "Menu" | "clipboard" | "dialog" | "nativeTheme" | "screen">;
  platform: NodeJS.Platform;
  isDev: boolean;
  preload: string;
  icon: string;
  store: WindowStateStore;
  clock: Clock;
  log: () => Logger;
  /** The close button was pressed. The window stays until `close` or `hide` is called. */
  onCloseRequest(): void;
  /** True: closing needs no question. */
  isQuitting(): boolean;
}

export class MainWindow {
  readonly #options: MainWindowOptions;
  readonly #onCrash: () => CrashAction;
  #window: BrowserWindow | undefined;
  #isLoaded = false;
  #mayClose = false;
  #waiting: (() => void)[] = [];

  constructor(options: MainWindowOptions) {
    this.#options = options;
    this.#onCrash = createCrashPolicy(options.clock);
  }

  get contents(): WebContents | undefined {
    return this.#window?.webContents;
  }

  /** For dialogs that belong to it. */
  get native(): BrowserWindow | undefined {
    return this.#window;
  }

  /** True when the page is there to answer. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** True while a person looks at it. */
  get isFocused(): boolean {
    return this.#window?.isFocused() ?? false;
  }

  /** Asks for a look without taking the keyboard; nothing happens when there is no window. */
  drawAttention(): void {
    this.#window?.flashFrame(true);
  }

  /** Opens the window, or brings it to the front. */
  show(): void {
    const window = this.#window;
    if (window === undefined) {
      this.#open();
      return;
    }
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  /** Announces something to the page, as soon as it is loaded; nothing happens when there is no window. */
  send<N extends DesktopEventName>(name: N, payload: DesktopEvents[N]): void {
    const window = this.#window;
    if (window === undefined) return;
    if (this.#isLoaded) window.webContents.send(name, payload);
    else this.#waiting.push(() => window.webContents.send(name, payload));
  }

  /** Loads the start page again, with the policy of now. */
  reload(): void {
    if (this.#window === undefined) return;
    this.#isLoaded = false;
    this.#load(this.#window, START_PAGE);
  }

  /** On macOS it only disappears, as people expect there; elsewhere it is closed, which gives its memory back. */
  hide(): void {
    if (this.#options.platform === "darwin") this.#window?.hide();
    else this.close();
  }

  /** Closes without a question. */
  close(): void {
    this.#mayClose = true;
    this.#window?.close();
  }

  setZoom(factor: number): void {
    this.#options.store.update({ zoom: factor });
    this.#window?.webContents.setZoomFactor(factor);
  }

  /** From the menu: the page is told, for its settings show the zoom too. */
  zoomBy(step: -1 | 0 | 1): void {
    const factor = toZoom(this.#options.store.state.zoom ?? 1, step);
    this.setZoom(factor);
    this.send("window.zoom", factor);
  }

  /** The colour behind the page follows the theme. */
  paintBackground(): void {
    this.#window?.setBackgroundColor(this.#background());
  }

  #background(): string {
    return this.#options.parts.nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light;
  }

  #open(): void {
    const { parts, store, preload, icon, isDev } = this.#options;
    const primary = parts.screen.getPrimaryDisplay();
    const others = parts.screen.getAllDisplays().filter((display) => display.id !== primary.id);
    const window = new parts.BrowserWindow({
      ...toOpeningBounds(
        store.state.bounds,
        [primary, ...others].map((display) => display.workArea),
      ),
      minWidth: SMALLEST_SIZE.width,
      minHeight: SMALLEST_SIZE.height,
      title: "Gatehouse",
      icon,
      show: false,
      backgroundColor: this.#background(),
      autoHideMenuBar: true,
      webPreferences: toWebPreferences(preload, isDev),
    });
    this.#window = window;
    this.#isLoaded = false;
    this.#mayClose = false;
    this.#waiting = [];
    this.#follow(window);
    this.#watchProcess(window);
    this.#offerContextMenu(window.webContents);
    this.#load(window, START_PAGE);
  }

  #load(window: BrowserWindow, page: string): void {
    window.loadURL(page).catch((error: unknown) => {
      // −3 is Chromium's ERR_ABORTED: another load took the place of this one.
      if (!window.isDestroyed() && !messageOf(error).includes("(-3)"))
        this.#options.log().warn("the window's page did not load", { page, error });
    });
  }

  /** Showing, moving, loading and closing. */
  #follow(window: BrowserWindow): void {
    const { store, clock } = this.#options;
    let isShown = false;
    const showFirst = () => {
      if (isShown || window.isDestroyed()) return;
      isShown = true;
      void anyway.dispose();
      if (store.state.maximised) window.maximize();
      window.show();
    };
    const anyway = clock.after(SHOW_ANYWAY_MS, showFirst);
    window.once("ready-to-show", showFirst);
    // A load that takes the place of the first one can swallow that event.
    window.webContents.once("did-finish-load", showFirst);
    const remember = () => {
      if (window.isDestroyed() || window.isMinimized()) return;
      store.update({ bounds: window.getNormalBounds(), maximised: window.isMaximized() });
    };
    window.on("resize", remember);
    window.on("move", remember);
    window.on("maximize", remember);
    window.on("unmaximize", remember);
    window.webContents.on("did-finish-load", () => this.#onLoaded(window));
    window.on("close", (event) => {
      if (this.#mayClose || this.#options.isQuitting()) return;
      event.preventDefault();
      this.#options.onCloseRequest();
    });
    window.on("closed", () => {
      void anyway.dispose();
      if (this.#window !== window) return;
      this.#window = undefined;
      this.#isLoaded = false;
    });
  }

  #onLoaded(window: BrowserWindow): void {
    window.webContents.setZoomFactor(this.#options.store.state.zoom ?? 1);
    if (!window.webContents.getURL().startsWith(START_PAGE)) return;
    this.#isLoaded = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const send of waiting) send();
  }

  /** EL-17: a dead or hung page costs the page alone. */
  #watchProcess(window: BrowserWindow): void {
    const { clock, log } = this.#options;
    window.webContents.on("render-process-gone", (_event, details) => {
      if (details.reason === "clean-exit" || window.isDestroyed()) return;
      this.#isLoaded = false;
      log().error("the window's process ended", { reason: details.reason, exitCode: details.exitCode });
      const next = this.#onCrash();
      const delayMs = next.action === "reload" ? next.delayMs : 0;
      clock.after(delayMs, () => {
        if (!window.isDestroyed()) this.#load(window, next.action === "reload" ? START_PAGE : CRASH_PAGE);
      });
    });
    let question: AbortController | undefined;
    window.on("responsive", () => question?.abort());
    window.on("unresponsive", () => {
      question?.abort();
      question = new AbortController();
      void this.#askAboutHang(window, question.signal);
    });
  }

  async #askAboutHang(window: BrowserWindow, signal: AbortSignal): Promise<void> {
    this.#options.log().warn("the window does not respond");
    const answer = await this.#options.parts.dialog.showMessageBox(window, {
      type: "warning",
      message: "The window does not respond",
      detail: "The gateway goes on in any case. Reloading loses nothing that was sent.",
      buttons: ["Wait", "Reload"],
      defaultId: 0,
      cancelId: 0,
      noLink: true,
      signal,
    });
    // The hung process is ended; what follows is the way back from any crash.
    if (answer.response === 1 && !signal.aborted && !window.isDestroyed()) window.webContents.forcefullyCrashRenderer();
  }

  #offerContextMenu(contents: WebContents): void {
    const { Menu, clipboard } = this.#options.parts;
    contents.on("context-menu", (_event, facts) => {
      const template = toContextMenu(facts, {
        replaceMisspelling: (word) => contents.replaceMisspelling(word),
        learnWord: (word) => contents.session.addWordToSpellCheckerDictionary(word),
        copyText: (text) => void clipboard.writeText(text),
      });
      if (template.length > 0) Menu.buildFromTemplate(template).popup();
    });
  }
}
