/**
 * Small things a person would miss after a reload: drafts, unsent messages, the open conversation, and how the app
 * looks. Must never hold a credential or an answer.
 */

import type { Outgoing } from "./chat-model.ts";

export type ThemeChoice = "light" | "dark" | "system";
export type Language = "en" | "de" | "zh" | "ja";

export interface Preferences {
  theme: ThemeChoice;
  /** Factor on all sizes: 1 is normal. */
  zoom: number;
  language: Language;
}

/** The part of the browser's storage that is used; a map in tests. */
export type TextStore = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const PREFIX = "gatehouse.";

/** Reads JSON; anything unreadable counts as absent. */
export function readJson<T>(store: TextStore, name: string): Partial<T> | undefined {
  try {
    const text = store.getItem(PREFIX + name);
    return text === null ? undefined : (JSON.parse(text) as Partial<T>);
  } catch {
    return undefined;
  }
}

/** Writes JSON; a full or forbidden storage is not an error worth a word. */
export function writeJson(store: TextStore, name: string, value: unknown): void {
  try {
    if (value === undefined) store.removeItem(PREFIX + name);
    else store.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // A draft is a convenience: without storage it lives as long as the page.
  }
}

/** The nearest language we speak to what the browser asks for. */
export function toLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const base = tag.toLowerCase().split("-")[0];
    if (base === "en" || base === "de" || base === "zh" || base === "ja") return base;
  }
  return "en";
}

export function readPreferences(store: TextStore, wanted: readonly string[]): Preferences {
  const kept = readJson<Preferences>(store, "preferences") ?? {};
  const isTheme = kept.theme === "light" || kept.theme === "dark";
  return {
    theme: isTheme && kept.theme ? kept.theme : "system",
    zoom: typeof kept.zoom === "number" && kept.zoom >= 0.8 && kept.zoom <= 1.6 ? kept.zoom : 1,
    language: toLanguage([kept.language ?? "", ...wanted]),
  };
}

/** Messages that the gateway has not committed, so that a reload or a crash of the window does not lose them. */
export function writeUnsent(store: TextStore, sessionKey: string, items: readonly Outgoing[]): void {
  const kept = items.filter((item) => item.state !== "sent");
  writeJson(store, `unsent.${sessionKey}`, kept.length > 0 ? { items: kept } : undefined);
}

/** What was not sent when the window was last here. It may have arrived after all: the history tells. */
export function readUnsent(store: TextStore, sessionKey: string): Outgoing[] {
  const items = readJson<{ items: Outgoing[] }>(store, `unsent.${sessionKey}`)?.items;
  return Array.isArray(items) ? items.map((item) => ({ ...item, state: "failed" })) : [];
}

export function readDraft(store: TextStore, sessionKey: string): string {
  return readJson<{ text: string }>(store, `draft.${sessionKey}`)?.text ?? "";
}

export function writeDraft(store: TextStore, sessionKey: string, text: string): void {
  writeJson(store, `draft.${sessionKey}`, text === "" ? undefined : { text });
}
