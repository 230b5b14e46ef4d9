/** Markdown to Signal's text and ranges, and to the marks of signal-cli-rest-api. */
import { describe, expect, it } from "vitest";
import { MAX_TEXT_BYTES, render, split, toDataUri, toRanges, toStyledText } from "#main/channels/signal/outbound.ts";

const shown = (markdown: string) => [render(markdown).text, ...toRanges(render(markdown))];

describe("rendering", () => {
  it("counts ranges in UTF-16 units", () => {
    expect(shown("\u{1F468}\u{1F3FF} via **signal**")).toEqual(["\u{1F468}\u{1F3FF} via signal", "9:6:BOLD"]);
  });

  it("knows Signal's styles, and lets them lie within each other", () => {
    expect(shown("*a* ~~b~~ `c` **d *e***")).toEqual([
      "a b c d e",
      "0:1:ITALIC",
      "2:1:STRIKETHROUGH",
      "4:1:MONOSPACE",
      "6:3:BOLD",
      "8:1:ITALIC",
    ]);
  });

  it("writes headings, code, quotes, lists and links as text", () => {
    expect(shown("# Top\n\n```js\nlet *a*;\n```")).toEqual(["Top\n\nlet *a*;", "0:3:BOLD", "5:8:MONOSPACE"]);
    expect(shown("> a\n> b")).toEqual(["> a\n> b"]);
    expect(shown("- a\n- b")).toEqual(["• a\n• b"]);
    expect(shown("[there](https://a.example/x)")).toEqual(["there (https://a.example/x)"]);
  });

  it("[G20] leaves text that looks like markup of others alone", () => {
    expect(shown("a \\*b\\* <b>x</b> ||c|| & &amp;")).toEqual(["a *b* <b>x</b> ||c|| & &"]);
  });

  it("cannot be given ranges by the text itself", () => {
    expect(shown("a\uFDD0b\uFDDFc **d\uFDDF**e")).toEqual(["abc de", "4:1:BOLD"]);
    expect(shown("[x](https://a.example/\uFDD0y)")).toEqual(["x (https://a.example/y)"]);
  });

  it("makes nothing of nothing", () => {
    expect(shown("")).toEqual([""]);
    expect(render("\uD800").text.isWellFormed()).toBe(true);
  });
});

describe("styled text for signal-cli-rest-api", () => {
  const styled = (markdown: string) => toStyledText(render(markdown));

  it("carries its marks", () => {
    expect(styled("**a** _b_ ~~c~~ `d` e")).toBe("**a** *b* ~c~ `d` e");
  });

  it("is not used where the text holds a mark, or nothing is styled", () => {
    for (const text of ["plain", "**a** 2\\*3", "**a** x|y", "**a** ~", "`a\\b`", "**a** \\`"]) {
      expect(styled(text)).toBeUndefined();
    }
  });

  it("keeps one of styles that lie within or beside each other", () => {
    expect(styled("**a *b* c** d")).toBe("**a b c** d");
    expect(styled("*a***b** c")).toBe("*a*b c");
    expect(styled("***a*** b")).toMatch(/^(\*a\*|\*\*a\*\*) b$/);
  });
});

describe("splitting", () => {
  it("[CH-26] keeps each part within the bytes of one body, whatever the letters", () => {
    for (const word of ["word", "слово", "言葉", "\u{1F980}\u{1F980}", "**b**"]) {
      const words = Array.from({ length: 1200 }, (_, i) => `${word}${i}`);
      const parts = split(words.join(" "));
      expect(parts.join(" ").split(/\s+/)).toEqual(words);
      for (const part of parts) expect(Buffer.byteLength(render(part).text)).toBeLessThanOrEqual(MAX_TEXT_BYTES);
    }
  });
});

it("[CH-26] splits a very long text without rendering it over and over", () => {
  const parts = split("**word** and more ".repeat(60_000));
  expect(parts.length).toBeGreaterThan(400);
}, 10_000);

describe("files", () => {
  const uri = (fileName: string, mimeType = "image/png") =>
    toDataUri({ kind: "document", bytes: Buffer.from("hi"), mimeType, fileName });

  it("travel as data URIs", () => {
    expect(uri("a.png")).toBe("data:image/png;filename=a.png;base64,aGk=");
    expect(uri("Übersicht-2.pdf")).toBe("data:image/png;filename=Übersicht-2.pdf;base64,aGk=");
  });

  it("cannot leave their folder nor end their field by their name", () => {
    expect(uri("../../etc/pass;wd,x.png")).toBe("data:image/png;filename=_.._etc_pass_wd_x.png;base64,aGk=");
    expect(uri("..")).toBe("data:image/png;filename=file;base64,aGk=");
    expect(uri("a.bin", "text/html;base64,evil")).toBe("data:text/html;filename=a.bin;base64,aGk=");
    expect(uri("a.bin", "nonsense")).toBe("data:application/octet-stream;filename=a.bin;base64,aGk=");
    expect(uri(`${"\u{20000}".repeat(80)}.png`).isWellFormed()).toBe(true);
  });
});
