/**
 * The tray icon: what the gateway really does, and the way back to the window. The menu holds everything, since a click
 * on the icon itself is not reported everywhere. Never claims a state that it was not told.
 */
import type { MenuItemConstructorOptions, NativeImage, Tray } from "electron";
import type { Disposable } from "#main/base/disposable.ts";
import type { GatewayState } from "#main/protocol/desktop.ts";
import type { Approval } from "#main/protocol/methods/approvals.ts";
import { toApprovalItems, type ApprovalActions } from "./approvals/tray-items.ts";

export interface TrayFacts {
  gateway: GatewayState;
  /** Turns that run now. */
  running: number;
  /** Approvals that wait for the owner, oldest first. */
  waiting: readonly Approval[];
}

export interface TrayActions extends ApprovalActions {
  open(): void;
  newChat(): void;
  retry(): void;
  quit(): void;
}

/** One line for a person: `Gatehouse: answering 2`. What waits for them comes before what runs without them. */
export function toTrayStatus({ gateway, running, waiting }: TrayFacts): string {
  if (gateway.state === "starting") return "Gatehouse: starting";
  if (gateway.state === "failed") return "Gatehouse: failed to start";
  if (waiting.length > 0) return `Gatehouse: ${waiting.length} waiting for your approval`;
  if (running > 0) return `Gatehouse: answering ${running}`;
  return gateway.attached ? "Gatehouse: attached to another gateway" : "Gatehouse: ready";
}

/** Quitting stops only a gateway of our own, and the words say which it is. */
export function toQuitLabel(gateway: GatewayState): string {
  return gateway.state === "ready" && gateway.attached ? "Quit" : "Quit and stop the gateway";
}

export function toTrayMenu(facts: TrayFacts, actions: TrayActions): MenuItemConstructorOptions[] {
  const retry: MenuItemConstructorOptions[] =
    facts.gateway.state === "failed" ? [{ label: "Try again", click: () => actions.retry() }] : [];
  const approvals = toApprovalItems(facts.waiting, actions);
  return [
    { label: toTrayStatus(facts), enabled: false },
    ...retry,
    { type: "separator" },
    ...(approvals.length > 0 ? [...approvals, { type: "separator" } as const] : []),
    { label: "Open Gatehouse", click: () => actions.open() },
    { label: "New chat", click: () => actions.newChat() },
    { type: "separator" },
    { label: toQuitLabel(facts.gateway), click: () => actions.quit() },
  ];
}

/** Beside the icon, on macOS. */
function toTitle({ running, waiting }: TrayFacts): string {
  if (waiting.length > 0) return `${waiting.length} waiting`;
  return running > 0 ? String(running) : "";
}

/** The part of Electron's Tray in use. */
export type TrayIcon = Pick<Tray, "setToolTip" | "setTitle" | "destroy"> & {
  setContextMenu(menu: unknown): void;
  on(event: "click", listener: () => void): unknown;
};

export interface TrayOptions {
  platform: NodeJS.Platform;
  image: NativeImage | string;
  createTray(image: NativeImage | string): TrayIcon;
  buildMenu(template: MenuItemConstructorOptions[]): unknown;
  actions: TrayActions;
}

/** Shows the icon. `update` redraws only what changed: some Linux hosts lose a menu that is set too often. */
export function createTray(options: TrayOptions, facts: TrayFacts): Disposable & { update(facts: TrayFacts): void } {
  const tray = options.createTray(options.image);
  let shown = "";
  const update = (next: TrayFacts) => {
    const status = toTrayStatus(next);
    const key = [status, toQuitLabel(next.gateway), ...next.waiting.map((approval) => approval.id)].join("|");
    if (key === shown) return;
    shown = key;
    tray.setToolTip(status);
    if (options.platform === "darwin") tray.setTitle(toTitle(next));
    tray.setContextMenu(options.buildMenu(toTrayMenu(next, options.actions)));
  };
  // On macOS a click opens the menu; elsewhere people expect the window.
  if (options.platform !== "darwin") tray.on("click", () => options.actions.open());
  update(facts);
  return { update, dispose: () => tray.destroy() };
}
