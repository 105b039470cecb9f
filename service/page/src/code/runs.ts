/** Keeps the runs that the highlighter has sent, and draws them. */

import { KINDS, type Runs } from "../highlight/protocol";
import { h } from "../view/dom";
import { splitHidden } from "./hidden-characters";

export interface Run {
  readonly from: number;
  readonly to: number;
  readonly kind: number;
}

export class RunStore {
  /** In the order of the text, without gaps. */
  readonly #batches: Runs[] = [];

  add(runs: Runs): void {
    this.#batches.push(runs);
  }

  /** The runs from `from` to `to`; plain text where none have arrived yet. */
  *between(from: number, to: number): Generator<Run> {
    let at = from;
    for (let i = firstEndAfter(this.#batches.length, (n) => this.#batches[n]!.to, at); at < to; i++) {
      const batch = this.#batches[i];
      if (!batch) break;
      for (let n = firstEndAfter(batch.ends.length, (k) => batch.ends[k]!, at); n < batch.ends.length && at < to; n++) {
        const end = Math.min(batch.ends[n]!, to);
        yield { from: at, to: end, kind: batch.kinds[n]! };
        at = end;
      }
    }
    if (at < to) yield { from: at, to, kind: 0 };
  }
}

/** Append a run of text. Hidden characters in it are shown by their code point. */
export function appendRun(parent: Element | DocumentFragment, text: string, kind: number): void {
  let target = parent;
  if (kind) {
    target = document.createElement("span");
    target.className = `t-${KINDS[kind]}`;
    parent.append(target);
  }
  for (const part of splitHidden(text)) {
    if (part.code) target.append(h("span.unseen", { text: part.text, attrs: { "data-code": part.code } }));
    else target.append(part.text);
  }
}

/** The first index whose end is greater than the offset. */
function firstEndAfter(count: number, end: (index: number) => number, offset: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (end(middle) > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}
