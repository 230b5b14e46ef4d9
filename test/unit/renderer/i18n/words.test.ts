/** Every word a person reads goes through the dictionaries, and the dictionaries hold nothing else. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "oxc-parser";
import { describe, expect, it } from "vitest";
import { toCompact, toCost, toDateGroup, toDistance, toDuration } from "#renderer/i18n/format.ts";
import { de } from "#renderer/i18n/locales/de.ts";
import { en } from "#renderer/i18n/locales/en.ts";
import { ja } from "#renderer/i18n/locales/ja.ts";
import { zh } from "#renderer/i18n/locales/zh.ts";
import { toLanguage } from "#renderer/gateway/storage.ts";

const ROOT = join(import.meta.dirname, "../../../../src-renderer");

function sources(folder = ROOT): { path: string; text: string }[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "locales" ? [] : sources(path);
    return /\.tsx?$/.test(entry.name) ? [{ path, text: readFileSync(path, "utf8") }] : [];
  });
}

const keys = Object.entries(en).flatMap(([area, words]) => Object.keys(words).map((key) => `${area}.${key}`));
const bare = (key: string) => key.replace(/_(?:one|other)$/, "");
const tree = (language: object) =>
  JSON.stringify(language, (_, value: unknown) => (typeof value === "string" ? "" : value));

/** Words between tags, and in attributes that are read out, of one file. */
function looseWords(path: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if (Array.isArray(node)) return node.forEach(visit);
    const { type, value, name } = node as { type?: string; value?: unknown; name?: { name?: string } };
    if (type === "JSXText" && /\p{L}{2,}/u.test(String(value))) found.push(String(value).trim());
    if (type === "JSXAttribute" && /^(?:aria-label|title|alt|placeholder|label)$/.test(name?.name ?? "")) {
      const inner = value as { type?: string; value?: unknown } | null;
      if (inner?.type === "Literal" && /\p{L}{2,}/u.test(String(inner.value))) found.push(String(inner.value));
    }
    return Object.values(node).forEach(visit);
  };
  visit(parseSync(path, text).program);
  return found;
}

/** What may stand as it is: an example of a name or an address, in any language, and a command. */
const EXAMPLES = ["gatehouse open", "ollama", "http://localhost:11434/v1"];

describe("the words", () => {
  it("have the same keys in every language", () => {
    for (const language of [de, zh, ja]) expect(tree(language)).toBe(tree(en));
  });

  it("have the same gaps to fill in every language", () => {
    const gaps = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();
    for (const language of [de, zh, ja]) {
      for (const [area, words] of Object.entries(en)) {
        for (const [key, text] of Object.entries(words)) {
          const other = (language as unknown as Record<string, Record<string, string>>)[area]?.[key] ?? "";
          expect([area, key, gaps(other)]).toEqual([area, key, gaps(text)]);
        }
      }
    }
  });

  it("are all used", () => {
    const all = sources()
      .map((file) => file.text)
      .join("\n");
    const patterns = [...all.matchAll(/t\(`([\w.]+)\$\{[^}]+\}(\w*)`/g)].map(([, head = "", tail = ""]) => ({
      head,
      tail,
    }));
    const isUsed = (key: string) =>
      all.includes(`"${key}"`) || patterns.some(({ head, tail }) => key.startsWith(head) && key.endsWith(tail));
    expect(keys.map(bare).filter((key) => !isUsed(key))).toEqual([]);
  });

  it("are all there", () => {
    const known = new Set(keys.map(bare));
    const asked = sources().flatMap((file) =>
      [...file.text.matchAll(/\bt\("([\w.]+)"/g)].map((match) => match[1] ?? ""),
    );
    expect(asked.length).toBeGreaterThan(200);
    expect(asked.filter((key) => !known.has(key))).toEqual([]);
  });

  it("stand nowhere else", () => {
    const loose = sources().flatMap((file) => looseWords(file.path, file.text));
    expect(loose.filter((word) => !EXAMPLES.includes(word))).toEqual([]);
  });

  it("are found when they do stand in a component", () => {
    expect(looseWords("x.tsx", "export const X = () => <p aria-label='Hidden words'>Some words</p>;")).toEqual([
      "Hidden words",
      "Some words",
    ]);
  });
});

describe("the language", () => {
  it("is the first one of the browser that we speak", () => {
    expect(toLanguage(["fr-FR", "de-AT", "en"])).toBe("de");
    expect(toLanguage(["zh-Hans-CN"])).toBe("zh");
    expect(toLanguage([])).toBe("en");
  });
});

describe("figures", () => {
  it("are written in the language and never rounded to nothing", () => {
    expect(toCompact(12_345, "en")).toBe("12.3K");
    expect(toCost(0.0042, "en")).toBe("$0.0042");
    expect(toDuration(3_725_000, "en")).toBe("1 hr 2 min");
    expect(toDuration(0, "en")).toBe("0 sec");
  });

  it("say how far away a time is in its largest unit, never in seconds", () => {
    expect(toDistance(0, 20_000, "en")).toBe("now");
    expect(toDistance(0, 200_000, "en")).toBe("3 min. ago");
    expect(toDistance(7_300_000, 0, "en")).toBe("in 2 hr.");
    expect(toDistance(0, 90_000_000, "de")).toBe("gestern");
  });

  it("group days by the calendar of this computer", () => {
    const now = new Date(2026, 10, 20, 1).getTime();
    expect(toDateGroup(now - 2 * 3_600_000, now)).toBe("yesterday");
    expect(toDateGroup(now - 40 * 86_400_000, now)).toBe("older");
  });
});
