/** The memory as a timeline: stretches of work by day, or what answers a question; and forgetting. */

import { reveal } from "satchel-share-page/code/hidden-characters";
import { append, externalLink, h } from "satchel-share-page/view/dom";
import { type EpisodeView, timeline, type Timeline } from "../api";
import type { App, View } from "../app";
import { icon } from "../frame/icons";
import { formatClock, formatDay, t } from "../i18n";
import { button, emptyState, input, labelled, whileBusy } from "../parts/controls";
import { page } from "../parts/table";
import { said } from "../server-lines";
import { forgetEpisode, openForgetting } from "./forgetting";

const ASK_MS = 400;
const PAGE = 50;

/** What was asked, for when the view is opened again. */
const left = { question: "", since: "", until: "" };

export class MemoryView implements View {
  readonly element: HTMLElement;
  readonly title = t("memory");
  readonly #question = input({ id: "search", type: "search", placeholder: t("ask_memory"), "aria-label": t("ask_memory"), dir: "auto", class: "", spellcheck: "true" }, () => this.#askSoon());
  readonly #since = input({ type: "date" }, () => void this.#load());
  readonly #until = input({ type: "date" }, () => void this.#load());
  readonly #tools = h("div.stack");
  readonly #body = h("div.timeline", { attrs: { "aria-live": "polite" } });
  #timer = 0;
  #request: AbortController | null = null;
  #limit = PAGE;

  constructor(private readonly app: App) {
    const forget = button({ label: t("forget_some"), icon: "trash", class: "danger-quiet", run: () => void whileBusy(forget, () => this.#forget()) });
    const days = h("div.row-of.from-to", {}, labelled(t("from"), this.#since), labelled(t("until_day"), this.#until));
    append(days, [!app.hello.is_read_only && forget]);
    this.#question.value = left.question;
    this.#since.value = left.since;
    this.#until.value = left.until;
    this.#tools.append(h("div.search-field", {}, icon("search"), this.#question), days);
    this.element = page(t("memory"), t("memory_text"), this.#tools, this.#body);
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

  leave(): void {
    Object.assign(left, { question: this.#question.value, since: this.#since.value, until: this.#until.value });
  }

  #askSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#load(), ASK_MS);
  }

  async #load(): Promise<void> {
    this.#request?.abort();
    const request = (this.#request = new AbortController());
    const found = await this.app.attempt(() => timeline({ question: this.#question.value.trim(), ...this.#days, limit: this.#limit }, request.signal));
    if (found && !request.signal.aborted) this.#draw(found);
  }

  /** The chosen days, from the start of the first to the end of the last. */
  get #days(): { readonly since: string | null; readonly until: string | null } {
    const time = (day: string, clock: string) => (day ? new Date(`${day}T${clock}`).toISOString() : null);
    return { since: time(this.#since.value, "00:00"), until: time(this.#until.value, "23:59:59.999") };
  }

  #draw(found: Timeline): void {
    this.#tools.hidden = !found.is_on;
    if (!found.is_on) return this.#body.replaceChildren(emptyState("memory", t("memory_off"), t("memory_off_text"), button({ label: t("open_settings"), icon: "settings", class: "primary", run: () => this.app.go("settings") })));
    const isAnswer = Boolean(this.#question.value.trim());
    const isNarrowed = isAnswer || Boolean(this.#since.value || this.#until.value);
    if (!found.episodes.length) return this.#body.replaceChildren(emptyState("memory", t(isNarrowed ? "nothing_found" : "memory_new"), t(isNarrowed ? "memory_empty_text" : "memory_new_text")));
    const more = found.has_more && this.#limit < 500 && button({ label: t("show_more"), run: () => this.#more() });
    const groups = isAnswer ? [h("ol.episodes", { attrs: { role: "list" } }, ...found.episodes.map((episode) => this.#episode(episode, true)))] : this.#drawDays(found);
    this.#body.replaceChildren(...groups);
    append(this.#body, [found.waiting > 0 && h("p.help", { text: t("memory_waiting") }), more]);
  }

  #more(): void {
    this.#limit = Math.min(500, this.#limit + PAGE);
    void this.#load();
  }

  #drawDays({ episodes, summaries }: Timeline): HTMLElement[] {
    const days = new Map<string, EpisodeView[]>();
    for (const episode of episodes) days.set(formatDay(episode.start), [...(days.get(formatDay(episode.start)) ?? []), episode]);
    const summaryOf = (day: string) => summaries.find(({ kind, start }) => kind === "day" && formatDay(start) === day);
    return [...days].map(([day, list]) => {
      const summary = list.length > 1 && summaryOf(day);
      const lines = summary && h("ul.plain.summary", {}, ...summary.lines.map((line) => h("li", { text: reveal(said(line, "memory")), attrs: { dir: "auto" } })));
      const section = h("section.day", {}, h("h2", { text: day }));
      append(section, [lines, h("ol.episodes", { attrs: { role: "list" } }, ...list.map((episode) => this.#episode(episode, false)))]);
      return section;
    });
  }

  #episode(episode: EpisodeView, hasDay: boolean): HTMLElement {
    return drawEpisode(episode, hasDay, !this.app.hello.is_read_only && button({ label: t("forget_this", { title: reveal(said(episode.title, "memory")) }), icon: "trash", isIconOnly: true, class: "quiet", run: () => void this.#forgetOne(episode) }));
  }

  // -- forgetting ----------------------------------------------------------------------------------------------

  async #forget(): Promise<void> {
    if (await openForgetting(this.app, { ...this.#days, matching: this.#question.value.trim() })) await this.#load();
  }

  async #forgetOne(episode: EpisodeView): Promise<void> {
    if (!(await forgetEpisode(this.app, episode))) return;
    await this.#load();
    this.#question.focus();
  }
}

function drawEpisode(episode: EpisodeView, hasDay: boolean, forget: HTMLElement | false): HTMLElement {
  const { start, end, title, outcome, repository, commands, files, links, hosts, agents, reason, evidence } = episode;
  const time = `${hasDay ? `${formatDay(start)}, ` : ""}${formatClock(start)}–${formatClock(end)}`;
  const done = (evidence?.done.length ? evidence.done : episode.done).map(withoutMark).filter((line) => line !== title);
  const details = h("details", {}, h("summary", { text: t("details") }));
  append(details, [lines(t("commands_run"), evidence?.commands.length ? evidence.commands : commands, true), lines(t("files"), evidence?.files.length ? evidence.files : files, true), lines(t("hosts"), hosts, true), lines(t("agents"), agents, false), linkList(links)]);
  const head = h("div.title-row", {}, h("h3", { text: reveal(said(title, "memory")), attrs: { dir: "auto" } }));
  append(head, [outcome === "failed" && h("span.badge.removed", { text: t("work_failed") }), forget]);
  const item = h("li.episode", {}, head, h("p.meta", {}, h("span", { text: time }), repository && h("span", { text: reveal(nameOf(repository)), attrs: { dir: "auto", title: reveal(repository) } })));
  append(item, [done.length > 0 && h("ul.plain", {}, ...done.map((line) => h("li", { text: reveal(said(line, "memory")), attrs: { dir: "auto" } }))), reason && h("p.help", { text: said(reason), attrs: { dir: "auto" } }), details.childElementCount > 1 && details]);
  return item;
}

/** The last part of a path. */
function nameOf(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
}

/** A line about what was done, without the word that tells commits from commands. */
function withoutMark(line: string): string {
  return line.replace(/^(?:committed|ran): /, "");
}

function lines(title: string, texts: readonly string[], isCode: boolean): HTMLElement | false {
  const items = texts.map((text) => h("li", {}, isCode ? h("code", { text: reveal(text), attrs: { dir: "ltr" } }) : reveal(text)));
  return items.length > 0 && h("div", {}, h("h4", { text: title }), h("ul.plain", {}, ...items));
}

function linkList(addresses: readonly string[]): HTMLElement | false {
  return addresses.length > 0 && h("div", {}, h("h4", { text: t("links") }), h("ul.plain", {}, ...addresses.map((address) => h("li", {}, externalLink(address, reveal(address))))));
}
