/**
 * What the server says, in the language of the page: reasons, findings, phases and notices of jobs, failures.
 *
 * The server and the commands that it runs say everything in English. `messages/server` has each line that an owner
 * can see, with `{0}` … for its values, in the other languages. A line that is not there stays as it is. Lines that
 * mean something only in one place have its name before them: "secret: {0} API key".
 */

import * as shared from "satchel-share-page/i18n";

type Lines = Readonly<Record<string, string>>;
type Pattern = readonly [RegExp, string];
export type Place = "" | "memory" | "secret";

const LOADERS: Record<Exclude<shared.LanguageCode, "en">, () => Promise<{ default: Lines }>> = {
  de: () => import("../messages/server/de.json"),
  fr: () => import("../messages/server/fr.json"),
  es: () => import("../messages/server/es.json"),
  ja: () => import("../messages/server/ja.json"),
  zh: () => import("../messages/server/zh.json"),
  ar: () => import("../messages/server/ar.json"),
};
/** The name of a schedule before what is wrong with it. */
const NAMED = /^([^\s:]{1,100}): (.+)$/;
const PLACED = /^(memory|secret): (.+)$/s;

let lines: Lines = {};
/** The lines with values by their places, those that say most first: "{0} access token" before "{0} token". */
let patterns: Partial<Record<Place, Pattern[]>> = {};

/** Switch to a language; lines stay in English if it cannot be loaded. */
export async function useLines(code: shared.LanguageCode): Promise<void> {
  lines = code === "en" ? {} : await LOADERS[code]().then((loaded) => loaded.default, () => ({})); // prettier-ignore
  const withValues = Object.keys(lines).filter((line) => line.includes("{0}"));
  patterns = {};
  for (const line of withValues.sort((a, b) => weightOf(b) - weightOf(a))) {
    const [, place = "", text = line] = PLACED.exec(line) ?? [];
    (patterns[place as Place] ??= []).push([patternOf(text), lines[line]!]);
  }
}

/** A line of the server in the language of the page, or as it is. */
export function said(line: string, place: Place = ""): string {
  return translated(line, place) ?? line;
}

/** A line of the server in the language of the page; null if it has no translation. */
export function translated(line: string, place: Place = ""): string | null {
  if (shared.language() === "en") return line;
  const key = place ? `${place}: ${line}` : line;
  if (Object.hasOwn(lines, key)) return lines[key]!;
  for (const [pattern, words] of patterns[place] ?? []) {
    const found = pattern.exec(line);
    if (found) return words.replace(/\{(\d)\}/g, (_, index: string) => isolated(valueOf(found[Number(index) + 1] ?? "", place), place));
  }
  if (place) return null;
  const [, name, rest] = NAMED.exec(line) ?? [];
  const end = rest && translated(rest);
  return end ? `${name}: ${end}` : null;
}

/** A value within a line. It can be a line itself, but no single word is taken for one. */
function valueOf(value: string, place: Place): string {
  return value.includes(" ") ? (translated(value, place) ?? said(value)) : value;
}

/** A value in a line from right to left, which may be written the other way. The memory's lines are revealed later. */
function isolated(value: string, place: Place): string {
  return shared.language() === "ar" && place !== "memory" ? `\u2068${value}\u2069` : value;
}

function weightOf(line: string): number {
  return line.replace(/\{\d\}/g, "").length;
}

function patternOf(line: string): RegExp {
  const escaped = line.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{\d\}/g, "(.+)");
  return new RegExp(`^${escaped}$`, "s");
}
