/** The memory as a timeline: stretches of work by day, or what answers a question. */

import { reveal } from "satchel-share-page/code/hidden-characters";
import { append, externalLink, h } from "satchel-share-page/view/dom";
import { type EpisodeView, timeline, type Timeline } from "../api";
import type { App, View } from "../app";
import { icon } from "../frame/icons";
import { formatClock, formatDay, t } from "../i18n";
import { button, emptyState, input, labelled } from "../parts/controls";
import { page } from "../parts/table";

const ASK_MS = 400;
const PAGE = 50;

export class MemoryView implements View {
  readonly element: HTMLElement;
  readonly title = t("memory");
  readonly #question = input({ id: "search", type: "search", placeholder: t("ask_memory"), "aria-label": t("ask_memory"), dir: "auto", class: "", spellcheck: "true" }, () => this.#askSoon());
  readonly #day = input({ type: "date" }, () => void this.#load());
  readonly #body = h("div.timeline", { attrs: { "aria-live": "polite" } });
  #timer = 0;
  #request: AbortController | null = null;
  #limit = PAGE;

  constructor(private readonly app: App) {
    this.element = page(t("memory"), t("memory_text"), h("div.search-field", {}, icon("search"), this.#question), h("div.field-row", {}, labelled(t("until_day"), this.#day)), this.#body);
  }

  async begin(): Promise<this> {
    await this.#load();
    return this;
  }

  resume(): void {
    void this.#load();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#request?.abort();
  }

  #askSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#load(), ASK_MS);
  }

  async #load(): Promise<void> {
    this.#request?.abort();
    const request = (this.#request = new AbortController());
    const until = this.#day.value ? new Date(`${this.#day.value}T23:59:59.999`).toISOString() : null;
    const found = await this.app.attempt(() => timeline({ question: this.#question.value.trim(), until, limit: this.#limit }, request.signal));
    if (found && !request.signal.aborted) this.#draw(found);
  }

  #draw(found: Timeline): void {
    if (!found.is_on) return this.#body.replaceChildren(emptyState("memory", t("memory_off"), t("memory_off_text"), button({ label: t("settings"), icon: "settings", class: "primary", run: () => this.app.go("settings") })));
    if (!found.episodes.length) return this.#body.replaceChildren(emptyState("memory", t("nothing_found"), t("memory_empty_text")));
    const isAnswer = Boolean(this.#question.value.trim());
    const more = found.has_more && this.#limit < 500 && button({ label: t("show_more"), run: () => this.#more() });
    const groups = isAnswer ? [h("ol.episodes", { attrs: { role: "list" } }, ...found.episodes.map((episode) => drawEpisode(episode, true)))] : drawDays(found);
    this.#body.replaceChildren(...groups);
    append(this.#body, [found.waiting > 0 && h("p.help", { text: t("memory_waiting") }), more]);
  }

  #more(): void {
    this.#limit = Math.min(500, this.#limit + PAGE);
    void this.#load();
  }
}

function drawDays({ episodes, summaries }: Timeline): HTMLElement[] {
  const days = new Map<string, EpisodeView[]>();
  for (const episode of episodes) days.set(formatDay(episode.start), [...(days.get(formatDay(episode.start)) ?? []), episode]);
  const summaryOf = (day: string) => summaries.find(({ kind, start }) => kind === "day" && formatDay(start) === day);
  return [...days].map(([day, list]) => {
    const summary = summaryOf(day);
    const lines = summary && h("ul.plain.summary", {}, ...summary.lines.map((line) => h("li", { text: reveal(line), attrs: { dir: "auto" } })));
    const section = h("section.day", {}, h("h2", { text: day }));
    append(section, [lines, h("ol.episodes", { attrs: { role: "list" } }, ...list.map((episode) => drawEpisode(episode, false)))]);
    return section;
  });
}

function drawEpisode(episode: EpisodeView, hasDay: boolean): HTMLElement {
  const { start, end, title, outcome, repository, commands, files, links, hosts, agents, reason, evidence } = episode;
  const time = `${hasDay ? `${formatDay(start)}, ` : ""}${formatClock(start)}–${formatClock(end)}`;
  const done = evidence?.done.length ? evidence.done : episode.done;
  const details = h("details", {}, h("summary", { text: t("details") }));
  append(details, [lines(t("commands_run"), evidence?.commands.length ? evidence.commands : commands, true), lines(t("files"), evidence?.files.length ? evidence.files : files, true), lines(t("hosts"), hosts, true), lines(t("agents"), agents, false), linkList(links)]);
  const item = h("li.episode", {}, h("h3", { text: reveal(title), attrs: { dir: "auto" } }), h("p.meta", {}, h("span", { text: time }), repository && h("span", { text: reveal(repository), attrs: { dir: "auto" } })));
  append(item, [done.length > 0 && h("ul.plain", {}, ...done.map((line) => h("li", { text: reveal(line), attrs: { dir: "auto" } }))), outcome && h("p", { text: reveal(outcome), attrs: { dir: "auto" } }), reason && h("p.help", { text: reason }), details.childElementCount > 1 && details]);
  return item;
}

function lines(title: string, texts: readonly string[], isCode: boolean): HTMLElement | false {
  const items = texts.map((text) => h("li", {}, isCode ? h("code", { text: reveal(text), attrs: { dir: "ltr" } }) : reveal(text)));
  return items.length > 0 && h("div", {}, h("h4", { text: title }), h("ul.plain", {}, ...items));
}

function linkList(addresses: readonly string[]): HTMLElement | false {
  return addresses.length > 0 && h("div", {}, h("h4", { text: t("links") }), h("ul.plain", {}, ...addresses.map((address) => h("li", {}, externalLink(address, reveal(address))))));
}
