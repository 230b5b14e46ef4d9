/**
 * What differs between the Electron window and a page in a browser, in one place: links, files, theme and zoom. The rest
 * of the renderer never asks where it runs. Must never hold a credential.
 */
import type { DesktopBridge } from "#main/protocol/desktop.ts";

declare global {
  interface Window {
    /** Put there by the preload; absent in a browser. */
    gatehouse?: DesktopBridge;
  }
}

/** The preload's bridge, or undefined in a browser. */
export function readBridge(): DesktopBridge | undefined {
  return window.gatehouse;
}

/** The address as a person should see it before pressing, or undefined when it is not a link that may be opened. */
export function toSafeLink(href: string | undefined): URL | undefined {
  if (!href || !URL.canParse(href)) return undefined;
  const url = new URL(href);
  return ["http:", "https:", "mailto:"].includes(url.protocol) ? url : undefined;
}

/** Opens a link outside the app; does nothing for anything but http, https and mailto. */
export function openLink(href: string): void {
  const url = toSafeLink(href);
  if (!url) return;
  const bridge = readBridge();
  if (bridge) void bridge.call("shell.openExternal", url.href);
  else window.open(url.href, "_blank", "noopener,noreferrer");
}

/** Saves text through the system's dialog, or as a browser download. False when the person cancelled. */
export async function saveFile(fileName: string, content: string, mimeType: string): Promise<boolean> {
  const bridge = readBridge();
  if (bridge) return bridge.call("shell.saveFile", { fileName, content });
  const href = URL.createObjectURL(new Blob([content], { type: mimeType }));
  const link = document.createElement("a");
  link.href = href;
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(href);
  return true;
}

/** Copies text; false when the browser refuses (no permission, no focus). */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
