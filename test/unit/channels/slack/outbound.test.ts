/** How texts and buttons are written for Slack, and whose requests and files are Slack's own. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toEmojiName } from "#main/channels/slack/emoji.ts";
import { fromAnswer, fromNetwork } from "#main/channels/slack/failure.ts";
import { isOfSlack } from "#main/channels/slack/files.ts";
import { MANIFEST } from "#main/channels/slack/manifest.ts";
import { toMrkdwn, toPlainText } from "#main/channels/slack/mrkdwn.ts";
import { MAX_TEXT, splitText, toContent } from "#main/channels/slack/outbound.ts";
import { slack } from "#main/channels/slack/slack.ts";
import { parseBody } from "#main/channels/slack/webhook.ts";

describe("mrkdwn", () => {
  it.each([
    ["**bold** *italic* ~~gone~~ `a<b`", "*bold* _italic_ ~gone~ `a&lt;b`"],
    ["# Title\n\ntext", "*Title*\n\ntext"],
    ["# A **b**", "A *b*"],
    ["```js\nif (a < b && c) {}\n```", "```\nif (a &lt; b &amp;&amp; c) {}\n```"],
    ["[docs](https://a.test/?x=1&y=2|3)", "<https://a.test/?x=1&amp;y=2%7C3|docs>"],
    ["https://a.test/x", "<https://a.test/x>"],
    ["[click](javascript:alert(1))", "click"],
    ["> quoted\n> more", "> quoted\n> more"],
    ["- one\n- two", "• one\n• two"],
    ["<!channel> <@U1> <https://evil.test|bank>", "&lt;!channel&gt; &lt;@U1&gt; &lt;https://evil.test|bank&gt;"],
    ["`` a`b ``", "a`b"],
  ])("of %j is %j", (markdown, expected) => {
    expect(toMrkdwn(markdown)).toBe(expected);
  });

  it("holds no mark of Slack's that the text did not have as a link", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."<>&|!@#U1`*_~[]()\n a".split("")) }), (text) => {
        expect(toMrkdwn(text).replace(/<(https?|mailto|tel):[^<>]*>/g, "")).not.toMatch(/<|&(?!amp;|lt;|gt;)/);
      }),
    );
  });

  it("keeps what stands in a block inside it", () => {
    const rendered = toMrkdwn("~~~~\na\n```\n<!here>\n~~~~");
    expect(rendered.match(/```/g)).toHaveLength(2);
    expect(rendered).not.toContain("<!here>");
  });

  it("comes back as the words that were written", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
        expect(toPlainText(escaped, "U0GATE").text).toBe(text.toWellFormed());
      }),
    );
  });
});

describe("a message to slack", () => {
  it("shows its buttons below its words", () => {
    const buttons = [
      { label: "Allow once", data: "a:1:once", style: "primary" as const },
      { label: "Deny", data: "a:1:deny" },
    ];
    const elements = [
      {
        type: "button",
        action_id: "button-0",
        text: { type: "plain_text", text: "Allow once", emoji: true },
        value: "a:1:once",
        style: "primary",
      },
      {
        type: "button",
        action_id: "button-1",
        text: { type: "plain_text", text: "Deny", emoji: true },
        value: "a:1:deny",
      },
    ];
    expect(toContent({ text: "**May I?**", buttons })).toEqual({
      text: "*May I?*",
      attachments: [{ blocks: [{ type: "actions", elements }] }],
    });
    expect(toContent({ text: "plain" })).toEqual({ text: "plain", attachments: [] });
  });

  it("[G20] [CH-26] is cut where its rendered text would be too long, code blocks closed, no character broken", () => {
    const parts = splitText(`\`\`\`\n${"<🦀>\n".repeat(12_000)}\`\`\``);
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) {
      const rendered = toMrkdwn(part);
      expect(rendered.length).toBeLessThanOrEqual(MAX_TEXT);
      expect(rendered.isWellFormed()).toBe(true);
      expect(rendered).toMatch(/^```\n[^]*\n```$/);
    }
    expect(parts.join("").match(/🦀/gu)).toHaveLength(12_000);
  });

  it.each([
    ["👍", "+1"],
    ["❤", "heart"],
    [":party_parrot:", "party_parrot"],
    ["eyes", "eyes"],
    ["🦀", undefined],
    ["a b", undefined],
  ])("reacts with %j by the name %j", (emoji, name) => {
    expect(toEmojiName(emoji)).toBe(name);
  });
});

describe("a failure of slack", () => {
  it("never repeats what an unknown server said", () => {
    const error = fromAnswer("chat.postMessage", { error: "<html>token=xoxb-1-secret</html>" });
    expect(error.failure).toBe("unknown");
    expect(error.message).not.toContain("secret");
    const network = fromNetwork("auth.test", new Error("cannot reach wss://x.test/?ticket=secret"), true);
    expect(network.message).not.toContain("secret");
  });

  it.each([
    ["ECONNREFUSED", "retry"],
    ["ENOTFOUND", "retry"],
    ["UND_ERR_CONNECT_TIMEOUT", "retry"],
    ["CERT_HAS_EXPIRED", "retry"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "retry"],
    ["ECONNRESET", "unknown"],
    ["UND_ERR_SOCKET", "unknown"],
    ["UND_ERR_HEADERS_TIMEOUT", "unknown"],
  ])("with %s is %s", (code, failure) => {
    const thrown = new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) });
    expect(fromNetwork("chat.postMessage", thrown, true).failure).toBe(failure);
    expect(fromNetwork("chat.postMessage", thrown, false).failure).toBe("retry");
  });

  it.each(["constructor", "something_new"])("with the code %s is a refusal", (code) => {
    expect(fromAnswer("chat.postMessage", { error: code })).toMatchObject({
      failure: "rejected",
      message: `Slack refused chat.postMessage: ${code}.`,
    });
  });
});

describe("slack's own addresses", () => {
  it.each([
    ["https://files.slack.com/files-pri/T1-F1/a.png", true],
    ["https://slack.com/x", true],
    ["https://files.slack-gov.com/x", true],
    ["http://127.0.0.1:1234/files", true],
    ["http://127.0.0.1:1235/files", false],
    ["http://files.slack.com/x", false],
    ["https://evilslack.com/x", false],
    ["https://slack.com.evil.test/x", false],
    ["https://slack.com@evil.test/x", false],
    ["https://user@files.slack.com/x", false],
    ["https://files.slack.com:8443/x", false],
    ["javascript:alert(1)", false],
    ["not an address", false],
  ])("%s: %s", (address, expected) => {
    expect(isOfSlack(address, "http://127.0.0.1:1234/api/")).toBe(expected);
  });

  it.each([
    ["application/json", '{"a":1}', { a: 1 }],
    ["application/json; charset=utf-8", '{"a":1}', { a: 1 }],
    ["application/x-www-form-urlencoded", "command=%2Fgatehouse&text=a+b", { command: "/gatehouse", text: "a b" }],
    ["application/x-www-form-urlencoded", "payload=%7B%22a%22%3A1%7D", { a: 1 }],
    ["application/json", "{", undefined],
    ["application/x-www-form-urlencoded", "payload=%7B", undefined],
  ])("%s is read: %s", (type, body, expected) => {
    expect(parseBody({ "content-type": type }, new Uint8Array(Buffer.from(body)))).toEqual(expected);
  });
});

describe("the settings of slack", () => {
  const whole = { botToken: "xoxb-1", appToken: "xapp-1", mode: "socket" as const, apiUrl: "https://slack.com/api/" };

  it.each([
    [{}, undefined],
    [{ botToken: "" }, /^botToken is missing/],
    [{ botToken: "xoxp-1" }, /^botToken must/],
    [{ appToken: "xoxb-1" }, /^appToken must/],
    [{ mode: "http" as const }, /^signingSecret/],
    [{ mode: "http" as const, signingSecret: "s", appToken: "" }, undefined],
    [{ apiUrl: "slack.com" }, /^apiUrl/],
    [{ apiUrl: "file:///x" }, /^apiUrl/],
  ])("%j", (change, says) => {
    const problem = slack.check({ ...whole, ...change });
    if (says === undefined) expect(problem).toBeUndefined();
    else expect(problem).toMatch(says);
  });

  it("come with a manifest that switches on all that the channel uses", () => {
    const manifest = JSON.parse(MANIFEST) as Record<string, Record<string, unknown>>;
    expect(manifest["settings"]).toMatchObject({ socket_mode_enabled: true, interactivity: { is_enabled: true } });
    expect(manifest["features"]).toMatchObject({ app_home: { messages_tab_enabled: true } });
    expect(slack.setup[0]).toContain(MANIFEST);
  });
});
