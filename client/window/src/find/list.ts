/**
 * A list of any length: only the rows in view are in the document, and each element is used again for another row.
 * All rows have the same height. The focus stays in the search field, which moves the active row.
 */

import { h } from "satchel-share-page/view/dom";
import { t } from "../i18n";

const OVERSCAN_ROWS = 6;

export interface ListSource<R> {
  readonly count: number;
  row(index: number): R | undefined;
  /** These rows are in view. */
  want(first: number, end: number): void;
}

export interface RowElement<R> {
  readonly element: HTMLElement;
  /** Show a row; undefined while it is fetched. */
  draw(row: R | undefined, index: number): void;
}

export interface ListOptions<R> {
  readonly id: string;
  readonly label: string;
  /** The height of a row, in pixels. */
  readonly rowPx: number;
  create(): RowElement<R>;
  open(row: R, inNewTab: boolean): void;
  /** The active row changed. */
  activated(optionId: string | null): void;
}

interface Slot<R> extends RowElement<R> {
  index: number;
  row: R | undefined;
}

export class VirtualList<R> {
  readonly element: HTMLElement;
  readonly #rows = h("div.rows");
  #slots: Slot<R>[] = [];
  #source: ListSource<R> = { count: 0, row: () => undefined, want: () => undefined };
  #active = 0;
  #frame = 0;
  readonly #resized = new ResizeObserver(() => this.#draw());

  constructor(private readonly options: ListOptions<R>) {
    this.element = h("div.list", { attrs: { role: "listbox", id: options.id, "aria-label": options.label, tabindex: "-1" } }, this.#rows);
    this.#rows.setAttribute("role", "presentation");
    this.element.addEventListener("scroll", () => this.#drawSoon(), { passive: true });
    this.element.addEventListener("click", (event) => this.#click(event));
    this.element.addEventListener("auxclick", (event) => event.button === 1 && this.#click(event));
    this.#resized.observe(this.element);
  }

  /** Show other rows; with `keep`, at the place where the list is scrolled. */
  show(source: ListSource<R>, keep = false): void {
    this.#source = source;
    if (!keep) {
      this.#active = 0;
      this.element.scrollTop = 0;
    }
    this.update();
  }

  /** Rows have arrived. */
  update(): void {
    this.#rows.style.height = `${this.#source.count * this.options.rowPx}px`;
    for (const slot of this.#slots) slot.index = -1;
    this.#draw();
    this.activate(this.#active, false);
  }

  get active(): number {
    return this.#active;
  }

  get activeRow(): R | undefined {
    return this.#source.row(this.#active);
  }

  /** How many rows the list draws at once. */
  get rowsInView(): number {
    return Math.ceil((this.element.clientHeight || innerHeight) / this.options.rowPx) + OVERSCAN_ROWS;
  }

  get scrollTop(): number {
    return this.element.scrollTop;
  }

  set scrollTop(top: number) {
    this.element.scrollTop = top;
    this.#draw();
  }

  /** Make a row the active one, and bring it into view. */
  activate(index: number, scroll = true): void {
    this.#active = Math.max(0, Math.min(index, this.#source.count - 1));
    if (scroll) this.#reveal(this.#active);
    this.#draw();
    this.options.activated(this.#source.row(this.#active) ? this.#optionId(this.#active) : null);
  }

  /** Move the active row by the keys of a list; false for other keys. */
  key(event: KeyboardEvent): boolean {
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.options.rowPx) - 1);
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page }[event.key];
    if (step) this.activate(this.#active + step);
    else if (event.key === "Home" && event.ctrlKey) this.activate(0);
    else if (event.key === "End" && event.ctrlKey) this.activate(this.#source.count - 1);
    else if (event.key === "Enter" && !event.isComposing && this.activeRow) this.options.open(this.activeRow, event.ctrlKey || event.metaKey);
    else return false;
    return true;
  }

  dispose(): void {
    this.#resized.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  #drawSoon(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw(): void {
    const { rowPx } = this.options;
    const { scrollTop, clientHeight } = this.element;
    const first = Math.max(0, Math.floor(scrollTop / rowPx) - OVERSCAN_ROWS);
    const end = Math.min(this.#source.count, Math.ceil((scrollTop + clientHeight) / rowPx) + OVERSCAN_ROWS);
    this.#source.want(first, end);
    const free = this.#slots.filter(({ index }) => index < first || index >= end);
    const shown = new Map(this.#slots.filter(({ index }) => index >= first && index < end).map((slot) => [slot.index, slot]));
    for (let index = first; index < end; index++) this.#drawSlot(shown.get(index) ?? free.pop() ?? this.#addSlot(), index);
    for (const slot of free) {
      slot.element.hidden = true;
      slot.index = -1;
    }
  }

  #addSlot(): Slot<R> {
    const slot = { ...this.options.create(), index: -1, row: undefined };
    slot.element.setAttribute("role", "option");
    this.#rows.append(slot.element);
    this.#slots.push(slot);
    return slot;
  }

  #drawSlot(slot: Slot<R>, index: number): void {
    const row = this.#source.row(index);
    const { element } = slot;
    element.setAttribute("aria-selected", String(index === this.#active));
    if (slot.index === index && slot.row === row) return;
    slot.index = index;
    slot.row = row;
    element.hidden = false;
    element.id = this.#optionId(index);
    element.style.transform = `translateY(${index * this.options.rowPx}px)`;
    element.setAttribute("aria-posinset", String(index + 1));
    element.setAttribute("aria-setsize", String(this.#source.count));
    element.setAttribute("aria-busy", String(!row));
    slot.draw(row, index);
    if (!row) element.setAttribute("aria-label", t("loading"));
    else element.removeAttribute("aria-label");
  }

  #reveal(index: number): void {
    const { rowPx } = this.options;
    const { scrollTop, clientHeight } = this.element;
    const top = index * rowPx;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + rowPx > scrollTop + clientHeight) this.element.scrollTop = top + rowPx - clientHeight;
  }

  #click(event: MouseEvent): void {
    const element = (event.target as Element).closest('[role="option"]');
    const slot = this.#slots.find((slot) => slot.element === element);
    if (!slot?.row) return;
    event.preventDefault();
    this.activate(slot.index, false);
    this.options.open(slot.row, event.ctrlKey || event.metaKey || event.button === 1);
  }

  #optionId(index: number): string {
    return `${this.options.id}-${index}`;
  }
}
