/**
 * What stands around the window: tray, application menu, notifications, and the system's own ways to call the app back.
 * Shows the state of the gateway and what waits for the owner, and sends what a person chooses to the window.
 */
import { join } from "node:path";
import type * as Electron from "electron";
import { messageOf } from "#main/base/errors.ts";
import type { Clock } from "#main/base/clock.ts";
import type { DesktopEvents } from "#main/protocol/desktop.ts";
import { createNotices, type NoticeHandle } from "./approvals/notices.ts";
import type { ApprovalActions } from "./approvals/tray-items.ts";
import { WaitingApprovals, type ConnectOwner } from "./approvals/waiting.ts";
import type { GatewayHost } from "./gateway-host.ts";
import { toAppMenu } from "./menu.ts";
import { createTray, toQuitLabel, type TrayFacts, type TrayIcon } from "./tray.ts";
import type { MainWindow } from "./window.ts";
import type { WindowStateStore } from "./window-state.ts";

const TRAY_PICTURES: Partial<Record<NodeJS.Platform, string>> = {
  darwin: "tray/trayTemplate.png",
  win32: "icon.ico",
};

export interface SurroundingsOptions {
  parts: Pick<typeof Electron, "app" | "Menu" | "Notification" | "Tray">;
  platform: NodeJS.Platform;
  isDev: boolean;
  resourcesDir: string;
  host: GatewayHost;
  window: MainWindow;
  store: WindowStateStore;
  clock: Clock;
  connectOwner: ConnectOwner;
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
  const approvals = new WaitingApprovals({
    connect: options.connectOwner,
    gateway: host,
    clock: options.clock,
    log: () => host.log,
  });
  const answering = createApprovalActions(approvals, window, host);
  const facts = (): TrayFacts => ({
    gateway: host.state,
    running: host.running ?? reported,
    waiting: approvals.list,
  });
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
        ...answering,
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
  const notices = createApprovalNotices(options, answering);
  approvals.onChange((waiting) => {
    updateTray();
    notices.update(waiting);
  });
  parts.app.on("will-quit", () => {
    approvals.dispose();
    void notices.dispose();
  });
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

/** What a person can do about an approval outside the window. An answer that did not arrive shows the question. */
function createApprovalActions(
  approvals: WaitingApprovals,
  window: MainWindow,
  host: Pick<GatewayHost, "log">,
): ApprovalActions {
  const review: ApprovalActions["review"] = (approval) => {
    window.show();
    const place = approval && { approvalId: approval.id, sessionKey: approval.request.sessionKey };
    window.send("approvals.review", place ?? {});
  };
  const answer = (id: string, decision: "deny" | "allow-once") => {
    approvals.answer(id, decision).catch((error: unknown) => {
      host.log.warn("an answer to an approval did not arrive", { decision, error: messageOf(error) });
      review(approvals.list.find((approval) => approval.id === id));
    });
  };
  return { deny: (id) => answer(id, "deny"), allowOnce: (id) => answer(id, "allow-once"), review };
}

function createApprovalNotices(options: SurroundingsOptions, actions: ApprovalActions) {
  const { parts, platform, window, store, host } = options;
  return createNotices({
    platform,
    isSupported: () => parts.Notification.isSupported(),
    create: (notice) => new parts.Notification(notice) as NoticeHandle,
    isFocused: () => window.isFocused,
    drawAttention() {
      if (store.state.raiseForApprovals === true) window.show();
      else window.drawAttention();
    },
    deny: actions.deny,
    review: actions.review,
    onFailed: (error) => host.log.warn("the system showed no notification", { error }),
  });
}
