/**
 * The fragment of a link (docs/spec/share.md, section 2): the key, then the place to show.
 *
 *     key [":f" file] [":L" line ["-L" line]]
 *
 * Only the key is needed to open a share. What chat and mail programs put around and behind it is left out, as
 * `satchel get` does (`client/satchel/sharing/decoration.py`): the key's checksum tells whether it is complete.
 */

export interface LineRange {
  readonly from: number;
  readonly to: number;
}

export interface Place {
  readonly key: string;
  /** A file of the Piece, from 1. */
  readonly file: number;
  readonly lines: LineRange | null;
}

/** Spaces, line breaks and invisible characters. */
const BLANK = /[\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/g;
/** The key, a place, and anything that begins with a character of neither. */
const FRAGMENT = /^([a-z0-9]*)(?::f(\d{1,3}))?(?::L(\d{1,8})(?:-L(\d{1,8}))?)?(?:(?:[^A-Za-z0-9:]|:~:).*)?$/;

/** Parse `location.hash`. Text that is not a valid fragment is returned as the key, whose checksum then fails. */
export function parseFragment(hash: string): Place {
  const text = decoded(hash).replace(BLANK, "").replace(/^#?[<>()[\]{}"'`*_]*/, "");
  const match = FRAGMENT.exec(text);
  if (!match) return { key: text, file: 1, lines: null };
  const [, key = "", file = "1", from, to = from] = match;
  return { key, file: Math.max(1, Number(file)), lines: from && to ? range(Number(from), Number(to)) : null };
}

/** Parse lines as people type them: `10`, `10-20`, `L10-L20`. */
export function parseLines(text: string): LineRange | null {
  const match = /^\s*L?(\d{1,8})(?:\s*[-–]\s*L?(\d{1,8}))?\s*$/i.exec(text);
  return match ? range(Number(match[1]), Number(match[2] ?? match[1])) : null;
}

export function formatLines(lines: LineRange): string {
  return lines.from === lines.to ? `L${lines.from}` : `L${lines.from}-L${lines.to}`;
}

export function formatFragment({ key, file, lines }: Place): string {
  return "#" + key + (file > 1 ? `:f${file}` : "") + (lines ? `:${formatLines(lines)}` : "");
}

/** Find the key in pasted text: a whole link, an age identity, or the key alone. */
export function parsePastedKey(text: string): string {
  const fragment = text.trim().replace(/%23/g, "#").replace(/^.*?#/s, "");
  return /^AGE-SECRET-KEY-1/i.test(fragment) ? fragment.slice("AGE-SECRET-KEY-1".length).toLowerCase() : parseFragment(fragment).key;
}

/** Browsers encode some characters of a fragment; other programs encode more. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function range(one: number, other: number): LineRange {
  return { from: Math.max(1, Math.min(one, other)), to: Math.max(1, one, other) };
}
