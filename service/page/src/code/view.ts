/**
 * Shows text of any size with line numbers. All of the text is in the document from the start, so that the browser's
 * search finds it, in blocks that the browser lays out only near the viewport. Only such blocks get rows and colours.
 */

import type { Runs } from "../highlight/protocol";
import type { LineRange } from "../share/fragment";
import { h, whenIdle } from "../view/dom";
import { Rows } from "./rows";
import { appendRun, RunStore } from "./runs";

const BLOCK_ROWS = 100;
const BLOCK_CHARS = 16 << 10;
/** The first block only fills the window, so that it is on screen soon. No row is lower than this. */
const MIN_ROW_PX = 19;
/** Rows with more runs (minified code) stay plain. */
const MAX_RUNS = 400;
/** Up to this many blocks, all get their rows when the browser is idle; in larger texts, only those near the viewport. */
const SMALL_BLOCKS = 200;
const NEAR_PX = 1200;

interface Block {
  readonly element: HTMLElement;
  readonly first: number;
  /** One past its last row. */
  readonly end: number;
  hasRows: boolean;
  isNear: boolean;
}

export interface CodeViewOptions {
  readonly label: string;
  /** The reader clicked line numbers; null clears the selection. */
  onSelect(lines: LineRange | null): void;
}

export class CodeView {
  readonly element: HTMLElement;
  readonly #rows: Rows;
  readonly #blocks: Block[] = [];
  readonly #runs = new RunStore();
  readonly #observer: IntersectionObserver;
  readonly #blockOf = new WeakMap<Element, Block>();
  readonly #onSelect: CodeViewOptions["onSelect"];
  #selected: LineRange | null = null;

  constructor(text: string, options: CodeViewOptions) {
    this.#rows = Rows.of(text);
    this.#onSelect = options.onSelect;
    this.#observer = new IntersectionObserver((entries) => this.#update(entries), { rootMargin: `${NEAR_PX}px 0px` });
    this.element = h("div.code", {
      attrs: { dir: "ltr", translate: "no", tabindex: "0", role: "region", "aria-label": options.label },
      on: { click: (event) => this.#click(event), scroll: () => this.#scrolled() },
    });
    this.element.style.setProperty("--digits", String(String(this.#rows.lines).length));
    this.element.style.setProperty("--columns", String(this.#rows.columns));
    let next = this.#addBlock(0, Math.min(BLOCK_ROWS, Math.ceil(innerHeight / MIN_ROW_PX)));
    this.#addRows(this.#blocks[0]!);
    while (next < this.#rows.count) next = this.#addBlock(next, BLOCK_ROWS);
    document.addEventListener("copy", this.#copy);
    addEventListener("beforeprint", this.#print);
    if (this.#isSmall) this.#addRowsWhenIdle(1);
  }

  /** Draw runs that have arrived. */
  paint(runs: Runs): void {
    this.#runs.add(runs);
    const first = this.#rows.rowAt(runs.from);
    const last = this.#rows.rowAt(runs.to - 1);
    for (const block of this.#blocks) {
      if (block.hasRows && block.first <= last && block.end > first) this.#addRows(block);
    }
  }

  /** Select lines; lines past the end select nothing. */
  select(lines: LineRange | null, scroll = false): void {
    this.#toggleRows(this.#selected, false);
    this.#selected = lines && lines.from <= this.#rows.lines ? lines : null;
    this.#toggleRows(this.#selected, true);
    if (this.#selected && scroll) this.#scrollTo(this.#selected.from);
  }

  setWrapping(isWrapping: boolean): void {
    this.element.classList.toggle("wrapping", isWrapping);
  }

  dispose(): void {
    this.#observer.disconnect();
    document.removeEventListener("copy", this.#copy);
    removeEventListener("beforeprint", this.#print);
  }

  get #isSmall(): boolean {
    return this.#blocks.length <= SMALL_BLOCKS;
  }

  // -- blocks and rows ---------------------------------------------------------------------------------------

  /** Add a block that starts at a row; return the row after it. */
  #addBlock(first: number, maxRows: number): number {
    const end = Math.min(this.#rows.rowAfter(this.#rows.start(first) + BLOCK_CHARS), first + maxRows);
    const element = h("div.block", { text: this.#plainText(first, end) });
    element.style.setProperty("--rows", String(end - first));
    const block = { element, first, end, hasRows: false, isNear: false };
    this.#blocks.push(block);
    this.#blockOf.set(element, block);
    this.#observer.observe(element);
    this.element.append(element);
    return end;
  }

  #plainText(first: number, end: number): string {
    let text = "";
    for (let row = first; row < end; row++) text += this.#rows.text.slice(this.#rows.start(row), this.#rows.end(row)) + "\n";
    return text;
  }

  #addRows(block: Block): void {
    const rows: HTMLElement[] = [];
    for (let row = block.first; row < block.end; row++) rows.push(this.#row(row));
    block.element.replaceChildren(...rows);
    block.hasRows = true;
  }

  #removeRows(block: Block): void {
    block.element.textContent = this.#plainText(block.first, block.end);
    block.hasRows = false;
  }

  #row(row: number): HTMLElement {
    const line = this.#rows.line(row);
    const element = document.createElement("div");
    element.className = this.#isSelected(line) ? "row selected" : "row";
    if (this.#rows.isFirst(row)) element.dataset["line"] = String(line);
    const [start, end] = [this.#rows.start(row), this.#rows.end(row)];
    const runs = [...this.#runs.between(start, end)];
    if (runs.length > MAX_RUNS) appendRun(element, this.#rows.text.slice(start, end), 0);
    else for (const { from, to, kind } of runs) appendRun(element, this.#rows.text.slice(from, to), kind);
    return element;
  }

  #addRowsWhenIdle(index: number): void {
    const block = this.#blocks[index];
    if (!block) return;
    whenIdle(() => {
      if (!block.hasRows) this.#addRows(block);
      this.#addRowsWhenIdle(index + 1);
    });
  }

  #update(entries: IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const block = this.#blockOf.get(target)!;
      block.isNear = isIntersecting;
      if (isIntersecting && !block.hasRows) this.#addRows(block);
    }
    if (this.#isSmall) return;
    for (const block of this.#blocks) if (block.hasRows && !block.isNear) this.#removeRows(block);
  }

  readonly #print = (): void => {
    if (this.#isSmall) for (const block of this.#blocks) if (!block.hasRows) this.#addRows(block);
  };

  /** Numbers are sticky only in text scrolled sideways: each sticky one is a layer of its own to composite. */
  #scrolled(): void {
    this.element.classList.toggle("scrolled", this.element.scrollLeft !== 0);
  }

  // -- selected lines ----------------------------------------------------------------------------------------

  #click(event: MouseEvent): void {
    const row = (event.target as Element).closest<HTMLElement>(".row");
    const line = Number(row?.dataset["line"]);
    if (!row || !line || event.clientX > row.getBoundingClientRect().left + numberWidth(row)) return;
    this.#onSelect(this.#selectionAfterClick(line, event.shiftKey));
  }

  #selectionAfterClick(line: number, isExtending: boolean): LineRange | null {
    const selected = this.#selected;
    if (isExtending && selected) return { from: Math.min(selected.from, line), to: Math.max(selected.from, line) };
    return selected?.from === line && selected.to === line ? null : { from: line, to: line };
  }

  #isSelected(line: number): boolean {
    return this.#selected !== null && line >= this.#selected.from && line <= this.#selected.to;
  }

  #toggleRows(lines: LineRange | null, isSelected: boolean): void {
    if (!lines) return;
    const first = this.#rows.rowOfLine(lines.from);
    const last = this.#rows.rowOfLine(lines.to + 1) - 1;
    for (const block of this.#blocks) {
      if (!block.hasRows) continue;
      const rows = [...block.element.children].slice(Math.max(0, first - block.first), Math.max(0, last + 1 - block.first));
      for (const row of rows) row.classList.toggle("selected", isSelected);
    }
  }

  #scrollTo(line: number): void {
    const row = this.#rows.rowOfLine(line);
    const block = this.#blocks.find(({ end }) => row < end)!;
    if (!block.hasRows) this.#addRows(block);
    const scroll = () => block.element.children[row - block.first]?.scrollIntoView({ block: "center", inline: "nearest" });
    scroll();
    // Heights above are estimates until the blocks there are laid out: scroll again after that.
    requestAnimationFrame(() => requestAnimationFrame(scroll));
  }

  // -- copying -----------------------------------------------------------------------------------------------

  /** A copied selection is the text itself: with its own line breaks, without line numbers. */
  readonly #copy = (event: ClipboardEvent): void => {
    const selection = getSelection();
    if (!selection?.rangeCount || !event.clipboardData) return;
    const { startContainer, startOffset, endContainer, endOffset } = selection.getRangeAt(0);
    const from = this.#offset(startContainer, startOffset);
    const to = this.#offset(endContainer, endOffset);
    if (from === null || to === null || from >= to) return;
    event.clipboardData.setData("text/plain", this.#rows.text.slice(from, to));
    event.preventDefault();
  };

  /** The offset in the text of a point in the document; null outside of rows. */
  #offset(node: Node, offset: number): number | null {
    const element = node instanceof Element ? node : node.parentElement;
    const row = element?.closest(".row");
    const block = this.#blockOf.get(element?.closest(".block") ?? this.element);
    if (!row || !block || !this.element.contains(row)) return null;
    const before = document.createRange();
    before.setStart(row, 0);
    before.setEnd(node, offset);
    const index = Array.prototype.indexOf.call(block.element.children, row);
    return this.#rows.start(block.first + index) + before.toString().length;
  }
}

function numberWidth(row: HTMLElement): number {
  return parseFloat(getComputedStyle(row, "::before").width) || 0;
}
