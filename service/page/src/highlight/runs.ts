/**
 * What colouring says: the text cut into runs, each of one kind. It travels from the worker to the page as two arrays
 * of numbers, so that nothing of it is ever markup.
 */

/** The kinds of a run; a run's class in the page is `t-<kind>` (page.css). The first is plain text. */
export const KINDS = [
  "plain", "comment", "keyword", "string", "number", "function", "type", "attribute", "meta", "tag", "heading",
  "strong", "emphasis", "added", "removed",
] as const; // prettier-ignore

export interface Runs {
  /** The part of the text that these runs cover, as offsets. */
  readonly from: number;
  readonly to: number;
  /** Where each run ends; the first begins at `from`. */
  readonly ends: Uint32Array;
  /** The index of each run's kind in `KINDS`. */
  readonly kinds: Uint8Array;
}

export interface HighlightRequest {
  readonly id: number;
  readonly text: string;
  readonly language: string;
}

/** `name`: the language as people call it, first, if it is known. `done`: the last answer to a request. */
export interface HighlightAnswer {
  readonly id: number;
  readonly name?: string;
  readonly runs?: Runs;
  readonly done?: boolean;
}
