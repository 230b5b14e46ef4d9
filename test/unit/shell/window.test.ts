/** The window's settings that decide its safety, and its zoom. */
import { describe, expect, it } from "vitest";
import { toWebPreferences, toZoom } from "#main/shell/window.ts";

describe("toWebPreferences", () => {
  it("[EL-04] isolates the page in every way", () => {
    expect(toWebPreferences("/app/preload.cjs", false)).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      devTools: false,
    });
  });
});

describe("toZoom", () => {
  it("goes up and down in steps, and back", () => {
    expect(toZoom(1, 1)).toBe(1.1);
    expect(toZoom(1.1, -1)).toBe(1);
    expect(toZoom(1.4, 0)).toBe(1);
    expect(toZoom(1.03, 1)).toBe(1.1);
  });

  it("stops at the ends", () => {
    expect(toZoom(1.6, 1)).toBe(1.6);
    expect(toZoom(0.8, -1)).toBe(0.8);
  });
});
