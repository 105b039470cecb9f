/** Shares: every link with its openings and reports, and what can be done with each. */

import { reveal } from "satchel-share-page/code/hidden-characters";
import { Latest } from "satchel-share-page/latest";
import { append, h } from "satchel-share-page/view/dom";
import { rearmShare, revokeShare, type ServerEvent, shareLink, shareReports, shares, type ShareView as Share, updateShare } from "../api";
import type { App, View } from "../app";
import { formatAgo, formatMoment, formatNumber, nameOf, plural, t } from "../i18n";
import { button, emptyState, note } from "../parts/controls";
import { confirm, openDialog } from "../parts/dialog";
import { JobProgress } from "../parts/job";
import { redraw } from "../parts/redraw";
import { page } from "../parts/table";
import { linkPanel } from "./dialog";

export class SharesView implements View {
  readonly element: HTMLElement;
  readonly title = t("shares");
  readonly #list = h("ul.cards", { attrs: { role: "list" } });
  readonly #progress: JobProgress;
  readonly #loads = new Latest();

  constructor(private readonly app: App) {
    this.#progress = new JobProgress(app);
    this.element = page(t("shares"), t("shares_text"), this.#progress.element, this.#list);
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
    if (!this.app.hello.cloud) return this.#empty("cloud", t("no_cloud"), t("share_needs_cloud"), button({ label: t("connect_cloud"), class: "primary", run: () => this.app.go("settings") }));
    const isLatest = this.#loads.ask();
    const found = await this.app.attempt(shares);
    if (!found || !isLatest()) return;
    if (!found.shares.length) return this.#empty("share", t("no_shares"), t("no_shares_text"), button({ label: t("show_pieces"), run: () => this.app.go("find") }));
    redraw(this.#list, found.shares.map((share) => this.#item(share))); // prettier-ignore
  }

  #empty(name: "cloud" | "share", title: string, text: string, action: HTMLElement): void {
    this.#list.replaceChildren(h("li", {}, emptyState(name, title, text, action)));
  }

  #item(share: Share): HTMLElement {
    const { id, piece, title, state, reports } = share;
    const isLive = state === "live";
    const name = reveal(title ?? "") || t("untitled");
    const heading = h("h2", { attrs: { dir: "auto" } }, piece ? h("a", { text: name, attrs: { href: `/pieces/${piece}` }, on: { click: (event) => this.#open(event, piece) } }) : name);
    const actions = h("div.actions", { attrs: { role: "group", "aria-label": `${t("actions")}: ${name}` } });
    append(actions, [
      isLive && button({ label: t("show_link"), icon: "share", run: () => void this.#showLink(id) }),
      isLive && piece !== null && button({ label: t("update_share"), run: () => void this.#update(id) }),
      ["used-up", "expired"].includes(state) && button({ label: t("rearm_share"), run: () => void this.#rearm(share) }),
      reports > 0 && button({ label: plural("report_count", reports), icon: "alert", run: () => void this.#reports(id) }),
      isLive && button({ label: t("revoke"), class: "danger-quiet", run: () => void this.#revoke(id, name) }),
    ]);
    return h("li.panel", {}, h("div.title-row", {}, heading, h("span.badge", { text: stateName(state), class: isLive ? "added" : "" })), h("p.meta", {}, ...factsOf(share)), reports > 0 && note(plural("report_count", reports)), actions);
  }

  #open(event: MouseEvent, piece: string): void {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.app.go("pieces", piece);
  }

  async #showLink(id: string): Promise<void> {
    const found = await this.app.attempt(() => shareLink({ id }));
    if (found) openDialog(t("share_title"), { class: "share" }, linkPanel(this.app, found.link));
  }

  async #update(id: string): Promise<void> {
    const job = await this.#progress.run(() => updateShare({ id }));
    if (!job) return;
    this.app.say(t("share_updated"));
    await this.#load();
  }

  async #rearm({ id }: Share): Promise<void> {
    const done = await this.app.attempt(() => rearmShare({ id, expires: "7d" }));
    if (!done) return;
    this.app.say(t("share_rearmed"));
    await this.#load();
  }

  async #reports(id: string): Promise<void> {
    const found = await this.app.attempt(() => shareReports({ id }));
    if (!found) return;
    const items = found.reports.map(({ created, reason, text }) => h("li.panel", {}, h("p", {}, h("strong", { text: nameOf(`reason_${reason}`, reason) }), " ", h("span.help", { text: formatMoment(created) })), h("p", { text: reveal(text), attrs: { dir: "auto" } })));
    openDialog(t("reports"), {}, h("ul.cards", { attrs: { role: "list" } }, ...items));
  }

  async #revoke(id: string, name: string): Promise<void> {
    if (!(await confirm(t("revoke_title"), t("revoke_text", { title: name }), t("revoke"), { isDangerous: true }))) return;
    const done = await this.app.attempt(() => revokeShare({ id }));
    if (!done) return;
    this.app.say(t("revoked"));
    await this.#load();
  }
}

function stateName(state: string): string {
  const names: Record<string, string> = { live: t("share_live"), expired: t("share_expired"), "used-up": t("share_used_up"), revoked: t("share_revoked"), blocked: t("share_blocked") };
  return names[state] ?? state;
}

function factsOf({ opened, views, last_opened: lastOpened, expires, created, has_password: hasPassword }: Share): HTMLElement[] {
  const count = views ? t("opened_of", { n: formatNumber(opened), views: formatNumber(views) }) : plural("opened_count", opened);
  const parts = [count, lastOpened && t("last_opened", { when: formatAgo(lastOpened) }), expires ? t("until", { when: formatMoment(expires) }) : t("expires_never"), t("shared_when", { when: formatAgo(created) }), hasPassword && t("with_password")];
  return parts.filter(Boolean).map((text) => h("span", { text: text as string }));
}
