/** Messages of the window, beside those of the modules that it shares with the share page. */

import * as shared from "satchel-share-page/i18n";
import english from "../messages/en.json";
import { useLines } from "./server-lines";

type Messages = typeof english;
type OwnKey = { [K in keyof Messages]: Messages[K] extends string ? K : never }[keyof Messages];
type Values = Readonly<Record<string, string | number>>;

export type MessageKey = OwnKey | shared.MessageKey;
export type CountKey = Exclude<keyof Messages, OwnKey>;
export { formatSize, isLanguage, language, LANGUAGES, locale, plural as sharedPlural } from "satchel-share-page/i18n";
export type { LanguageCode } from "satchel-share-page/i18n";

const LOADERS: Record<Exclude<shared.LanguageCode, "en">, () => Promise<{ default: unknown }>> = {
  de: () => import("../messages/de.json"),
  fr: () => import("../messages/fr.json"),
  es: () => import("../messages/es.json"),
  ja: () => import("../messages/ja.json"),
  zh: () => import("../messages/zh.json"),
  ar: () => import("../messages/ar.json"),
};

let messages: Messages = english;

/** Switch to a language, or to English if it cannot be loaded. */
export function useLanguage(requested: shared.LanguageCode): Promise<void> {
  return shared.useLanguage(requested, async () => {
    await Promise.all([useMessages(requested), useLines(requested)]);
  });
}

async function useMessages(code: shared.LanguageCode): Promise<void> {
  try {
    messages = code === "en" ? english : ((await LOADERS[code]()).default as Messages);
  } catch {
    messages = english;
  }
}

/** The language that the browser prefers among those of the window. */
export function preferredLanguage(): shared.LanguageCode {
  const codes = navigator.languages.map((tag) => tag.split("-")[0]);
  return codes.find(shared.isLanguage) ?? "en";
}

export function t(key: MessageKey, values: Values = {}): string {
  return Object.hasOwn(messages, key) ? shared.fill(messages[key as OwnKey], values) : shared.t(key as shared.MessageKey, values);
}

/** The message that names a code of the server, such as "event_share-opened"; the code itself if there is none yet. */
export function nameOf(key: string, code: string): string {
  return Object.hasOwn(messages, key) ? messages[key as OwnKey] : code;
}

/** A message with a count, in the plural form of the language. */
export function plural(key: CountKey, n: number, values: Values = {}): string {
  const forms = messages[key] as Record<string, string>;
  const form = forms[new Intl.PluralRules(shared.language()).select(n)] ?? forms["other"] ?? "";
  return shared.fill(form, { n: formatNumber(n), ...values });
}

/** Formats by their language and options: to make one takes longer than a row of a list may. */
const formats = new Map<string, unknown>();

function formatOf<F>(kind: string, make: (locale: string) => F): F {
  const key = `${shared.language()} ${kind}`;
  let found = formats.get(key) as F | undefined;
  if (!found) formats.set(key, (found = make(shared.locale())));
  return found;
}

/** Facts in a row; each keeps its direction in a language from right to left. */
export function inARow(facts: readonly (string | false | null | undefined)[]): string {
  const isolate = (fact: string) => (shared.language() === "ar" ? `\u2068${fact}\u2069` : fact);
  return facts.filter((fact): fact is string => Boolean(fact)).map(isolate).join(" · ");
}

export function formatNumber(n: number): string {
  return formatOf("number", (locale) => new Intl.NumberFormat(locale)).format(n);
}

export function formatPercent(share: number): string {
  return formatOf("percent", (locale) => new Intl.NumberFormat(locale, { style: "percent" })).format(share);
}

/** Date and time in full, for titles and tables. */
export function formatMoment(iso: string): string {
  return format(iso, { dateStyle: "medium", timeStyle: "short" });
}

export function formatDay(iso: string): string {
  return format(iso, { dateStyle: "full" });
}

export function formatClock(iso: string): string {
  return format(iso, { timeStyle: "short" });
}

const UNITS = [["year", 31_557_600], ["month", 2_629_800], ["week", 604_800], ["day", 86_400], ["hour", 3_600], ["minute", 60]] as const; // prettier-ignore

/** How long ago or how soon something is: "3 days ago". */
export function formatAgo(iso: string, nowMs: number = Date.now()): string {
  const seconds = (Date.parse(iso) - nowMs) / 1000;
  if (Number.isNaN(seconds)) return "";
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? (["second", 1] as const);
  const relative = formatOf("relative", (locale) => new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" }));
  return unit === "second" ? relative.format(0, "second") : relative.format(Math.trunc(seconds / size), unit);
}

/** A span of time in its largest unit: "1 day". */
export function formatSpan(seconds: number): string {
  const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? (["second", 1] as const);
  const options = { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(shared.locale(), options as Intl.NumberFormatOptions).format(seconds / size);
}

function format(iso: string, options: Intl.DateTimeFormatOptions): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? "" : formatOf(JSON.stringify(options), (locale) => new Intl.DateTimeFormat(locale, options)).format(time);
}

/** A message of the server, which begins with a small letter, as a sentence. A command stays as it is typed. */
export function sentence(message: string): string {
  return message.startsWith("satchel ") ? message : message.charAt(0).toUpperCase() + message.slice(1);
}
