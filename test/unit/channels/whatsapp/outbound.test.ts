/** What the assistant writes, as WhatsApp shows it. */
import { describe, expect, it } from "vitest";
import * as outbound from "#main/channels/whatsapp/outbound.ts";

describe("markup", () => {
  it.each([
    ["# Title\n\ntext", "*Title*\n\ntext"],
    ["- a\n- b", "• a\n• b"],
    ["```js\nlet *x*;\n```", "```let *x*;```"],
    ["> quoted", "> quoted"],
    ["[site](https://example.org)", "site (https://example.org)"],
    ["<https://example.org>", "https://example.org"],
    ["snake_case and 2 * 3", "snake_case and 2 * 3"],
    ["a \\*star\\*", "a *\u200Bstar*\u200B"],
  ])("writes %j as %j", (markdown, text) => {
    expect(outbound.render(markdown)).toBe(text);
  });

  it("cuts what is too long for one message", () => {
    const parts = outbound.split("word ".repeat(30_000));
    expect(parts.length).toBe(3);
    for (const part of parts) expect(outbound.render(part).length).toBeLessThanOrEqual(outbound.MAX_TEXT);
  });
});

describe("contents", () => {
  it("gives one message the same id at each try, and every other one another", () => {
    const id = outbound.toMessageId("k", "a@g.us", 0);
    expect(id).toMatch(/^3EB0[0-9A-F]{18}$/);
    expect(outbound.toMessageId("k", "a@g.us", 0)).toBe(id);
    const others = [outbound.toMessageId("k", "a@g.us", 1), outbound.toMessageId("k", "b@g.us", 0)];
    expect(new Set([id, ...others]).size).toBe(3);
  });

  it("quotes with the words where they are known", () => {
    const known = { fromMe: false, author: "1@s.whatsapp.net", message: { conversation: "before" } };
    const group = { id: "2@g.us", kind: "group" as const };
    const { contextInfo } =
      outbound.toTextContent("x", outbound.toQuote(group, "3A01", known)).extendedTextMessage ?? {};
    expect(contextInfo).toMatchObject({ stanzaId: "3A01", quotedMessage: { conversation: "before" } });
    expect(outbound.toQuote(group, "3A01", undefined)).toEqual({});
    const { contextInfo: direct } = outbound.toQuote({ id: "1@lid", kind: "direct" }, "3A01", undefined);
    expect(direct).toMatchObject({ stanzaId: "3A01", participant: "1@lid" });
  });

  it("writes words under pictures when they are short, never under a voice", () => {
    expect(outbound.fitsCaption("image", "short")).toBe(true);
    expect(outbound.fitsCaption("image", "x".repeat(1025))).toBe(false);
    expect(outbound.fitsCaption("voice", "")).toBe(false);
  });
});
