import { expect, it } from "vitest";
import { hasDisplay, toOpener } from "#main/cli/open.ts";

it.each([
  ["linux", {}, false],
  ["linux", { DISPLAY: "" }, false],
  ["linux", { DISPLAY: ":0" }, true],
  ["linux", { WAYLAND_DISPLAY: "wayland-0" }, true],
  ["darwin", {}, true],
  ["win32", {}, true],
] as const)("tells on %s with %o whether a browser can show itself", (platform, env, expected) => {
  expect(hasDisplay({ platform, env })).toBe(expected);
});

it("hands the address to the system's own opener as one argument, without a shell", () => {
  const link = "http://127.0.0.1:1/#code=a&b;c";
  expect(toOpener("darwin", link)).toEqual(["open", link]);
  expect(toOpener("linux", link)).toEqual(["xdg-open", link]);
  expect(toOpener("win32", link).at(-1)).toBe(link);
});
