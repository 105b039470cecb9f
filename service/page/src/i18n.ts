/** The page's words: English comes with it, the other languages are loaded when they are wanted. */

import english from "../messages/en.json";

export type Messages = typeof english;
export type MessageKey = { [K in keyof Messages]: Messages[K] extends string ? K : never }[keyof Messages];
export type CountKey = Exclude<keyof Messages, MessageKey>;
type Values = Readonly<Record<string, string | number>>;

/** Every language of the page by its own name. */
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

export function isLanguage(value: string | null | undefined): value is LanguageCode {
  return value !== null && value !== undefined && Object.hasOwn(LANGUAGES, value);
}

/** Speak this language from now on; when it cannot be loaded, English. */
export async function useLanguage(wanted: LanguageCode): Promise<void> {
  try {
    messages = wanted === "en" ? english : ((await LOADERS[wanted]()).default as Messages);
    code = wanted;
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

/** What a part that is loaded later needs to speak as the page does: it has its own copy of this module, and no words. */
export interface Words {
  readonly code: LanguageCode;
  readonly messages: Messages;
}

export function words(): Words {
  return { code, messages };
}

export function speak(words: Words): void {
  ({ code, messages } = words);
}

export function t(key: MessageKey, values: Values = {}): string {
  return filled(messages[key], values);
}

/** A message about a number of things, in the form that the language has for this number. */
export function counted(key: CountKey, n: number): string {
  const forms = messages[key] as Record<string, string>;
  const form = forms[new Intl.PluralRules(code).select(n)] ?? forms["other"] ?? "";
  return filled(form, { n: new Intl.NumberFormat(locale()).format(n) });
}

/** The reader's own region of the language, where the browser knows it: 1 March, not March 1, for who reads so. */
function locale(): string {
  return navigator.languages.find((tag) => tag.split("-")[0] === code) ?? code;
}

export function size(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte"] as const;
  const power = bytes < 1000 ? 0 : bytes < 1e6 ? 1 : 2;
  const value = bytes / 1000 ** power;
  const format = { style: "unit", unit: units[power], unitDisplay: power ? "short" : "long", maximumFractionDigits: value < 10 && power ? 1 : 0 } as const;
  return new Intl.NumberFormat(locale(), format as Intl.NumberFormatOptions).format(value);
}

export function date(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? "" : new Intl.DateTimeFormat(locale(), { dateStyle: "long" }).format(time);
}

/** Put values into their places; what a value contains is never looked at again. */
function filled(message: string, values: Values): string {
  return message.replace(/\{(\w+)\}/g, (place, name: string) => (name in values ? String(values[name]) : place));
}
