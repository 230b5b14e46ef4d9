/** What a page may not do. */
import { describe, expect, it } from "vitest";
import { guardContents, isPermissionAllowed, isRequestAllowed, type GuardedContents } from "#main/shell/guards.ts";

const GATEWAY = "http://127.0.0.1:18789";

describe("isPermissionAllowed", () => {
  it("[EL-08] gives our own page the clipboard and the gateway's machine, nothing else", () => {
    expect(isPermissionAllowed("clipboard-sanitized-write", "gatehouse://app")).toBe(true);
    expect(isPermissionAllowed("loopback-network", "gatehouse://app/index.html")).toBe(true);
    for (const permission of ["media", "geolocation", "notifications", "clipboard-read", "hid", "usb", "unknown"]) {
      expect(isPermissionAllowed(permission, "gatehouse://app")).toBe(false);
    }
  });

  it("[EL-08] gives other pages nothing", () => {
    expect(isPermissionAllowed("clipboard-sanitized-write", "https://example.com")).toBe(false);
    expect(isPermissionAllowed("clipboard-sanitized-write", "")).toBe(false);
  });
});

describe("isRequestAllowed", () => {
  it.each([
    "gatehouse://app/assets/a.js",
    `${GATEWAY}/media/1`,
    "ws://127.0.0.1:18789/",
    "data:image/png;base64,",
    "blob:gatehouse://app/1",
  ])("[EL-07] lets %s load", (url) => expect(isRequestAllowed(url, GATEWAY, false)).toBe(true));

  it.each([
    "https://example.com/",
    "http://127.0.0.1:18790/",
    "http://localhost:18789/",
    "ws://127.0.0.1:1/",
    "wss://example.com/",
    "http://evil@127.0.0.1:18789/",
    "http://127.0.0.1:18789.evil.example/",
    "file:///etc/passwd",
    "blob:https://example.com/1",
    "devtools://devtools/bundled/x.html",
    "nonsense",
  ])("[EL-07] stops %s", (url) => expect(isRequestAllowed(url, GATEWAY, false)).toBe(false));

  it("[EL-07] lets nothing reach a gateway that is not there", () => {
    expect(isRequestAllowed(`${GATEWAY}/`, undefined, false)).toBe(false);
    expect(isRequestAllowed("gatehouse://app/", undefined, false)).toBe(true);
  });
});

describe("guardContents", () => {
  /** Contents that take the first listener of each event; only what the guard uses. */
  function createContents() {
    const listeners = new Map<string, (event: object) => void>();
    let onOpen: ((details: { url: string }) => { action: string }) | undefined;
    const contents = {
      on(name: string, listener: (event: object) => void) {
        listeners.set(name, listener);
        return contents;
      },
      setWindowOpenHandler(handler: (details: { url: string }) => { action: string }) {
        onOpen = handler;
      },
    };
    return {
      contents: contents as unknown as GuardedContents,
      /** @returns true when the event was stopped */
      fire(name: string, event: object): boolean {
        let isStopped = false;
        listeners.get(name)?.({ ...event, preventDefault: () => (isStopped = true) });
        return isStopped;
      },
      open: (url: string) => onOpen?.({ url }),
    };
  }

  function setUp() {
    const opened: string[] = [];
    const page = createContents();
    guardContents(page.contents, (url) => opened.push(url) > 0);
    return { ...page, opened };
  }

  it("[EL-01] stays on its own origin and hands links to the checked way out", () => {
    const { fire, opened } = setUp();
    expect(fire("will-navigate", { url: "gatehouse://app/index.html" })).toBe(false);
    expect(fire("will-navigate", { url: "https://example.com/" })).toBe(true);
    expect(fire("will-navigate", { url: "file:///etc/passwd" })).toBe(true);
    expect(fire("will-redirect", { url: "https://example.com/" })).toBe(true);
    expect(fire("will-redirect", { url: "gatehouse://app/" })).toBe(false);
    expect(opened).toEqual(["https://example.com/", "file:///etc/passwd"]);
  });

  it("[EL-01] without the guard the same navigation goes through", () => {
    const { fire } = createContents();
    expect(fire("will-navigate", { url: "https://example.com/" })).toBe(false);
  });

  it("[EL-01] lets no frame inside the page go anywhere", () => {
    const { fire } = setUp();
    expect(fire("will-frame-navigate", { isMainFrame: false, url: "gatehouse://app/" })).toBe(true);
    expect(fire("will-frame-navigate", { isMainFrame: true, url: "gatehouse://app/" })).toBe(false);
  });

  it("[EL-02] opens no window", () => {
    const { open, opened } = setUp();
    expect(open("https://example.com/")).toEqual({ action: "deny" });
    expect(open("gatehouse://app/index.html")).toEqual({ action: "deny" });
    expect(opened[0]).toBe("https://example.com/");
  });

  it("[EL-04] attaches no webview", () => {
    expect(setUp().fire("will-attach-webview", {})).toBe(true);
  });
});
