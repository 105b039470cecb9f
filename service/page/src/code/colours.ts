/** The runs that have arrived for a text, and reading those over a part of it. */

import type { Runs } from "../highlight/runs";

export interface Run {
  readonly from: number;
  readonly to: number;
  readonly kind: number;
}

export class Colours {
  /** In the order of the text, without a gap. */
  readonly #batches: Runs[] = [];

  add(runs: Runs): void {
    this.#batches.push(runs);
  }

  /** The runs over `from` to `to`; plain where none have arrived yet. */
  *over(from: number, to: number): Generator<Run> {
    let at = from;
    for (let i = firstBehind(this.#batches.length, (n) => this.#batches[n]!.to, at); at < to; i++) {
      const batch = this.#batches[i];
      if (!batch) break;
      for (let n = firstBehind(batch.ends.length, (k) => batch.ends[k]!, at); n < batch.ends.length && at < to; n++) {
        const end = Math.min(batch.ends[n]!, to);
        yield { from: at, to: end, kind: batch.kinds[n]! };
        at = end;
      }
    }
    if (at < to) yield { from: at, to, kind: 0 };
  }
}

/** The first index whose end lies behind the offset. */
function firstBehind(count: number, end: (index: number) => number, offset: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (end(middle) > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}
