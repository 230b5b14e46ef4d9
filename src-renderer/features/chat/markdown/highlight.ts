/**
 * Colours code, off the first load: Shiki with its JavaScript engine (no WASM, no eval) and one small file per language,
 * fetched when a block needs it. Colours are names of `styles.css`. Must never run what it colours.
 */
import { createContext } from "react";
import type { HighlighterCore, LanguageInput } from "shiki/core";

type Loader = () => Promise<{ default: LanguageInput }>;

const LANGUAGES: Record<string, Loader> = {
  bash: () => import("shiki/langs/bash.mjs"),
  c: () => import("shiki/langs/c.mjs"),
  cpp: () => import("shiki/langs/cpp.mjs"),
  csharp: () => import("shiki/langs/csharp.mjs"),
  css: () => import("shiki/langs/css.mjs"),
  diff: () => import("shiki/langs/diff.mjs"),
  docker: () => import("shiki/langs/docker.mjs"),
  go: () => import("shiki/langs/go.mjs"),
  html: () => import("shiki/langs/html.mjs"),
  java: () => import("shiki/langs/java.mjs"),
  javascript: () => import("shiki/langs/javascript.mjs"),
  json: () => import("shiki/langs/json.mjs"),
  kotlin: () => import("shiki/langs/kotlin.mjs"),
  lua: () => import("shiki/langs/lua.mjs"),
  markdown: () => import("shiki/langs/markdown.mjs"),
  php: () => import("shiki/langs/php.mjs"),
  powershell: () => import("shiki/langs/powershell.mjs"),
  python: () => import("shiki/langs/python.mjs"),
  ruby: () => import("shiki/langs/ruby.mjs"),
  rust: () => import("shiki/langs/rust.mjs"),
  sql: () => import("shiki/langs/sql.mjs"),
  swift: () => import("shiki/langs/swift.mjs"),
  toml: () => import("shiki/langs/toml.mjs"),
  tsx: () => import("shiki/langs/tsx.mjs"),
  typescript: () => import("shiki/langs/typescript.mjs"),
  xml: () => import("shiki/langs/xml.mjs"),
  yaml: () => import("shiki/langs/yaml.mjs"),
};

const ALIASES: Record<string, string> = {
  "c#": "csharp",
  "c++": "cpp",
  cs: "csharp",
  dockerfile: "docker",
  htm: "html",
  js: "javascript",
  jsonc: "json",
  json5: "json",
  jsx: "tsx",
  kt: "kotlin",
  md: "markdown",
  mjs: "javascript",
  ps1: "powershell",
  py: "python",
  rb: "ruby",
  rs: "rust",
  sh: "bash",
  shell: "bash",
  svg: "xml",
  ts: "typescript",
  yml: "yaml",
  zsh: "bash",
};

/** Longer blocks stay uncoloured: colouring them would hold up the window. */
const MAX_CHARS = 60_000;

/** Hands the one painter to every code block. */
export const PainterContext = createContext<ReturnType<typeof createCodePainter> | undefined>(undefined);

/** One painter for the window; its languages are loaded once each. */
export function createCodePainter() {
  let core: Promise<HighlighterCore> | undefined;
  const start = async (): Promise<HighlighterCore> => {
    const [shiki, engine] = await Promise.all([import("shiki/core"), import("shiki/engine/javascript")]);
    return shiki.createHighlighterCore({
      themes: [shiki.createCssVariablesTheme({ name: "house", variablePrefix: "--code-", fontStyle: true })],
      langs: [],
      engine: engine.createJavaScriptRegexEngine({ forgiving: true }),
    });
  };
  return {
    /** The coloured lines, or undefined for a language we do not know. */
    async paint(code: string, language: string) {
      const wanted = language.toLowerCase();
      const name = ALIASES[wanted] ?? wanted;
      const load = LANGUAGES[name];
      if (!load || code.length > MAX_CHARS) return undefined;
      core ??= start();
      const painter = await core;
      if (!painter.getLoadedLanguages().includes(name)) await painter.loadLanguage((await load()).default);
      return painter.codeToTokensBase(code, { lang: name, theme: "house" });
    },
  };
}
