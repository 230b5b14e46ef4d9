import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  MAX_TEXT,
  split,
  toFileName,
  toHtml,
  toKeyboard,
  toUpload,
  visibleLength,
} from "#main/channels/telegram/outbound.ts";
import { readHtml } from "#test/fakes/telegram-wire.ts";

describe("Markdown for Telegram", () => {
  it.each([
    ["marks", "**b** *i* ~~s~~ `c`", "<b>b</b> <i>i</i> <s>s</s> <code>c</code>"],
    ["a heading", "# Title", "<b>Title</b>"],
    [
      "code with a language",
      "```ts\nif (a < b) {}\n```",
      '<pre><code class="language-ts">if (a &lt; b) {}</code></pre>',
    ],
    ["code with a wild language", '```"><b>\nx\n```', "<pre>x</pre>"],
    ["a link", '[a & b](https://x.example/?q="1"&r=<2>)', null],
    ["a script link", "[click](javascript:alert(1))", "click"],
    ["a quotation in a quotation", "> one\n> > two", "<blockquote>one\ntwo</blockquote>"],
    [
      "a picture in a link",
      "[![alt](https://i.example/p.png)](https://x.example)",
      '<a href="https://x.example">alt</a>',
    ],
    ["HTML", "<b>not ours</b> & <script>", "&lt;b&gt;not ours&lt;/b&gt; &amp; &lt;script&gt;"],
  ])("writes %s", (_name, markdown, html) => {
    const written = toHtml(markdown);
    if (html !== null) expect(written).toBe(html);
    expect(() => readHtml(written)).not.toThrow();
  });

  it("[G20] is always HTML that Telegram takes, and counted as Telegram counts", () => {
    const piece = fc.constantFrom(
      ...["**", "*", "_", "~~", "`", "```", "\n", "\n\n", "> ", "# ", "- ", "1. ", "[", "](", ")", "![", "<b>", "</b>"],
      ...[
        "&amp;",
        "&",
        "<",
        ">",
        '"',
        "https://x.example/a?b=1&c",
        "|",
        "---",
        "word",
        " ",
        "\u{1F980}",
        "\\",
        "\ud800",
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const html = toHtml(pieces.join(""));
        expect(html.isWellFormed()).toBe(true);
        const read = readHtml(html);
        expect(visibleLength(html)).toBeGreaterThanOrEqual(read.length);
      }),
      { numRuns: 1000 },
    );
  });

  it("[CH-26] is cut so that each part fits once rendered, however much markup it holds", () => {
    const parts = split(
      `${"**a<b>** [x](https://example.com/long/address) ".repeat(600)}\n\n\`\`\`js\n${"x;\n".repeat(3000)}\`\`\``,
    );
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) expect(readHtml(toHtml(part)).length).toBeLessThanOrEqual(MAX_TEXT);
  });

  it("fits more source than 4096 characters when tags do not count", () => {
    expect(split("[x](https://example.com/a/rather/long/address) ".repeat(200))).toHaveLength(1);
  });
});

describe("buttons and files for Telegram", () => {
  it("puts two buttons into a row, with their colours", () => {
    const keys = ["a", "b", "c"].map((data) => ({ label: data, data, style: "primary" as const }));
    const rows = toKeyboard(keys).reply_markup?.inline_keyboard ?? [];
    expect(rows.map((row) => row.length)).toEqual([2, 1]);
    expect(rows[0]?.[0]).toEqual({ text: "a", callback_data: "a", style: "primary" });
    expect(toKeyboard([])).toEqual({});
  });

  it.each([
    ["image", "image/png", "sendPhoto"],
    ["image", "image/svg+xml", "sendDocument"],
    ["voice", "audio/ogg; codecs=opus", "sendVoice"],
    ["voice", "audio/wav", "sendDocument"],
    ["audio", "audio/mpeg", "sendAudio"],
    ["video", "video/webm", "sendDocument"],
    ["video", "video/mp4", "sendVideo"],
    ["sticker", "image/webp", "sendDocument"],
    ["document", "text/plain", "sendDocument"],
  ] as const)("sends %s of type %s by %s", (kind, mimeType, method) => {
    expect(toUpload({ kind, mimeType, bytes: new Uint8Array(1), fileName: "x" }).method).toBe(method);
  });

  it("sends a photo above 10 MB as a document", () => {
    const bytes = new Uint8Array(10_000_001);
    expect(toUpload({ kind: "image", mimeType: "image/png", bytes, fileName: "x.png" }).method).toBe("sendDocument");
  });

  it("takes out of a file name what would end its header", () => {
    expect(toFileName('a\r\nX: y";z/..png')).toBe("a__X: y__z_..png");
    expect(toFileName("")).toBe("file");
  });
});
