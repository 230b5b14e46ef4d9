import fc from "fast-check";
import { expect, it } from "vitest";
import { PLAIN, renderMarkdown, type Markup } from "#main/base/text/markup.ts";

const MARKS: Markup = {
  text: (plain) => plain.replaceAll("<", "&lt;"),
  strong: (inner) => `<b>${inner}</b>`,
  em: (inner) => `<i>${inner}</i>`,
  del: (inner) => `<s>${inner}</s>`,
  code: (plain) => `<code>${plain}</code>`,
  codeBlock: (plain, language) => `<pre ${language}>${plain}</pre>`,
  link: (inner, url) => `<a ${url}>${inner}</a>`,
  heading: (inner) => `<h>${inner}</h>`,
  quote: (inner) => `<q>${inner}</q>`,
};

it.each([
  ["**bold** *it* ~~gone~~ `x<y`", "<b>bold</b> <i>it</i> <s>gone</s> <code>x<y</code>"],
  ["# Title\n\ntext", "<h>Title</h>\n\ntext"],
  ["one\ntwo\n\nthree", "one\ntwo\n\nthree"],
  ["- a\n- b\n  - c\n\n1. x\n2. y", "• a\n• b\n  • c\n\n1. x\n2. y"],
  ["- [x] done\n- [ ] open", "☑ done\n☐ open"],
  ["> said", "<q>said</q>"],
  ["```ts\na < b\n```", "<pre ts>a < b</pre>"],
  ["[here](https://x.org) [there](javascript:1)", "<a https://x.org>here</a> there"],
  ["a < b & <b>no html</b>", "a &lt; b & &lt;b>no html&lt;/b>"],
  ["| a | b |\n|---|---|\n| 1 | **22** |", "<pre >a  b\n1  22</pre>"],
])("[G20] writes %j in another place's markup", (markdown, rendered) => {
  expect(renderMarkdown(markdown, MARKS)).toBe(rendered);
});

it("[G20] leaves words and addresses where nothing can be marked", () => {
  expect(renderMarkdown("**See** [the page](https://x.org), `x` and https://y.org", PLAIN)).toBe(
    "See the page (https://x.org), x and https://y.org",
  );
});

it("[CH-26] renders any text without failing, into whole characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      expect(renderMarkdown(text, MARKS).isWellFormed()).toBe(true);
    }),
  );
});
