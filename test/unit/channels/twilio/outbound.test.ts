/** Markdown for WhatsApp. */
import { describe, expect, it } from "vitest";
import { MAX_TEXT, render, split } from "#main/channels/twilio/outbound.ts";

describe("a text for WhatsApp", () => {
  it.each([
    ["**bold** *it* ~~no~~", "*bold* _it_ ~no~"],
    ["# Title **x**", "*Title x*"],
    ["use `a_b`", "use ```a_b```"],
    ["```ts\nlet x;\n```", "```let x;```"],
    ["[docs](https://x.example)", "docs (https://x.example)"],
    ["> said", "> said"],
    ["<b>&amp;", "<b>&"],
  ])("is written as WhatsApp shows it: %s", (markdown, text) => {
    expect(render(markdown)).toBe(text);
  });

  it("fits once rendered", () => {
    const parts = split("**a** ".repeat(2000));
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts) expect(render(part).length).toBeLessThanOrEqual(MAX_TEXT);
  });
});
