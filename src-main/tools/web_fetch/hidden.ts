/**
 * Takes out of a page what a person would not see: text for the model alone is how pages give it orders. Judges the
 * page's own words (attributes, inline styles, simple style sheets); must never load anything to find out.
 */
import { descendants, isElement, type PageDocument, type PageElement, type PageNode } from "./dom.ts";

/** Elements that show no text of their own, or another page's. */
const SILENT =
  /^(SCRIPT|STYLE|NOSCRIPT|TEMPLATE|IFRAME|FRAME|FRAMESET|OBJECT|EMBED|APPLET|SVG|MATH|CANVAS|AUDIO|VIDEO|INPUT|TEXTAREA|SELECT|DATALIST|DIALOG|LINK|META|BASE|SLOT|PORTAL)$/;
/** Class names by which style sheets far away hide text. */
const HIDING_CLASS =
  /(^|\s)(sr-only|visually-?hidden|screen-reader-text|hidden|d-none|invisible|is-hidden|u-hidden)(\s|$)/i;
/** Rules of a page's own style sheets that are looked at. */
const MAX_RULES = 2_000;
/** Of these, selectors that hide something; each is looked for in the whole page. */
const MAX_SELECTORS = 100;
const MAX_SHEET = 300_000;
const WHITE = /^(#fff|#ffff|#ffffff|#ffffffff|white|snow|ivory|rgba?\(255,?\s*255,?\s*255.*\)|hsl\(.*100%\))$/i;

/** Removes, in place, comments, silent elements and what is hidden. */
export function stripHidden(document: PageDocument): void {
  const root = document.documentElement ?? document;
  const doomed = new Set<PageNode>(hiddenBySheets(document));
  for (const [node] of descendants(root)) {
    // Text stays with its element; comments, instructions and the like go.
    if (isElement(node) ? isHidden(node) : node.nodeType !== 3) doomed.add(node);
  }
  for (const node of doomed) node.remove();
}

function isHidden(element: PageElement): boolean {
  const name = element.nodeName.toUpperCase();
  if (name === "BODY" || name === "HTML" || name === "HEAD" || name === "TITLE") return false;
  if (SILENT.test(name) || element.hasAttribute("hidden") || element.hasAttribute("inert")) return true;
  if (element.getAttribute("aria-hidden")?.trim().toLowerCase() === "true") return true;
  if (HIDING_CLASS.test(element.getAttribute("class") ?? "")) return true;
  if (WHITE.test(element.getAttribute("color")?.trim() ?? "")) return true;
  const style = element.getAttribute("style");
  return style !== null && hides(style);
}

/** True when the declarations of one style make text unseen. */
export function hides(style: string): boolean {
  const declared = declarationsOf(style);
  const get = (name: string) => declared.get(name) ?? "";
  if (get("display") === "none" || /^(hidden|collapse)$/.test(get("visibility"))) return true;
  if (get("content-visibility") === "hidden") return true;
  if (isAtMost(get("opacity"), 0.1) || isAtMost(get("font-size"), 2) || isAtMost(get("zoom"), 0.1)) return true;
  const isBoxed = ["width", "height", "max-width", "max-height"].some((side) => isAtMost(get(side), 1));
  if (isBoxed && (/hidden|clip/.test(get("overflow")) || get("position") === "absolute")) return true;
  if (/^(inset\((50|100)%|circle\(0|polygon\(0)/.test(get("clip-path"))) return true;
  if (/^rect\((0|1)(px)?[\s,]+(0|1)(px)?[\s,]+(0|1)(px)?[\s,]+(0|1)(px)?\)/.test(get("clip"))) return true;
  if (/(scale[xy]?\(0(\.0\d*)?[,)])|translate[xy]?\(-\d{3,}/.test(get("transform"))) return true;
  if (["left", "top", "right", "bottom", "text-indent", "margin-left", "margin-top"].some((at) => isFarOff(get(at))))
    return true;
  return (
    isSameColour(get("color"), get("background-color") || get("background")) ||
    get("-webkit-text-fill-color") === "transparent"
  );
}

function declarationsOf(style: string): Map<string, string> {
  const declared = new Map<string, string>();
  for (const declaration of style
    .replace(/\/\*[\s\S]{0,1000}?\*\//g, "")
    .split(";")
    .slice(0, 100)) {
    const colon = declaration.indexOf(":");
    if (colon < 0) continue;
    const value = declaration
      .slice(colon + 1)
      .replace(/!\s*important/i, "")
      .trim()
      .toLowerCase();
    declared.set(declaration.slice(0, colon).trim().toLowerCase(), value);
  }
  return declared;
}

/** A number, in pixels or without a unit or in any unit when it is nothing. */
function isAtMost(value: string, most: number): boolean {
  const match = /^(-?[\d.]+)([a-z%]*)$/.exec(value);
  if (match?.[1] === undefined) return false;
  const size = Number(match[1]);
  if (match[2] === "%") return size <= most;
  return size <= 0 || (size <= most && (match[2] === "" || match[2] === "px" || match[2] === "pt"));
}

function isFarOff(value: string): boolean {
  const match = /^-([\d.]+)(px|em|rem|pt|vw|vh|%)?$/.exec(value);
  if (match?.[1] === undefined) return false;
  const size = Number(match[1]);
  return match[2] === "px" || match[2] === "pt" ? size >= 200 : size >= 20 && match[2] !== undefined;
}

/** Transparent, the colour behind it, or white where nothing says that the page is dark. */
function isSameColour(colour: string, background: string): boolean {
  if (colour === "") return false;
  if (colour === "transparent" || /^(rgba|hsla)\(.*,\s*0(\.0\d*)?\s*\)$/.test(colour)) return true;
  if (background !== "" && colour === background.split(" ")[0]) return true;
  return WHITE.test(colour) && (background === "" || WHITE.test(background));
}

/** Elements that a style sheet in the page hides by a plain selector. Media queries are left out: they may not apply. */
function hiddenBySheets(document: PageDocument): PageElement[] {
  const selectors = new Set<string>();
  let rules = 0;
  for (const sheet of document.querySelectorAll("style")) {
    const text = withoutBlocks((sheet.textContent ?? "").slice(0, MAX_SHEET).replace(/\/\*[\s\S]*?(\*\/|$)/g, ""));
    for (const match of text.matchAll(/([^{}]{1,500})\{([^{}]{0,2000})\}/g)) {
      if (++rules > MAX_RULES || selectors.size >= MAX_SELECTORS) break;
      if (hides(match[2] ?? "")) for (const one of (match[1] ?? "").split(",")) selectors.add(one.trim());
    }
  }
  return [...selectors].slice(0, MAX_SELECTORS).flatMap((selector) => select(document, selector));
}

/** A sheet without `@media {…}` and its like. */
function withoutBlocks(sheet: string): string {
  let result = "";
  let depth = 0;
  let isAtRule = false;
  let start = 0;
  for (let at = 0; at < sheet.length; at++) {
    const character = sheet[at];
    if (character === "{") {
      if (depth === 0) isAtRule = sheet.slice(start, at).trim().startsWith("@");
      depth += 1;
    } else if (character === "}" || (character === ";" && depth === 0)) {
      depth = character === "}" ? Math.max(0, depth - 1) : 0;
      if (depth > 0) continue;
      if (!isAtRule && character === "}") result += sheet.slice(start, at + 1);
      isAtRule = false;
      start = at + 1;
    }
  }
  return result;
}

/** Only selectors of names, classes, ids and simple attributes: the others may mean a state that is not now. */
function select(document: PageDocument, selector: string): PageElement[] {
  if (!/^[\w.#\s>*-]{1,100}$/.test(selector) || /^(html|body|\*|head)$/i.test(selector)) return [];
  try {
    const found = [...document.querySelectorAll(selector)];
    return found.filter((element) => !/^(HTML|BODY|HEAD|TITLE)$/i.test(element.nodeName));
  } catch {
    return [];
  }
}
