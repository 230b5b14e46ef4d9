import { describe, expect, it } from "vitest";
import { hides } from "#main/tools/web_fetch/hidden.ts";
import { readPage } from "#main/tools/web_fetch/page.ts";

const read = (html: string, given: { main?: boolean; links?: boolean } = {}) =>
  readPage({
    html,
    url: "https://site.test/dir/page",
    extractMain: given.main ?? false,
    includeLinks: given.links ?? false,
  });
const PARAGRAPH = "<p>A paragraph of the article, long enough that it counts, with commas, and so on, and on.</p>";

describe("a page as text", () => {
  it("[H10] keeps headings, lists, quotes, code and tables", () => {
    const html = `<html><head><title> A  title </title></head><body><h1>One</h1><p>First <b>bold</b>&nbsp;text<br>next line</p>
      <h3>Three</h3><ul><li>a<ul><li>deep</li></ul></li><li><p>b</p></li></ul><ol><li>x</li><li>y</li></ol>
      <blockquote><p>said</p><p>more</p></blockquote><pre><code>if (a) {\n  b();\n}</code></pre><p>Use <code>npm</code>.</p>
      <table><tr><th>k</th><th>v</th></tr><tr><td>a</td><td> 1\n2 </td></tr></table><hr><div>end</div></body></html>`;
    expect(read(html)).toEqual({
      title: "A title",
      text: [
        "# One",
        "First bold text\nnext line",
        "### Three",
        "- a\n  - deep\n- b",
        "1. x\n2. y",
        "> said\n>\n> more",
        "```\nif (a) {\n  b();\n}\n```",
        "Use `npm`.",
        "k | v\na | 1 2",
        "---",
        "end",
      ].join("\n\n"),
    });
  });
  it("[H10] takes the main part, or the whole page when asked to", () => {
    const html = `<html><head><title>T</title></head><body><nav><ul><li><a href="/">Home</a></li><li><a href="/b">Menu entry</a></li></ul></nav>
      <article><h2>Story</h2>${PARAGRAPH.repeat(12)}</article><footer>Copyright footer</footer></body></html>`;
    const main = read(html, { main: true }).text;
    expect(main).toContain("A paragraph of the article");
    expect(main).not.toMatch(/Menu entry|Copyright footer/);
    expect(read(html).text).toMatch(/Menu entry[^]*Story[^]*Copyright footer/);
    expect(read("<p>tiny</p>", { main: true }).text).toBe("tiny");
  });
  it("[H10] gives addresses of links only when asked to, and only those of the web", () => {
    const html =
      '<p><a href="../up?a=1">up</a> <a href="https://x.test/">x</a> <a href="javascript:alert(1)">js</a> <a href="#a">a</a> <a href="mailto:a@b.test">m</a><img src="https://t.test/p.png" alt="pic"></p>';
    expect(read(html).text).toBe("up x js a m");
    expect(read(html, { links: true }).text).toBe("[up](https://site.test/up?a=1) [x](https://x.test/) js a m");
  });
  it("copes with what is no page at all", () => {
    for (const html of [
      "",
      "   ",
      "just text",
      "<",
      "<p",
      "</p></html><p>after",
      "<frameset></frameset>",
      "\ud800<p>x",
    ]) {
      expect(read(html, { main: true }).text).toEqual(expect.any(String));
    }
    expect(read("just text").text).toBe("just text");
  });
  it("copes with elements nested without end", () => {
    const deep = `${"<div>".repeat(3_000)}bottom${"</div>".repeat(3_000)}`;
    expect(read(`<body>${deep}</body>`).text).toContain("bottom");
  });
});

describe("hidden text", () => {
  const hidden = [
    '<p style="display:none">X</p>',
    '<p style="DISPLAY : NONE !important">X</p>',
    '<p style="/* a */display:/**/none">X</p>',
    '<span style="visibility:hidden">X</span>',
    '<div style="opacity:0">X</div>',
    '<div style="opacity:0.01">X</div>',
    '<span style="font-size:0">X</span>',
    '<span style="font-size:1px">X</span>',
    '<div style="width:0;height:0;overflow:hidden">X</div>',
    '<div style="position:absolute;left:-9999px">X</div>',
    '<div style="text-indent:-5000px">X</div>',
    '<div style="clip:rect(0,0,0,0);position:absolute">X</div>',
    '<div style="clip-path:inset(100%)">X</div>',
    '<div style="transform:scale(0)">X</div>',
    '<span style="color:white">X</span>',
    '<span style="color:#FFF;background-color:#ffffff">X</span>',
    '<span style="color:#123456;background:#123456 url(x)">X</span>',
    '<span style="color:rgba(0,0,0,0)">X</span>',
    '<font color="#ffffff">X</font>',
    "<p hidden>X</p>",
    "<div inert>X</div>",
    '<p aria-hidden="true">X</p>',
    '<p class="a sr-only">X</p>',
    "<!-- X -->",
    "<noscript>X</noscript>",
    "<template>X</template>",
    "<script>X</script>",
    "<style>X</style>",
    "<textarea>X</textarea>",
    '<input type="hidden" value="X">',
    "<svg><text>X</text><foreignObject><p>X</p></foreignObject></svg>",
    '<iframe srcdoc="X">X</iframe>',
    '<img alt="X"><p title="X" data-x="X" aria-label="X"></p>',
    '<div style="display:none"><div><p>X</p></div></div>',
    "<style>.gone{display:none}</style><p class='gone'>X</p>",
    "<style>@media print{.a{display:none}} #no-one, div.far { position:absolute; left:-9999px }</style><div class='far'>X</div>",
    "<dialog>X</dialog>",
  ];
  it.each(hidden)("[WB-14] is left out: %s", (html) => {
    for (const main of [false, true]) {
      const { text } = read(`<body>${PARAGRAPH}${html}<p>seen</p></body>`, { main });
      expect(text).toContain("seen");
      expect(text).not.toContain("X");
    }
  });
  it("[WB-14] would be read if only tags were taken out", () => {
    const naive = hidden.map((html) => html.replace(/<[^>]*>/g, ""));
    expect(naive.filter((text) => text.includes("X")).length).toBeGreaterThan(25);
  });
  it("is not what a person sees", () => {
    for (const html of [
      '<p style="color:white;background:black">Y</p>',
      '<p style="color:#333">Y</p>',
      '<p style="font-size:12px;opacity:0.8;left:-5px">Y</p>',
      '<p aria-hidden="false" class="hiddenness">Y</p>',
      "<style>@media print{.a{display:none}} .a:hover{display:none}</style><p class='a'>Y</p>",
      "<details><summary>s</summary>Y</details>",
      '<p style="width:0.5em">Y</p>',
    ]) {
      expect([html, read(`<body>${html}</body>`).text.includes("Y")]).toEqual([html, true]);
    }
    expect(hides("color:red;margin-left:-10px")).toBe(false);
  });
});
