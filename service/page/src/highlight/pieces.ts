/**
 * Colouring a long text piece by piece, with the result of colouring it whole: a piece ends where the grammar is back
 * at its beginning, which is checked and not guessed.
 */

import type { HLJSApi } from "highlight.js";
import { RunEmitter } from "./emitter";
import type { Runs } from "./runs";

const FIRST_CHARS = 8 << 10; // what is seen first is coloured first
const PIECE_CHARS = 48 << 10;
const MOST_CHARS = 256 << 10;

interface Result {
  readonly _emitter: RunEmitter;
  /** The mode in which the text ended; one with a parent is not the grammar's beginning. */
  readonly _top?: { readonly parent?: unknown };
}

/** Yield the runs of the text in order. */
export function* colour(hljs: HLJSApi, text: string, language: string): Generator<Runs> {
  for (let from = 0, size = FIRST_CHARS; from < text.length; size = PIECE_CHARS) {
    const runs = colourPiece(hljs, text, language, from, size);
    yield runs;
    from = runs.to;
  }
}

function colourPiece(hljs: HLJSApi, text: string, language: string, from: number, size: number): Runs {
  for (; ; size *= 2) {
    const to = pieceEnd(text, from + size);
    if (to - from > MOST_CHARS * 2) return plain(from, Math.min(text.length, from + MOST_CHARS)); // one endless line
    const result = hljs.highlight(text.slice(from, to), { language, ignoreIllegals: true }) as unknown as Result;
    const isWhole = to === text.length || result._top?.parent === undefined;
    if (isWhole || size >= MOST_CHARS) return toRuns(result._emitter, from, to);
  }
}

/** The first likely boundary from `at` on: a line that is not indented, behind an empty one; else any line. */
function pieceEnd(text: string, at: number): number {
  if (at >= text.length) return text.length;
  const window = text.slice(at, at + PIECE_CHARS);
  const found = /\n\r?\n(?=[^\s})\]])/.exec(window) ?? /\n(?=\S)/.exec(window) ?? /\n/.exec(window);
  if (found) return at + found.index + found[0].length;
  const next = text.indexOf("\n", at);
  return next < 0 ? text.length : next + 1;
}

function toRuns({ lengths, kinds }: RunEmitter, from: number, to: number): Runs {
  const ends = new Uint32Array(lengths.length);
  let at = from;
  lengths.forEach((length, i) => (ends[i] = at += length));
  return at === to ? { from, to, ends, kinds: Uint8Array.from(kinds) } : plain(from, to); // a grammar gave up
}

function plain(from: number, to: number): Runs {
  return { from, to, ends: Uint32Array.of(to), kinds: Uint8Array.of(0) };
}
