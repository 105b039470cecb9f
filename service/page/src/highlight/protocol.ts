/**
 * The messages between the page and the worker. A highlighted text is sent as runs of one kind each, in two arrays of
 * numbers, and Markdown as the parser's tokens, never as markup.
 */

import type { Token } from "marked";

/** The kinds of runs, shown by the classes `t-<kind>` of page.css. The first is plain text. */
export const KINDS = [
  "plain", "comment", "keyword", "string", "number", "function", "type", "attribute", "meta", "tag", "heading",
  "strong", "emphasis", "added", "removed",
] as const; // prettier-ignore

export interface Runs {
  /** The offsets that these runs cover. */
  readonly from: number;
  readonly to: number;
  /** The end of each run; the first starts at `from`. */
  readonly ends: Uint32Array;
  /** The index of each run's kind in `KINDS`. */
  readonly kinds: Uint8Array;
}

export interface HighlightRequest {
  readonly id: number;
  readonly text: string;
  readonly language: string;
}

/** A request to parse a text in Markdown. */
export interface MarkdownRequest {
  readonly id: number;
  readonly markdown: string;
}

export interface HighlightResponse {
  readonly id: number;
  /** The display name of the language, in the first response if the language is known. */
  readonly name?: string;
  readonly runs?: Runs;
  /** The tokens of a text in Markdown. */
  readonly tokens?: Token[];
  /** Set in the last response to a request. */
  readonly done?: boolean;
}
