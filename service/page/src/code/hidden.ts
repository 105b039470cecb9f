/**
 * Characters that hide what a text says: those that turn the direction of what follows ("Trojan Source",
 * CVE-2021-42574), those without width, and control codes. They are shown by their number instead of being obeyed.
 */

// C0 without tab, line feed, carriage return; C1; soft hyphen; zero width; direction controls; tags.
const HIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]|\u{e0001}|[\u{e0020}-\u{e007f}]/gu;
/** A quick look at the units of those, so that a usual text costs one search. */
const SUSPECT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\udb40]/;
const TURNING = /[\u202a-\u202e\u2066-\u2069]/;

/** Whether a text has characters that make it read differently from what it is. */
export function hasTurningCharacters(text: string): boolean {
  return TURNING.test(text);
}

export interface Part {
  readonly text: string;
  /** `U+202E` for a hidden character, else empty. */
  readonly code: string;
}

/** Cut a text into what is seen and what is hidden. */
export function* parts(text: string): Generator<Part> {
  if (!SUSPECT.test(text)) {
    yield { text, code: "" };
    return;
  }
  let at = 0;
  for (const found of text.matchAll(HIDDEN)) {
    if (found.index > at) yield { text: text.slice(at, found.index), code: "" };
    yield { text: found[0], code: codeOf(found[0]) };
    at = found.index + found[0].length;
  }
  if (at < text.length) yield { text: text.slice(at), code: "" };
}

/** A short text of the sender's (a title, a file's name) with hidden characters made visible. */
export function revealed(text: string): string {
  return text.replace(HIDDEN, (character) => `[${codeOf(character)}]`);
}

function codeOf(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
}
