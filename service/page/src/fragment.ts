/**
 * The part of the address behind `#`: the key, then what to look at (docs/reference/share-page.md).
 *
 *     <key>[:f<file>][:L<from>[-L<to>]]
 *
 * Only the key opens anything; the rest is a view of it, and what cannot be read of it is passed over.
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

const MAX_LINE = 99_999_999;

/** Read `location.hash`, with or without its `#`. */
export function parseFragment(hash: string): Place {
  const text = decoded(hash.replace(/^#/, ""));
  const key = /^[0-9A-Za-z]*/.exec(text)?.[0] ?? "";
  const rest = text.slice(key.length);
  const file = Number(/(?:^|:)f(\d{1,3})(?=:|$)/.exec(rest)?.[1] ?? 1);
  return { key: key.toLowerCase(), file: Math.max(1, file), lines: parseLines(rest) };
}

/** `L10`, `L10-L20` and, as people type them, `10-20` or `10`. */
export function parseLines(text: string): LineRange | null {
  const found = /(?:^|:)\s*L?(\d{1,8})(?:\s*[-–]\s*L?(\d{1,8}))?\s*$/i.exec(text);
  if (!found) return null;
  const one = clampLine(Number(found[1]));
  const other = found[2] === undefined ? one : clampLine(Number(found[2]));
  return { from: Math.min(one, other), to: Math.max(one, other) };
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
  return parseFragment(behind.replace(/^AGE-SECRET-KEY-1/i, "")).key;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function clampLine(n: number): number {
  return Math.min(Math.max(1, n), MAX_LINE);
}
