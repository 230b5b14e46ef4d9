/**
 * What stands around the window: tray, application menu, and the system's own ways to call the app back. Shows the state
 * of the gateway and sends what a person chooses to the window.
 */
import { join } from "node:path";
import type * as Electron from "electron";
import type { DesktopEvents } from "#main/protocol/desktop.ts";
import type { GatewayHost } from "./gateway-host.ts";
import { toAppMenu } from "./menu.ts";
import { createTray, toQuitLabel, type TrayFacts, type TrayIcon } from "./tray.ts";
import type { MainWindow } from "./window.ts";

const TRAY_PICTURES: Partial<Record<NodeJS.Platform, string>> = {
  darwin: "tray/trayTemplate.png",
  win32: "icon.ico",
};

export interface SurroundingsOptions {
  parts: Pick<typeof Electron, "app" | "Menu" | "Tray">;
  platform: NodeJS.Platform;
  isDev: boolean;
  resourcesDir: string;
  host: GatewayHost;
  window: MainWindow;
  quit(): void;
}

/** Call once Electron is ready. They live as long as the process. */
export function createSurroundings(options: SurroundingsOptions): {
  /** The gateway's state changed. */
  update(): void;
  /** What the window says about running turns; counts while the gateway is not ours to ask. */
  setReportedRunning(running: number): void;
} {
  const { parts, platform, host, window } = options;
  let reported = 0;
  const facts = (): TrayFacts => ({ gateway: host.state, running: host.running ?? reported });
  const command = (name: DesktopEvents["menu.command"]) => {
    window.show();
    window.send("menu.command", name);
  };
  const tray = createTray(
    {
      platform,
      image: join(options.resourcesDir, TRAY_PICTURES[platform] ?? "tray/tray.png"),
      createTray: (image): TrayIcon => new parts.Tray(image),
      buildMenu: (template) => parts.Menu.buildFromTemplate(template),
      actions: {
        open: () => window.show(),
        newChat: () => command("new-chat"),
        retry: () => void host.retry(),
        quit: options.quit,
      },
    },
    facts(),
  );
  let quitLabel = "";
  const updateMenu = () => {
    const next = toQuitLabel(host.state);
    if (next === quitLabel) return;
    quitLabel = next;
    const template = toAppMenu(
      { platform, isDev: options.isDev, quitLabel },
      { command, zoom: (step) => window.zoomBy(step), quit: options.quit },
    );
    parts.Menu.setApplicationMenu(parts.Menu.buildFromTemplate(template));
  };
  updateMenu();
  const updateTray = () => tray.update(facts());
  host.onActivity(updateTray);
  parts.app.on("second-instance", () => window.show());
  parts.app.on("activate", () => window.show());
  // Without a listener Electron would quit when the window closes to the tray.
  parts.app.on("window-all-closed", () => {});
  return {
    update() {
      updateTray();
      updateMenu();
    },
    setReportedRunning(running) {
      reported = running;
      updateTray();
    },
  };
}
