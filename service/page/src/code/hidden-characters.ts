/**
 * Characters that make text read differently from what it is: direction controls ("Trojan Source", CVE-2021-42574),
 * control codes, and characters without a shape. They are shown by their code point instead of taking effect.
 *
 * Joiners and variation selectors are part of some emoji and of some scripts; there they are kept. The client's
 * `hidden_characters.py` follows the same rules.
 */

const EMOJI = String.raw`\p{Extended_Pictographic}`;
const VIRAMAS = String.raw`\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca\u1039\u17d2`;
const CURSIVE = String.raw`\p{Script=Arabic}\p{Script=Syriac}\p{Script=Nko}\p{Script=Mandaic}\p{Script=Mongolian}`;
const WITH_VARIANTS = String.raw`\p{Ideographic}\p{Math}\u1000-\u109f\u3000-\u30ff\ua840-\ua87f\uff00-\uff60`;
/** Characters that belong to what is around them. */
const KEPT = [
  // The flags of England, Scotland and Wales, which are spelled with tag characters.
  String.raw`\u{1f3f4}\u{e0067}\u{e0062}(?:\u{e0065}\u{e006e}\u{e0067}|\u{e0073}\u{e0063}\u{e0074}|\u{e0077}\u{e006c}\u{e0073})\u{e007f}`,
  `(?<=[${EMOJI}\\p{Emoji_Modifier}]\\ufe0f?)\\u200d(?=${EMOJI})`,
  `(?<=[${VIRAMAS}])[\\u200c\\u200d](?=\\p{L})`,
  `(?<=[${CURSIVE}])\\u200c(?=[${CURSIVE}])`,
  `(?<=[${EMOJI}${WITH_VARIANTS}])[\\ufe0e\\ufe0f]`,
  String.raw`(?<=[0-9#*])\ufe0f(?=\u20e3)`,
  `(?<=[${WITH_VARIANTS}])[\\ufe00-\\ufe0d]`,
  String.raw`(?<=\p{Ideographic})[\u{e0100}-\u{e01ef}]`,
  String.raw`(?<=[\u1820-\u18aa])[\u180b-\u180d\u180f]`,
].join("|");
// C0 without tab, line feed, carriage return; C1; characters without a shape, among them direction controls,
// zero-width characters, fillers, variation selectors and tags; annotations.
const HIDDEN = new RegExp(
  String.raw`(?:${KEPT})|([\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\p{Default_Ignorable_Code_Point}\ufff9-\ufffb])`,
  "gu",
);
/** The code units of those: ordinary text needs only this one search. */
const SUSPECT =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud82f\ud834\udb40-\udb43]/;
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
    const hidden = match[1];
    if (!hidden) continue;
    if (match.index > at) yield { text: text.slice(at, match.index), code: "" };
    yield { text: hidden, code: codeOf(hidden) };
    at = match.index + hidden.length;
  }
  if (at < text.length) yield { text: text.slice(at), code: "" };
}

/** Replace the hidden characters of a short text, such as a title or a file name, by their code points. */
export function reveal(text: string): string {
  return text.replace(HIDDEN, (kept: string, hidden?: string) => (hidden ? `[${codeOf(hidden)}]` : kept));
}

function codeOf(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
}
