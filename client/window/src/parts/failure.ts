/** A failure as a person reads it: in the language of the page, with the server's own words where it has no others. */

import type { Problem } from "../api";
import { sentence, t } from "../i18n";
import { said, translated } from "../server-lines";

export interface Failure {
  readonly title: string;
  /** What to do, or the server's words. `isEnglish` marks those for screen readers. */
  readonly details: readonly { readonly text: string; readonly isEnglish: boolean }[];
}

/** Say what failed. A message without a translation stands below a title that says of which kind it is. */
export function failureOf({ code, message, hint }: Problem): Failure {
  const own = translated(message);
  const title = own ?? t(`problem_${code}`);
  const left = [...(own === null ? [message] : []), ...(hint ? [hint] : [])];
  return { title: sentence(title), details: left.map((text) => ({ text: sentence(said(text)), isEnglish: translated(text) === null })) };
}
