/**
 * The messages of this page. build.mjs adds them to the shared messages of each language, so the frame around the page,
 * its language menu included, works as on the share page.
 */

import type english from "../../request/en.json";
import { type CountKey, type MessageKey, plural, t } from "../i18n";

type Own = typeof english;
type OwnText = { [K in keyof Own]: Own[K] extends string ? K : never }[keyof Own];
type OwnCount = Exclude<keyof Own, OwnText>;

export function word(key: OwnText, values: Readonly<Record<string, string | number>> = {}): string {
  return t(key as unknown as MessageKey, values);
}

export function counted(key: OwnCount, n: number): string {
  return plural(key as unknown as CountKey, n);
}
