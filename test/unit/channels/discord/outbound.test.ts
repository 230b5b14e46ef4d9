/** Discord's Markdown as it leaves, and the body of a message. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { render, split, toBody, toContent } from "#main/channels/discord/outbound.ts";

const chat = { id: "1", kind: "direct" as const };

describe("render", () => {
  it.each([
    ["**b** *i* ~~d~~ `c`", "**b** *i* ~~d~~ `c`"],
    ["# Title\n\ntext", "### Title\n\ntext"],
    ["> said", "> said"],
    ["- one\n- two", "• one\n• two"],
    ["```ts\nconst a = 1;\n```", "```ts\nconst a = 1;\n```"],
    ["[docs](https://example.org/a_b)", "[docs](<https://example.org/a_b>)"],
    ["https://example.org/a_b", "<https://example.org/a_b>"],
    ["[https://good.example](https://evil.example)", "<https://evil.example>"],
    ["[mail](mailto:a@example.org)", "mail (mailto:a@example.org)"],
    ["[x](javascript:alert(1))", "x"],
  ])("writes %j as %j", (markdown, text) => {
    expect(render(markdown)).toBe(text);
  });

  it.each([
    ["a*b a_b a~b a|b a<b", "a\\*b a\\_b a\\~b a\\|b a\\<b"],
    ["<@123> <#4> <:e:5>", "\\<@123> \\<#4> \\<:e:5>"],
    ["\\# no title", "\\# no title"],
    ["||hidden||", "\\|\\|hidden\\|\\|"],
    ["`` a`b ``", "`` a`b ``"],
    ["````\n```\n````\n", "```\n`\u200B``\n```"],
  ])("shows %j as it is written", (markdown, text) => {
    expect(render(markdown)).toBe(text);
  });

  it("lets no code end its own block", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("`", "``", "```", "\n", "a"), { maxLength: 20 }), (pieces) => {
        const written = render(`~~~\n${pieces.join("")}\n~~~`);
        expect(written.slice(3, -3)).not.toContain("```");
      }),
    );
  });
});

describe("split", () => {
  it("keeps every part within 2000 once rendered", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("word ", "_*_", "\n\n", "```\n", "\u{1F980}", "<@1>"), { maxLength: 1500 }),
        (pieces) => {
          for (const part of split(pieces.join(""))) expect(render(part).length).toBeLessThanOrEqual(2000);
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe("toBody", () => {
  it("gives each message a nonce of its key and pings nobody", () => {
    const body = toBody({ chat, text: "hi @everyone", idempotencyKey: "k", replyTo: "9" });
    expect(body).toMatchObject({
      content: "hi @everyone",
      enforce_nonce: true,
      allowed_mentions: { parse: [] },
      message_reference: { message_id: "9", fail_if_not_exists: false },
    });
    expect(body.nonce).toHaveLength(25);
    expect(toBody({ chat, text: "other", idempotencyKey: "k" }).nonce).toBe(body.nonce);
    expect(toBody({ chat, text: "hi", idempotencyKey: "l" }).nonce).not.toBe(body.nonce);
  });

  it("puts at most five buttons into a row", () => {
    const buttons = Array.from({ length: 7 }, (_, i) => ({ label: `b${i}`, data: `d${i}` }));
    const { components } = toContent({ text: "x", buttons });
    expect(components.map((row) => row.components.length)).toEqual([5, 2]);
    expect(components[0]?.components[0]).toEqual({ type: 2, style: 2, label: "b0", custom_id: "d0" });
  });
});
