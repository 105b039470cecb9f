/**
 * A text with line numbers, of any size. All of it is in the document from the start (so that the browser's search
 * finds it), in blocks that the browser lays out only when they come near; only then do they get rows and colours.
 */

import type { LineRange } from "../fragment";
import type { Runs } from "../highlight/runs";
import { h } from "../view/dom";
import { Colours } from "./colours";
import { appendRun } from "./run";
import { Rows } from "./rows";

const BLOCK_ROWS = 100;
const BLOCK_CHARS = 16 << 10;
/** A row of more runs than any line that people write (minified code) stays plain. */
const MOST_RUNS = 400;
/** Up to so many blocks all get their rows in idle moments; of larger texts only what is near has them. */
const SMALL_BLOCKS = 200;
const NEAR_PX = 1200;

interface Block {
  readonly element: HTMLElement;
  readonly first: number;
  /** One behind its last row. */
  readonly end: number;
  hasRows: boolean;
  isNear: boolean;
}

export interface CodeViewOptions {
  readonly label: string;
  /** Somebody picked lines by their numbers; null: picked them away. */
  onPick(lines: LineRange | null): void;
}

export class CodeView {
  readonly element: HTMLElement;
  readonly lines: number;
  readonly #rows: Rows;
  readonly #blocks: Block[] = [];
  readonly #colours = new Colours();
  readonly #observer: IntersectionObserver;
  readonly #blockOf = new WeakMap<Element, Block>();
  readonly #onPick: CodeViewOptions["onPick"];
  #picked: LineRange | null = null;

  constructor(text: string, options: CodeViewOptions) {
    this.#rows = Rows.of(text);
    this.lines = this.#rows.lines;
    this.#onPick = options.onPick;
    this.#observer = new IntersectionObserver((seen) => this.#see(seen), { rootMargin: `${NEAR_PX}px 0px` });
    this.element = h("div.code", {
      attrs: { dir: "ltr", translate: "no", tabindex: "0", role: "region", "aria-label": options.label },
      on: { click: (event) => this.#click(event) },
    });
    this.element.style.setProperty("--digits", String(String(this.lines).length));
    this.element.style.setProperty("--columns", String(this.#rows.columns));
    for (let row = 0; row < this.#rows.count; row = this.#addBlock(row));
    this.#giveRows(this.#blocks[0]!);
    document.addEventListener("copy", this.#copy);
    addEventListener("beforeprint", this.#print);
    if (this.#isSmall) this.#giveRowsWhenIdle(1);
  }

  /** Colours of a part of the text have arrived. */
  paint(runs: Runs): void {
    this.#colours.add(runs);
    const first = this.#rows.rowAt(runs.from);
    const last = this.#rows.rowAt(runs.to - 1);
    for (const block of this.#blocks) {
      if (block.hasRows && block.first <= last && block.end > first) this.#giveRows(block);
    }
  }

  /** Mark lines, and bring them into view. */
  pick(lines: LineRange | null, scroll = false): void {
    this.#mark(this.#picked, false);
    this.#picked = lines && lines.from <= this.lines ? lines : null;
    this.#mark(this.#picked, true);
    if (this.#picked && scroll) this.#scrollTo(this.#picked.from);
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

  /** A block from this row on; returns where the next one begins. */
  #addBlock(first: number): number {
    const most = this.#rows.rowAfter(this.#rows.start(first) + BLOCK_CHARS);
    const end = Math.min(most, first + BLOCK_ROWS);
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

  #giveRows(block: Block): void {
    const rows: HTMLElement[] = [];
    for (let row = block.first; row < block.end; row++) rows.push(this.#row(row));
    block.element.replaceChildren(...rows);
    block.hasRows = true;
  }

  #takeRows(block: Block): void {
    block.element.textContent = this.#plainText(block.first, block.end);
    block.hasRows = false;
  }

  #row(row: number): HTMLElement {
    const line = this.#rows.line(row);
    const element = document.createElement("div");
    element.className = this.#isPicked(line) ? "row picked" : "row";
    if (this.#rows.isFirst(row)) element.dataset["line"] = String(line);
    const [start, end] = [this.#rows.start(row), this.#rows.end(row)];
    const runs = [...this.#colours.over(start, end)];
    if (runs.length > MOST_RUNS) appendRun(element, this.#rows.text.slice(start, end), 0);
    else for (const { from, to, kind } of runs) appendRun(element, this.#rows.text.slice(from, to), kind);
    return element;
  }

  #giveRowsWhenIdle(index: number): void {
    const block = this.#blocks[index];
    if (!block) return;
    whenIdle(() => {
      if (!block.hasRows) this.#giveRows(block);
      this.#giveRowsWhenIdle(index + 1);
    });
  }

  #see(seen: IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of seen) {
      const block = this.#blockOf.get(target)!;
      block.isNear = isIntersecting;
      if (isIntersecting && !block.hasRows) this.#giveRows(block);
    }
    if (this.#isSmall) return;
    for (const block of this.#blocks) if (block.hasRows && !block.isNear) this.#takeRows(block);
  }

  readonly #print = (): void => {
    if (this.#isSmall) for (const block of this.#blocks) if (!block.hasRows) this.#giveRows(block);
  };

  // -- picking lines -----------------------------------------------------------------------------------------

  #click(event: MouseEvent): void {
    const row = (event.target as Element).closest<HTMLElement>(".row");
    const line = Number(row?.dataset["line"]);
    if (!row || !line || event.clientX > row.getBoundingClientRect().left + numberWidth(row)) return;
    this.#onPick(this.#extended(line, event.shiftKey));
  }

  #extended(line: number, extend: boolean): LineRange | null {
    const picked = this.#picked;
    if (extend && picked) return { from: Math.min(picked.from, line), to: Math.max(picked.from, line) };
    return picked?.from === line && picked.to === line ? null : { from: line, to: line };
  }

  #isPicked(line: number): boolean {
    return this.#picked !== null && line >= this.#picked.from && line <= this.#picked.to;
  }

  #mark(lines: LineRange | null, isPicked: boolean): void {
    if (!lines) return;
    const first = this.#rows.rowOfLine(lines.from);
    const last = this.#rows.rowOfLine(lines.to + 1) - 1;
    for (const block of this.#blocks) {
      if (!block.hasRows) continue;
      const rows = [...block.element.children].slice(Math.max(0, first - block.first), Math.max(0, last + 1 - block.first));
      for (const row of rows) row.classList.toggle("picked", isPicked);
    }
  }

  #block(row: number): Block | undefined {
    return this.#blocks.find((block) => row < block.end);
  }

  #rowElement(row: number): Element | undefined {
    const block = this.#block(row);
    return block?.hasRows ? block.element.children[row - block.first] : undefined;
  }

  #scrollTo(line: number): void {
    const row = this.#rows.rowOfLine(line);
    const block = this.#block(row)!;
    if (!block.hasRows) this.#giveRows(block);
    const show = () => this.#rowElement(row)?.scrollIntoView({ block: "center", inline: "nearest" });
    show();
    // What lies above was only estimated until it came near: settle once it is laid out.
    requestAnimationFrame(() => requestAnimationFrame(show));
  }

  // -- copying -----------------------------------------------------------------------------------------------

  /** Copying a selection gives the text itself: its own line breaks, no numbers. */
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

  /** Where in the text a point of the document lies; null when it cannot be told. */
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

function whenIdle(work: () => void): void {
  if (typeof requestIdleCallback === "function") requestIdleCallback(work, { timeout: 500 });
  else setTimeout(work, 4);
}
