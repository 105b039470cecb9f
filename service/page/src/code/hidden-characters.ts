/**
 * Characters that make text read differently from what it is: direction controls ("Trojan Source", CVE-2021-42574),
 * zero-width characters and control codes. They are shown by their code point instead of taking effect.
 */

// C0 without tab, line feed, carriage return; C1; soft hyphen; zero width; direction controls; tags.
const HIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]|\u{e0001}|[\u{e0020}-\u{e007f}]/gu;
/** The code units of those: ordinary text needs only this one search. */
const SUSPECT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\udb40]/;
const DIRECTION_CONTROL = /[\u202a-\u202e\u2066-\u2069]/;

export function hasDirectionControls(text: string): boolean {
  return DIRECTION_CONTROL.test(text);
}

export interface Part {
  readonly text: string;
  /** `U+202E` for a hidden character, else empty. */
  readonly code: string;
}

/** Split text into visible parts and hidden characters. */
export function* splitHidden(text: string): Generator<Part> {
  if (!SUSPECT.test(text)) {
    yield { text, code: "" };
    return;
  }
  let at = 0;
  for (const match of text.matchAll(HIDDEN)) {
    if (match.index > at) yield { text: text.slice(at, match.index), code: "" };
    yield { text: match[0], code: codeOf(match[0]) };
    at = match.index + match[0].length;
  }
  if (at < text.length) yield { text: text.slice(at), code: "" };
}

/** Replace the hidden characters of a short text, such as a title or a file name, by their code points. */
export function reveal(text: string): string {
  return text.replace(HIDDEN, (character) => `[${codeOf(character)}]`);
}

function codeOf(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
}
