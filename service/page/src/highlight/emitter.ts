/** Makes highlight.js emit runs instead of HTML, so that a Piece never becomes markup. */

import type { Emitter } from "highlight.js";
import { KINDS } from "./protocol";

type Kind = (typeof KINDS)[number];

// The scopes of highlight.js ("CSS classes reference" in its documentation). Any other scope looks like its parent.
const KIND_OF_SCOPE: Record<string, Kind> = {
  comment: "comment", quote: "comment", doctag: "keyword",
  keyword: "keyword", "template-tag": "keyword", "variable.language": "keyword",
  string: "string", regexp: "string", "char.escape": "number", link: "string", code: "string", formula: "string",
  number: "number", literal: "number", symbol: "number", bullet: "number", "variable.constant": "number",
  title: "function", "title.function": "function", "title.function.invoke": "function",
  "title.class": "type", "title.class.inherited": "type", type: "type", built_in: "type", class: "type",
  attr: "attribute", attribute: "attribute", property: "attribute", variable: "attribute",
  "template-variable": "attribute", "selector-class": "attribute", "selector-id": "attribute",
  "selector-attr": "attribute", "selector-pseudo": "attribute",
  meta: "meta", "meta.prompt": "meta", "meta.keyword": "meta",
  name: "tag", "selector-tag": "tag",
  section: "heading", strong: "strong", emphasis: "emphasis", addition: "added", deletion: "removed",
  subst: "plain",
}; // prettier-ignore

export class RunEmitter implements Emitter {
  readonly lengths: number[] = [];
  readonly kinds: number[] = [];
  readonly #open: number[] = [0];

  addText(text: string): void {
    this.#add(text.length, this.#open.at(-1)!);
  }

  startScope(scope: string): void {
    const kind = KIND_OF_SCOPE[scope];
    this.#open.push(kind === undefined ? this.#open.at(-1)! : KINDS.indexOf(kind));
  }

  endScope(): void {
    if (this.#open.length > 1) this.#open.pop();
  }

  openNode(scope: string): void {
    this.startScope(scope);
  }

  closeNode(): void {
    this.endScope();
  }

  __addSublanguage(inner: Emitter): void {
    const { lengths, kinds } = inner as RunEmitter;
    lengths.forEach((length, i) => this.#add(length, kinds[i] || this.#open.at(-1)!));
  }

  finalize(): void {}

  toHTML(): string {
    return "";
  }

  #add(length: number, kind: number): void {
    if (!length) return;
    const last = this.lengths.length - 1;
    if (this.kinds[last] === kind) this.lengths[last]! += length;
    else {
      this.lengths.push(length);
      this.kinds.push(kind);
    }
  }
}
