/** The filters beside the search field: language, kind, tags and time. */

import { reveal } from "satchel-share-page/code/hidden-characters";
import { h } from "satchel-share-page/view/dom";
import { filters as askFilters, type Filters, type FindRequest } from "../api";
import { icon } from "../frame/icons";
import { formatNumber, t } from "../i18n";
import { input, select } from "../parts/controls";

const SPANS = { day: 1, week: 7, month: 31, year: 366 } as const;
type Span = keyof typeof SPANS;
const DAY_MS = 86_400_000;

/** What is searched, as the owner chose it. Kept while other views are shown. */
export interface Choice {
  query: string;
  language: string;
  kind: string;
  tags: readonly string[];
  time: string;
  order: string;
}

export const ANYTHING: Choice = { query: "", language: "", kind: "", tags: [], time: "", order: "" };

export function toRequest({ query, language, kind, tags, time, order }: Choice, nowMs: number): FindRequest {
  const days = SPANS[time as Span];
  return {
    query,
    language,
    tags,
    kind: (kind || null) as NonNullable<FindRequest["kind"]> | null,
    since: days ? new Date(nowMs - days * DAY_MS).toISOString() : null,
    order: (order || (query ? "match" : "newest")) as "match" | "newest" | "oldest",
    lines: query ? 1 : 0,
  };
}

export class FilterBar {
  readonly element = h("div.filters", { attrs: { role: "group", "aria-label": t("filters") } });
  #known: Filters = { languages: [], tags: [], kinds: [], pieces: 0 };

  constructor(
    private readonly choice: Choice,
    private readonly changed: () => void,
  ) {
    this.#draw();
  }

  /** Ask which languages, tags and kinds there are. */
  async load(): Promise<void> {
    this.#known = await askFilters();
    if (!this.element.contains(document.activeElement)) this.#draw();
  }

  get isFiltering(): boolean {
    const { language, kind, tags, time } = this.choice;
    return Boolean(language || kind || time || tags.length);
  }

  clear(): void {
    Object.assign(this.choice, { language: "", kind: "", tags: [], time: "" });
    this.#set({});
  }

  #set(change: Partial<Choice>): void {
    const focused = document.activeElement?.id;
    Object.assign(this.choice, change);
    this.#draw();
    if (focused) document.getElementById(focused)?.focus();
    this.changed();
  }

  #draw(): void {
    const { choice } = this;
    const counted = (name: string, count: number) => `${name} (${formatNumber(count)})`;
    const languages = this.#known.languages.filter(({ name }) => name).map(({ name, count }) => ({ value: name, label: counted(name, count) }));
    if (choice.language && !languages.some(({ value }) => value === choice.language)) languages.unshift({ value: choice.language, label: choice.language });
    const kinds = (["code", "text", "image", "other"] as const).map((kind) => ({ value: kind, label: t(`kind_${kind}`) }));
    const times = (Object.keys(SPANS) as Span[]).map((span) => ({ value: span, label: t(`time_${span}`) }));
    const orders = (["newest", "oldest"] as const).map((order) => ({ value: order, label: t(`order_${order}`) }));
    const any = (label: string) => ({ value: "", label });
    this.element.replaceChildren(
      select([any(t("any_language")), ...languages], choice.language, (language) => this.#set({ language }), { id: "filter-language", "aria-label": t("language_of_code"), isSet: Boolean(choice.language) }),
      select([any(t("any_kind")), ...kinds], choice.kind, (kind) => this.#set({ kind }), { id: "filter-kind", "aria-label": t("kind"), isSet: Boolean(choice.kind) }),
      select([any(t("any_time")), ...times], choice.time, (time) => this.#set({ time }), { id: "filter-time", "aria-label": t("changed_when"), isSet: Boolean(choice.time) }),
      this.#tagInput(),
      select([any(t("order_best")), ...orders], choice.order, (order) => this.#set({ order }), { id: "filter-order", "aria-label": t("order") }),
      ...choice.tags.map((tag) => this.#chip(tag)),
    );
    if (this.isFiltering) this.element.append(h("button.button.quiet.clear", { text: t("clear_filters"), attrs: { type: "button" }, on: { click: () => this.clear() } }));
  }

  #tagInput(): HTMLElement {
    const names = new Set(this.#known.tags.map(({ name }) => name));
    const list = h("datalist", { attrs: { id: "filter-tags" } }, ...this.#known.tags.map(({ name, count }) => h("option", { attrs: { value: name, label: formatNumber(count) } })));
    const add = (isWhole: boolean) => {
      const tag = field.value.trim();
      if (tag && (isWhole || names.has(tag)) && !this.choice.tags.includes(tag)) this.#set({ tags: [...this.choice.tags, tag] });
    };
    const field = input({ id: "filter-tag", list: "filter-tags", placeholder: t("tag"), "aria-label": t("filter_tag"), class: "small tag-filter", dir: "auto" });
    field.addEventListener("input", (event) => (event as InputEvent).inputType === "insertReplacementText" && add(false));
    field.addEventListener("change", () => add(true));
    return h("span.tag-field", {}, icon("tag"), field, list);
  }

  #chip(tag: string): HTMLElement {
    const remove = () => this.#set({ tags: this.choice.tags.filter((other) => other !== tag) });
    return h("button.chip", { attrs: { type: "button", "aria-label": t("remove_tag", { tag: reveal(tag) }) }, on: { click: remove } }, h("span", { text: reveal(tag), attrs: { dir: "auto" } }), icon("close"));
  }
}
