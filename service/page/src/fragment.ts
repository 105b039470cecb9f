/**
 * The part of the address behind `#`: the key, then what to look at (docs/spec/share.md, section 2).
 *
 *     key [":f" file] [":L" line ["-L" line]]
 *
 * Only the key opens anything; the rest says where to look.
 */

export interface LineRange {
  readonly from: number;
  readonly to: number;
}

export interface Place {
  readonly key: string;
  /** Which file of the Piece, from 1. */
  readonly file: number;
  readonly lines: LineRange | null;
}

/** Read `location.hash`. What is not written as a link is written comes back as its key, which then does not check. */
export function parseFragment(hash: string): Place {
  const text = hash.replace(/^#/, "");
  const found = /^([a-z0-9]*)(?::f(\d{1,3}))?(?::L(\d{1,8})(?:-L(\d{1,8}))?)?$/.exec(text);
  if (!found) return { key: text, file: 1, lines: null };
  const [, key = "", file = "1", from, to = from] = found;
  return { key, file: Math.max(1, Number(file)), lines: from && to ? range(Number(from), Number(to)) : null };
}

/** Lines as people type them: `10`, `10-20`, `L10-L20`. */
export function parseLines(text: string): LineRange | null {
  const found = /^\s*L?(\d{1,8})(?:\s*[-–]\s*L?(\d{1,8}))?\s*$/i.exec(text);
  return found ? range(Number(found[1]), Number(found[2] ?? found[1])) : null;
}

export function formatLines(lines: LineRange): string {
  return lines.from === lines.to ? `L${lines.from}` : `L${lines.from}-L${lines.to}`;
}

export function formatFragment({ key, file, lines }: Place): string {
  return "#" + key + (file > 1 ? `:f${file}` : "") + (lines ? `:${formatLines(lines)}` : "");
}

/** The key in whatever somebody pasted: a whole link, an age identity, or the key itself. */
export function keyFromPaste(text: string): string {
  const behind = text.trim().replace(/^.*#/s, "");
  return /^AGE-SECRET-KEY-1/i.test(behind) ? behind.slice("AGE-SECRET-KEY-1".length).toLowerCase() : parseFragment(behind).key;
}

function range(one: number, other: number): LineRange {
  return { from: Math.max(1, Math.min(one, other)), to: Math.max(1, one, other) };
}
