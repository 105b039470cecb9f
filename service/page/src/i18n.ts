/** Messages of the page. English is bundled; other languages are loaded on demand. */

import english from "../messages/en.json";

export type Messages = typeof english;
export type MessageKey = { [K in keyof Messages]: Messages[K] extends string ? K : never }[keyof Messages];
export type CountKey = Exclude<keyof Messages, MessageKey>;
type Values = Readonly<Record<string, string | number>>;

/** The languages of the page, each by its own name. */
export const LANGUAGES = {
  en: "English",
  de: "Deutsch",
  fr: "Français",
  es: "Español",
  ja: "日本語",
  zh: "简体中文",
  ar: "العربية",
} as const;

export type LanguageCode = keyof typeof LANGUAGES;

const LOADERS: Record<Exclude<LanguageCode, "en">, () => Promise<{ default: unknown }>> = {
  de: () => import("../messages/de.json"),
  fr: () => import("../messages/fr.json"),
  es: () => import("../messages/es.json"),
  ja: () => import("../messages/ja.json"),
  zh: () => import("../messages/zh.json"),
  ar: () => import("../messages/ar.json"),
};

let messages: Messages = english;
let code: LanguageCode = "en";
let switching: Promise<void> = Promise.resolve();

export function isLanguage(value: string | null | undefined): value is LanguageCode {
  return value !== null && value !== undefined && Object.hasOwn(LANGUAGES, value);
}

/**
 * Switch to a language, or to English if it cannot be loaded, together with what `along` loads. One switch follows
 * another, so that the language that was chosen last stays.
 */
export function useLanguage(requested: LanguageCode, along: () => Promise<void> = async () => undefined): Promise<void> {
  switching = switching.then(() => Promise.all([switchTo(requested), along()])).then(() => undefined);
  return switching;
}

async function switchTo(requested: LanguageCode): Promise<void> {
  try {
    messages = requested === "en" ? english : ((await LOADERS[requested]()).default as Messages);
    code = requested;
  } catch {
    messages = english;
    code = "en";
  }
  document.documentElement.lang = code;
  document.documentElement.dir = code === "ar" ? "rtl" : "ltr";
}

export function language(): LanguageCode {
  return code;
}

/** The state of this module. Chunks loaded on demand contain a copy of it without messages and take them from the page. */
export interface Translation {
  readonly code: LanguageCode;
  readonly messages: Messages;
}

export function translation(): Translation {
  return { code, messages };
}

export function useTranslation(translation: Translation): void {
  ({ code, messages } = translation);
}

export function t(key: MessageKey, values: Values = {}): string {
  return fill(messages[key], values);
}

/** A message with a count, in the plural form of the language. */
export function plural(key: CountKey, n: number): string {
  const forms = messages[key] as Record<string, string>;
  const form = forms[new Intl.PluralRules(code).select(n)] ?? forms["other"] ?? "";
  return fill(form, { n: new Intl.NumberFormat(locale()).format(n) });
}

/** The browser's regional variant of the language, for dates and numbers. */
export function locale(): string {
  return navigator.languages.find((tag) => tag.split("-")[0] === code) ?? code;
}

export function formatSize(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte"] as const;
  const power = bytes < 1000 ? 0 : bytes < 1e6 ? 1 : 2;
  const value = bytes / 1000 ** power;
  const format = { style: "unit", unit: units[power], unitDisplay: power ? "short" : "long", maximumFractionDigits: value < 10 && power ? 1 : 0 } as const;
  return new Intl.NumberFormat(locale(), format as Intl.NumberFormatOptions).format(value);
}

export function formatDate(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? "" : new Intl.DateTimeFormat(locale(), { dateStyle: "long" }).format(time);
}

/** Replace placeholders by values; placeholders inside values are left alone. */
export function fill(message: string, values: Values): string {
  return message.replace(/\{(\w+)\}/g, (place, name: string) => (name in values ? String(values[name]) : place));
}
