/** Find: a search field, filters, and the Pieces, from the first letter on. */

import { append, h } from "satchel-share-page/view/dom";
import type { Row, ServerEvent } from "../api";
import type { App, Key, View } from "../app";
import { icon } from "../frame/icons";
import { plural, t } from "../i18n";
import { button, emptyState } from "../parts/controls";
import { listDrafts } from "../piece/drafts";
import { pathOf } from "../router";
import { said } from "../server-lines";
import { ANYTHING, type Choice, FilterBar, toRequest } from "./filters";
import { VirtualList } from "./list";
import { MANY, Results } from "./results";
import { pieceRow } from "./row";

const ROW_PX = 60;
/** How long changes of the store are gathered before the list shows them. */
const CHANGE_MS = 250;
/** How long the typing rests before all matches are counted. */
const REST_MS = 150;

/** What was searched when the view was left, and where the list was scrolled. */
const left: { choice: Choice; active: number; scrollTop: number } = { choice: { ...ANYTHING }, active: 0, scrollTop: 0 };

/** Search for the Pieces with a tag when the view is shown next. */
export function searchTag(tag: string): void {
  Object.assign(left, { choice: { ...ANYTHING, tags: [tag] }, active: 0, scrollTop: 0 });
}

export class FindView implements View {
  readonly element: HTMLElement;
  readonly title = t("pieces");
  readonly #search: HTMLInputElement;
  readonly #status = h("p.count", { attrs: { role: "status" } });
  readonly #body = h("div.found");
  /** How many drafts wait to be saved. */
  readonly #drafts = h("div.draft-count", { attrs: { hidden: true } });
  readonly #list: VirtualList<Row>;
  readonly #filters: FilterBar;
  #results: Results;
  /** The search that is under way. */
  #finding: Promise<void> = Promise.resolve();
  #changed = 0;
  #rest = 0;

  constructor(private readonly app: App) {
    this.#list = new VirtualList({
      id: "results",
      label: t("pieces"),
      rowPx: ROW_PX,
      create: pieceRow,
      open: (row, inNewTab) => this.#open(row, inNewTab),
      activated: (id) => this.#activated(id),
    });
    const attrs = { id: "search", type: "search", role: "combobox", "aria-label": t("search"), "aria-expanded": "true", "aria-controls": "results", "aria-autocomplete": "list", placeholder: t("search_hint"), autocomplete: "off", autocapitalize: "none", spellcheck: "false", enterkeyhint: "search", dir: "auto", value: left.choice.query, "data-focus": true };
    this.#search = h("input.input", { attrs, on: { input: () => this.#typed(), keydown: (event) => this.#key(event) } });
    this.#filters = new FilterBar(left.choice, () => void this.#find());
    this.element = h("div.find", {}, h("h1.visually-hidden", { text: t("pieces") }), h("div.search-field", {}, icon("search"), this.#search), this.#filters.element, this.#drafts, this.#status, this.#body);
    this.#results = this.#newResults();
  }

  readonly keys: readonly Key[] = [
    { key: "j", label: "key_next", repeats: true, run: () => this.#list.activate(this.#list.active + 1) },
    { key: "k", label: "key_previous", repeats: true, run: () => this.#list.activate(this.#list.active - 1) },
    { key: "ArrowDown", label: "key_next", repeats: true, run: () => this.#list.activate(this.#list.active + 1) },
    { key: "ArrowUp", label: "key_previous", repeats: true, run: () => this.#list.activate(this.#list.active - 1) },
    { key: "Enter", label: "key_open", run: () => this.#list.activeRow && this.#open(this.#list.activeRow, false) },
    { key: "Escape", label: "key_clear", run: () => this.#clear() },
  ];

  /** Show the Pieces of before, where they were. */
  async begin(): Promise<this> {
    const { active, scrollTop } = left;
    void this.app.attempt(() => this.#filters.load());
    void this.app.attempt(() => this.#countDrafts());
    await this.#results.begin();
    this.#draw(this.#results);
    this.#list.activate(active, false);
    if (scrollTop) requestAnimationFrame(() => (this.#list.scrollTop = scrollTop));
    return this;
  }

  hear(event: ServerEvent): void {
    if (event.kind !== "change") return;
    clearTimeout(this.#changed);
    this.#changed = window.setTimeout(() => void this.#find(true), CHANGE_MS);
  }

  resume(): void {
    void this.#find(true);
  }

  dispose(): void {
    Object.assign(left, { active: this.#list.active, scrollTop: this.#list.scrollTop });
    clearTimeout(this.#changed);
    clearTimeout(this.#rest);
    this.#results.stop();
    this.#list.dispose();
  }

  async #countDrafts(): Promise<void> {
    const isReadOnly = this.app.hello.is_read_only;
    const { drafts, damaged, newer } = await listDrafts();
    const count = drafts.length + damaged.length + newer.length;
    const waiting = count ? [h("span", { text: plural("unsaved_drafts", count) }), button({ label: t("show_drafts"), run: () => this.app.go("new") })] : [];
    this.#drafts.replaceChildren(...(isReadOnly ? [h("span", { text: t("read_only") })] : []), ...waiting);
    this.#drafts.hidden = !count && !isReadOnly;
  }

  // -- searching -----------------------------------------------------------------------------------------------

  #typed(): void {
    left.choice.query = this.#search.value;
    void this.#find();
  }

  #newResults(): Results {
    const request = toRequest(left.choice, Date.now());
    const results: Results = new Results(request, () => results === this.#results && this.#update(), (error) => this.app.fail(error)); // prettier-ignore
    return results;
  }

  /** Search anew. With `keep`, the list stays where it is. */
  #find(keep = false): Promise<void> {
    return (this.#finding = this.#findNow(keep));
  }

  async #findNow(keep: boolean): Promise<void> {
    const results = this.#newResults();
    this.#results.stop();
    this.#results = results;
    clearTimeout(this.#rest);
    if (keep) void this.app.attempt(() => this.#filters.load());
    await (keep ? results.begin() : results.beginWith(this.#list.rowsInView));
    if (results !== this.#results) return;
    this.#draw(results, keep);
    if (!keep) this.#rest = window.setTimeout(() => void results.complete(), REST_MS);
  }

  #draw(results: Results, keep = false): void {
    const isEmpty = !results.total;
    if (isEmpty) this.#body.replaceChildren(this.#nothing());
    else if (!this.#list.element.isConnected || this.#list.element.parentElement !== this.#body) this.#body.replaceChildren(this.#list.element);
    this.#list.show({ get count() { return results.total; }, row: (index) => results.row(index), want: (first, end) => results.want(first, end) }, keep); // prettier-ignore
    this.#drawStatus(results);
    // For traces (bench/client/keystrokes.py); the browser need not keep them.
    performance.mark(`satchel:took:${results.tookMs}`);
    performance.mark("satchel:found");
    performance.clearMarks();
  }

  #update(): void {
    if (!this.#list.element.isConnected) return this.#draw(this.#results);
    this.#list.update();
    this.#drawStatus(this.#results);
  }

  /** Say how many were found. Until they are counted, the number of before stays. */
  #drawStatus({ total, isCounted, isMany, corrections }: Results): void {
    if (!isCounted) return;
    const used = corrections.map(({ used }) => used.join(", ")).join(", ");
    const count = isMany ? plural("found_more", MANY) : plural("found_pieces", total);
    this.#status.textContent = count + (used ? ` · ${t("searched_instead", { words: used })}` : "");
  }

  #nothing(): HTMLElement {
    const isStoreEmpty = !left.choice.query && !this.#filters.isFiltering;
    if (!isStoreEmpty) return emptyState("search", t("nothing_found"), t("nothing_found_text"), this.#filters.isFiltering && button({ label: t("clear_filters"), run: () => this.#filters.clear() }));
    const add = button({ label: t("new_piece"), icon: "plus", class: "primary", run: () => this.app.go("new") });
    return emptyState("empty", t("store_empty"), t("store_empty_text"), this.app.has("new") && add);
  }

  // -- keys ----------------------------------------------------------------------------------------------------

  #key(event: KeyboardEvent): void {
    if (event.key === "Escape" && this.#search.value) this.#clear();
    else if (event.key === "Enter" && !event.isComposing) void this.#enter(event);
    else if (!this.#list.key(event)) return;
    event.preventDefault();
  }

  /** Open the active row of what was typed, not of an earlier search that is still on screen. */
  async #enter(event: KeyboardEvent): Promise<void> {
    const typed = this.#search.value;
    let finding: Promise<void> | null = null;
    while (finding !== this.#finding) await (finding = this.#finding);
    if (this.#search.value === typed && this.element.isConnected) this.#list.key(event);
  }

  #clear(): void {
    this.#search.value = "";
    this.#search.focus();
    this.#typed();
  }

  #activated(id: string | null): void {
    if (id) this.#search.setAttribute("aria-activedescendant", id);
    else this.#search.removeAttribute("aria-activedescendant");
  }

  #open({ id }: Row, inNewTab: boolean): void {
    if (inNewTab) window.open(pathOf("pieces", id), "_blank", "noopener");
    else this.app.go("pieces", id);
  }
}

/** Rows of Pieces that are links, for short lists such as similar Pieces. */
export function pieceLinks(rows: readonly { readonly piece: Row; readonly reason: string }[], app: App): HTMLElement {
  const list = h("ul.piece-links", { attrs: { role: "list" } });
  const items = rows.map(({ piece, reason }) => {
    const row = pieceRow();
    row.draw(piece, 0);
    const open = (event: MouseEvent) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      app.go("pieces", piece.id);
    };
    return h("li", {}, h("a", { attrs: { href: pathOf("pieces", piece.id) }, on: { click: open } }, row.element), reason && h("p.help", { text: said(reason), attrs: { dir: "auto" } }));
  });
  append(list, items);
  return list;
}
