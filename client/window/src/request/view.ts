/** Requests: what was asked for, the answers that have arrived, and what can be done with each. */

import { reveal } from "satchel-share-page/code/hidden-characters";
import { Latest } from "satchel-share-page/latest";
import { append, h } from "satchel-share-page/view/dom";
import { type ReceiptView as Receipt, requestLink, requests, type RequestView as Request, revokeRequest, type ServerEvent, takeAnswers } from "../api";
import type { App, Key, View } from "../app";
import { formatAgo, formatMoment, formatNumber, formatSize, plural, t } from "../i18n";
import { button, emptyState, note, OneAtATime, whileBusy } from "../parts/controls";
import { confirm, openDialog } from "../parts/dialog";
import { JobProgress } from "../parts/job";
import { redraw } from "../parts/redraw";
import { command, page, table } from "../parts/table";
import { linkOfRequest, openRequestDialog } from "./dialog";
import { receiptOf, showTaken, takeIntoFolder } from "./taking";

export class RequestsView implements View {
  readonly element: HTMLElement;
  readonly title = t("requests");
  readonly keys: readonly Key[] = [
    { key: "a", label: "request_new", run: () => void this.#ask() },
    { key: "l", label: "look_for_answers", run: () => void this.#look() },
    { key: "t", label: "take_waiting", run: () => void this.#takeNext() },
  ];
  readonly #actions = h("div.row-of");
  readonly #waiting = h("div");
  readonly #list = h("ul.cards", { attrs: { role: "list" } });
  readonly #progress: JobProgress;
  #requests: readonly Request[] = [];
  readonly #loads = new Latest();
  readonly #taking = new OneAtATime();

  constructor(private readonly app: App) {
    this.#progress = new JobProgress(app);
    const ask = button({ label: t("request_new"), icon: "request", class: "primary", key: "a", run: () => void this.#ask() });
    const look = button({ label: t("look_for_answers"), icon: "restore", key: "l", run: () => void whileBusy(look, () => this.#look()) });
    this.#actions.append(ask, look);
    this.element = page(t("requests"), t("requests_text"), this.#actions, this.#waiting, this.#progress.element, this.#list, command("satchel requests", (text) => app.announce(text)));
  }

  async begin(): Promise<this> {
    await this.#load();
    return this;
  }

  hear({ kind, what }: ServerEvent): void {
    if (kind === "state" && what === "cloud") void this.#load();
  }

  resume(): void {
    void this.#load();
  }

  async #load(): Promise<void> {
    this.#actions.hidden = !this.app.hello.cloud;
    if (!this.app.hello.cloud) return this.#draw([], emptyState("cloud", t("no_cloud"), t("request_needs_cloud"), button({ label: t("connect_cloud"), class: "primary", run: () => this.app.go("settings") })));
    const isLatest = this.#loads.ask();
    const found = await this.app.attempt(requests);
    if (found && isLatest()) this.#draw(found.requests, emptyState("request", t("no_requests"), t("no_requests_text")));
  }

  #draw(found: readonly Request[], empty: HTMLElement): void {
    this.#requests = [...found].sort((a, b) => urgency(b) - urgency(a));
    const count = this.#requests.reduce((sum, request) => sum + waitingOf(request).length, 0);
    const hadFocus = this.#list.contains(document.activeElement);
    this.app.count("requests", count, plural("answers_waiting", count));
    this.#waiting.hidden = !count;
    this.#waiting.replaceChildren(note(plural("answers_waiting", count), "info"));
    redraw(this.#list, found.length ? this.#requests.map((request) => this.#item(request)) : [h("li", {}, empty)]);
    if (hadFocus && document.activeElement === document.body) this.element.querySelector<HTMLElement>("[data-focus]")?.focus();
  }

  #item(request: Request): HTMLElement {
    const { id, state, received } = request;
    const [name, isLive, count] = [nameOf(request), state === "live", waitingOf(request).length];
    const canRead = request.text !== null;
    const actions = h("div.actions", { attrs: { role: "group", "aria-label": `${t("actions")}: ${name}` } });
    const take = button({ label: plural("take_answers", count), icon: "check", class: "primary", run: () => void whileBusy(take, () => this.#take(id)) });
    append(actions, [
      count > 0 && canRead && !this.app.hello.is_read_only && take,
      count > 0 && canRead && button({ label: t("take_to_folder"), icon: "folder", run: () => void this.#takeIntoFolder(id) }),
      isLive && canRead && button({ label: t("show_link"), icon: "share", run: () => void this.#showLink(id) }),
      (isLive || count > 0) && button({ label: isLive ? t("revoke") : plural("delete_answers", count), class: "danger-quiet", run: () => void this.#revoke(request) }),
    ]);
    const heading = h("h2", { text: name, attrs: { dir: "auto" } });
    const waiting = count > 0 && h("span.badge.added", { text: plural("answers_waiting", count) });
    const badge = h("span.badge", { text: stateName(state), class: isLive ? "added" : "" });
    const title = h("div.title-row", {}, heading);
    append(title, [waiting, badge]);
    return h("li.panel", {}, title, h("p.meta", {}, ...factsOf(request)), received.length > 0 && answersOf(`${name} · ${shortId(id)}`, received), actions.childElementCount > 0 && actions);
  }

  // -- what the owner does -------------------------------------------------------------------------------------

  async #ask(): Promise<void> {
    if (!this.app.hello.cloud) return this.app.go("settings");
    if (await openRequestDialog(this.app)) await this.#load();
  }

  async #look(): Promise<void> {
    await this.#load();
    if (this.#requests.some(hasWaiting)) this.app.announce(this.#waiting.textContent);
    else this.app.say(t("no_answers"));
  }

  /** Take the answers of the first request that has some. */
  async #takeNext(): Promise<void> {
    const next = this.#requests.find((request) => hasWaiting(request) && request.text !== null);
    if (next) await this.#take(next.id);
    else this.app.say(t("no_answers"));
  }

  async #take(id: string): Promise<void> {
    if (this.#taking.isRunning) return;
    const job = await this.#taking.run(() => this.#progress.run(() => takeAnswers({ id })));
    await this.#load();
    if (job?.result?.taken) await showTaken(this.app, job.result.taken);
  }

  async #takeIntoFolder(id: string): Promise<void> {
    await takeIntoFolder(this.app, id);
    await this.#load();
  }

  async #showLink(id: string): Promise<void> {
    const found = await this.app.attempt(() => requestLink({ id }));
    if (found) openDialog(t("show_link"), { class: "share" }, ...linkOfRequest(this.app, id, found.link));
  }

  async #revoke(request: Request): Promise<void> {
    const [isLive, count] = [request.state === "live", waitingOf(request).length];
    const text = [isLive && t("revoke_request_text", { title: nameOf(request) }), count > 0 && plural("answers_lost", count)].filter(Boolean).join(" ");
    const [title, action] = isLive ? [t("revoke_title"), t("revoke")] : [plural("delete_answers_title", count), plural("delete_answers", count)];
    if (!(await confirm(title, text, action, { isDangerous: true }))) return;
    const done = await this.app.attempt(() => revokeRequest({ id: request.id }));
    if (!done) return;
    this.app.say(t(isLive ? "revoked" : "removed"));
    await this.#load();
  }
}

/** The answers that no device has taken. */
function waitingOf({ received }: Request): readonly Receipt[] {
  return received.filter(({ taken }) => taken === null);
}

function hasWaiting(request: Request): boolean {
  return waitingOf(request).length > 0;
}

/** Requests with answers to take stand before those that may still get some. */
function urgency(request: Request): number {
  return hasWaiting(request) ? 2 : Number(request.state === "live");
}

function nameOf({ text }: Request): string {
  return text === null ? t("request_foreign") : reveal(text) || t("request_anything");
}

/** The start of an id, as the commands show and take it. */
function shortId(id: string): string {
  return id.slice(0, 8);
}

function stateName(state: string): string {
  const names: Record<string, string> = { live: t("request_live"), answered: t("request_answered"), expired: t("request_expired"), revoked: t("request_revoked"), blocked: t("request_blocked") };
  return names[state] ?? state;
}

function factsOf({ id, received, answers, answer_bytes: bytes, expires, created }: Request): HTMLElement[] {
  const parts = [plural("answers_received", answers, { received: formatNumber(received.length) }), t("answer_limit", { size: formatSize(bytes) }), expires ? t("until", { when: formatMoment(expires) }) : t("expires_never"), t("asked_when", { when: formatAgo(created) })];
  return [...parts.map((text) => h("span", { text })), h("code", { text: shortId(id), attrs: { dir: "ltr", translate: "no" } })];
}

function answersOf(name: string, received: readonly Receipt[]): HTMLElement {
  const numbered = received.map((receipt, index) => ({ ...receipt, number: index + 1 }));
  const answers = table(t("answers_of", { title: name }), [
    { label: "#", cell: ({ number }) => formatNumber(number) },
    { label: t("received"), class: "when", cell: ({ received: when }) => formatMoment(when) },
    { label: t("size"), class: "number", cell: ({ size_bytes: size }) => formatSize(size) },
    { label: t("receipt"), cell: (receipt) => receiptOf(receipt) },
    { label: t("taken"), class: "when", cell: ({ taken }) => (taken ? formatMoment(taken) : t("not_taken")) },
  ], numbered); // prettier-ignore
  return h("div.answers", {}, answers, h("p.help", { text: t("receipt_help") }));
}
