/**
 * What the server says, in the language of the page: reasons, findings, phases of jobs, failures.
 *
 * The server and the commands that it runs say everything in English. `messages/server` has each line that an owner
 * can see, with `{0}` … for its values, in the other languages. A line that is not there stays as it is.
 */

import * as shared from "satchel-share-page/i18n";

type Lines = Readonly<Record<string, string>>;

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

let lines: Lines = {};
let patterns: readonly (readonly [RegExp, string])[] = [];

/** Switch to a language; lines stay in English if it cannot be loaded. */
export async function useLines(code: shared.LanguageCode): Promise<void> {
  lines = code === "en" ? {} : await LOADERS[code]().then((loaded) => loaded.default, () => ({})); // prettier-ignore
  patterns = Object.entries(lines).filter(([line]) => line.includes("{0}")).map(([line, words]) => [patternOf(line), words]); // prettier-ignore
}

/** A line of the server in the language of the page, or as it is. */
export function said(line: string): string {
  return translated(line) ?? line;
}

/** A line of the server in the language of the page; null if it has no translation. */
export function translated(line: string): string | null {
  if (shared.language() === "en") return line;
  if (Object.hasOwn(lines, line)) return lines[line]!;
  for (const [pattern, words] of patterns) {
    const found = pattern.exec(line);
    if (found) return words.replace(/\{(\d)\}/g, (_, index: string) => valueOf(found[Number(index) + 1] ?? ""));
  }
  const [, name, rest] = NAMED.exec(line) ?? [];
  const end = rest && translated(rest);
  return end ? `${name}: ${end}` : null;
}

/** A value within a line. It can be a line itself, but no single word is taken for one. */
function valueOf(value: string): string {
  return value.includes(" ") ? said(value) : value;
}

function patternOf(line: string): RegExp {
  const escaped = line.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{\d\}/g, "(.+)");
  return new RegExp(`^${escaped}$`, "s");
}
