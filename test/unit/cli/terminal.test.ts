import { describe, expect, it } from "vitest";
import { createStyle, toTerminalText } from "#main/cli/terminal.ts";

describe("text for a terminal", () => {
  it("holds no command of the terminal", () => {
    const esc = "\u001b";
    for (const trick of [
      `${esc}[2J`,
      `${esc}[31;1m`,
      `${esc}]0;title\u0007`,
      `${esc}]8;;http://evil.example${esc}\\`,
      `${esc}]52;c;ZWNobw==\u0007`,
      `${esc}P1$r${esc}\\`,
      `${esc}c`,
      "\u009b2J",
      "\r",
      "\u0008",
      "\u0000",
      "\u202e",
    ]) {
      expect(toTerminalText(`a${trick}b`), JSON.stringify(trick)).toBe("ab");
    }
  });

  it("keeps lines, tabs and every script", () => {
    const text = "one\n\ttwo — ünïcode 日本語 🎉 עברית";
    expect(toTerminalText(text)).toBe(text);
  });
});

describe("the style of a terminal", () => {
  it("[R01] is plain in a pipe, with NO_COLOR and on a dumb terminal", () => {
    const terminal = { write: () => true, isTTY: true };
    expect(createStyle(terminal, {}).bold("x")).toBe("\u001b[1mx\u001b[0m");
    expect(createStyle({ write: () => true }, {}).bold("x")).toBe("x");
    expect(createStyle(terminal, { NO_COLOR: "1" }).bold("x")).toBe("x");
    expect(createStyle(terminal, { TERM: "dumb" }).dim("x")).toBe("x");
  });
});
