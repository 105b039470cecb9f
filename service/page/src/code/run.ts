/** Drawing one run of a coloured text. */

import { KINDS } from "../highlight/runs";
import { h } from "../view/dom";
import { parts } from "./hidden";

/** One run of a row; hidden characters in it are shown by their number. */
export function appendRun(parent: Element, text: string, kind: number): void {
  let target = parent;
  if (kind) {
    target = document.createElement("span");
    target.className = `t-${KINDS[kind]}`;
    parent.append(target);
  }
  for (const part of parts(text)) {
    if (part.code) target.append(h("span.unseen", { text: part.text, attrs: { "data-code": part.code } }));
    else target.append(part.text);
  }
}
