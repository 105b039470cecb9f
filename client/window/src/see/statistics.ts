/** Statistics: how the store grew, and its languages, drawn as plots with the numbers beside them. */

import { reveal } from "satchel-share-page/code/hidden-characters";
import { Latest } from "satchel-share-page/latest";
import { h, svg } from "satchel-share-page/view/dom";
import { type Growth, statistics, type Statistics } from "../api";
import type { App, View } from "../app";
import { formatDay, formatMoment, formatNumber, formatSize, locale, plural, t } from "../i18n";
import { button, emptyState, select } from "../parts/controls";
import { redraw } from "../parts/redraw";
import { facts, page, section, table } from "../parts/table";

const UNITS = ["month", "week", "day"] as const;
const WIDTH = 720;
const HEIGHT = 200;
const MAX_BARS = 12;

export class StatisticsView implements View {
  readonly element: HTMLElement;
  readonly title = t("statistics");
  readonly #body = h("div.statistics");
  readonly #loads = new Latest();
  #by: (typeof UNITS)[number] = "month";

  constructor(private readonly app: App) {
    this.element = page(t("statistics"), t("statistics_text"), this.#body);
  }

  async begin(): Promise<this> {
    await this.#load();
    return this;
  }

  resume(): void {
    void this.#load();
  }

  async #load(): Promise<void> {
    const isLatest = this.#loads.ask();
    const found = await this.app.attempt(() => statistics({ by: this.#by }));
    if (found && isLatest()) this.#draw(found);
  }

  #draw(found: Statistics): void {
    if (!found.pieces) return this.#body.replaceChildren(emptyState("statistics", t("store_empty"), t("store_empty_text"), this.app.has("new") && button({ label: t("new_piece"), icon: "plus", class: "primary", run: () => this.app.go("new") })));
    const summary = facts([
      [t("pieces"), formatNumber(found.pieces)],
      [t("revisions"), formatNumber(found.revisions)],
      [t("content"), formatSize(found.content_bytes)],
      [t("store"), formatSize(found.store_bytes)],
      [t("index"), formatSize(found.index_bytes)],
      [t("oldest"), found.oldest && formatMoment(found.oldest)],
    ]);
    const by = select(UNITS.map((unit) => ({ value: unit, label: t(`by_${unit}`) })), this.#by, (unit) => {
      this.#by = unit as "month";
      void this.#load();
    }, { "aria-label": t("period") }); // prettier-ignore
    const languages = found.languages.map(({ language, pieces }) => ({ name: language ?? t("no_language"), count: pieces }));
    const kinds = found.kinds.map(({ name, count }) => ({ name: t(`kind_${name as "code"}`), count }));
    redraw(this.#body, [
      summary,
      section(t("growth"), by, plotGrowth(found.growth), growthTable(found.growth)),
      section(t("languages"), bars(t("languages"), languages)),
      section(t("kinds"), bars(t("kinds"), kinds)),
      ...(found.tags.length ? [section(t("tags"), bars(t("tags"), found.tags.map(({ name, count }) => ({ name: reveal(name), count }))))] : []),
    ]); // prettier-ignore
  }
}

/** The number of Pieces over time, as an area. The table below says the same. */
function plotGrowth(growth: readonly Growth[]): HTMLElement {
  const highest = Math.max(1, ...growth.map(({ total }) => total));
  const x = (index: number) => (growth.length === 1 ? WIDTH : (index / (growth.length - 1)) * WIDTH);
  const y = (total: number) => HEIGHT - (total / highest) * (HEIGHT - 10);
  const points = growth.map(({ total }, index) => `${x(index).toFixed(1)} ${y(total).toFixed(1)}`);
  const line = growth.length === 1 ? `M0 ${y(growth[0]!.total)}H${WIDTH}` : `M${points.join("L")}`;
  const area = `${line}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`;
  const label = t("growth_label", { n: formatNumber(highest) });
  const drawing = svg({ viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "plot", role: "img", "aria-label": label, preserveAspectRatio: "none" }, area, line);
  const month = (start: string) => new Intl.DateTimeFormat(locale(), { month: "short", year: "numeric" }).format(new Date(start));
  const scale = h("div.scale", { attrs: { "aria-hidden": "true" } }, h("span", { text: growth.length ? month(growth[0]!.start) : "" }), h("span", { text: plural("found_pieces", highest) }), h("span", { text: growth.length > 1 ? month(growth.at(-1)!.start) : "" }));
  return h("figure.growth", { attrs: { dir: "ltr" } }, drawing, scale);
}

function growthTable(growth: readonly Growth[]): HTMLElement {
  const rows = table(t("growth"), [
    { label: t("from"), cell: ({ start }) => formatDay(start) },
    { label: t("added_pieces"), class: "number", cell: ({ pieces }) => formatNumber(pieces) },
    { label: t("revisions"), class: "number", cell: ({ revisions }) => formatNumber(revisions) },
    { label: t("total"), class: "number", cell: ({ total }) => formatNumber(total) },
    { label: t("size"), class: "number", cell: ({ bytes }) => formatSize(bytes) },
  ], [...growth].reverse()); // prettier-ignore
  return h("details", {}, h("summary", { text: t("as_table") }), rows);
}

/** A bar for each of the most frequent names, with its number. */
function bars(label: string, counts: readonly { readonly name: string; readonly count: number }[]): HTMLElement {
  const shown = counts.slice(0, MAX_BARS);
  const highest = Math.max(1, ...shown.map(({ count }) => count));
  const rows = shown.map(({ name, count }) => {
    const bar = h("span.bar", { attrs: { "aria-hidden": "true" } });
    bar.style.inlineSize = `${(count / highest) * 100}%`;
    return h("li", {}, h("span.name", { text: name, attrs: { dir: "auto" } }), h("span.track", {}, bar), h("span.number", { text: formatNumber(count) }));
  });
  return h("ul.bars", { attrs: { role: "list", "aria-label": label } }, ...rows);
}
