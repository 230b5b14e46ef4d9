/**
 * All words of the interface. English is there from the start; another language is fetched when it is chosen. Must never
 * load anything from outside the app.
 */
import { createInstance, type i18n } from "i18next";
import { initReactI18next } from "react-i18next";
import type { Language } from "../gateway/storage.ts";
import { en, type Words } from "./locales/en.ts";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en };
  }
}

/** Their own names, for the choice of a language. */
export const LANGUAGES: readonly { value: Language; label: string }[] = [
  { value: "en", label: "English" },
  { value: "de", label: "Deutsch" },
  { value: "zh", label: "简体中文" },
  { value: "ja", label: "日本語" },
];

async function load(language: Language): Promise<Words> {
  if (language === "de") return (await import("./locales/de.ts")).de;
  if (language === "zh") return (await import("./locales/zh.ts")).zh;
  if (language === "ja") return (await import("./locales/ja.ts")).ja;
  return en;
}

/** Switches the words; English stands in for what is missing. */
export async function setLanguage(words: i18n, language: Language): Promise<void> {
  if (!words.hasResourceBundle(language, "translation")) {
    words.addResourceBundle(language, "translation", await load(language));
  }
  await words.changeLanguage(language);
  document.documentElement.lang = language === "zh" ? "zh-Hans" : language;
}

/** The words of one app. */
export function createWords(): i18n {
  const words = createInstance();
  void words.use(initReactI18next).init({
    lng: "en",
    fallbackLng: "en",
    initAsync: false,
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
  });
  return words;
}
