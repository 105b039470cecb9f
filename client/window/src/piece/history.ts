/** The history of a Piece: every revision, what it changed, and the way back to it. */

import { reveal } from "satchel-share-page/code/hidden-characters";
import { h } from "satchel-share-page/view/dom";
import { compare, history, type PieceView, type Revisions, type RevisionView, restoreRevision } from "../api";
import type { App } from "../app";
import { formatAgo, formatMoment, inARow, t } from "../i18n";
import { button, loading, select } from "../parts/controls";
import { type Dialog, openDialog } from "../parts/dialog";
import { ConflictError } from "../transport";
import { comparison, fieldName } from "./diff";

/** Show the history. `restored` hears of the Piece after an earlier revision became the current one. */
export async function openHistory(app: App, piece: PieceView, restored: (piece: PieceView) => void): Promise<void> {
  const revisions = await app.attempt(() => history({ id: piece.id }));
  if (revisions) new HistoryDialog(app, piece, revisions, restored);
}

class HistoryDialog {
  readonly #dialog: Dialog;
  readonly #list = h("ol.revisions", { attrs: { role: "listbox", "aria-label": t("revisions"), tabindex: "0" } });
  readonly #shown = h("div.shown", { attrs: { "aria-live": "polite" } });
  readonly #head = h("div.row-of");
  #selected = 0;
  /** What the revision is compared with: the one before it, or the current one. */
  #against: "before" | "current" = "before";
  #request: AbortController | null = null;

  constructor(
    private readonly app: App,
    private readonly piece: PieceView,
    private readonly all: Revisions,
    private readonly restored: (piece: PieceView) => void,
  ) {
    this.#list.append(...all.revisions.map((revision, index) => this.#item(revision, index)));
    this.#list.addEventListener("keydown", (event) => this.#key(event));
    this.#dialog = openDialog(t("history"), { class: "wide history" }, h("div.halves", {}, this.#list, h("div.detail", {}, this.#head, this.#shown)));
    this.#list.focus();
    void this.#show(0);
  }

  #item(revision: RevisionView, index: number): HTMLElement {
    const changed = revision.changed.map(fieldName).join(", ");
    const by = revision.agent || revision.client;
    const time = h("span.time", { text: formatAgo(revision.updated), attrs: { title: formatMoment(revision.updated) } });
    return h(
      "li",
      { attrs: { role: "option", id: `revision-${index}` }, on: { click: () => void this.#show(index) } },
      h("strong", { text: t("revision", { n: revision.revision }) }),
      time,
      h("span.help", { text: inARow([changed || (index === this.all.revisions.length - 1 ? t("first_revision") : ""), by]) }),
    );
  }

  async #show(index: number): Promise<void> {
    this.#selected = index;
    [...this.#list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === index)));
    this.#list.setAttribute("aria-activedescendant", `revision-${index}`);
    this.#list.children[index]?.scrollIntoView({ block: "nearest" });
    this.#drawHead();
    this.#request?.abort();
    const request = (this.#request = new AbortController());
    const slow = setTimeout(() => this.#shown.replaceChildren(loading()), 150);
    const { id } = this.piece;
    const pair = this.#pair();
    const found = pair && (await this.app.attempt(() => compare({ id, ...pair }, request.signal)));
    clearTimeout(slow);
    if (request.signal.aborted) return;
    this.#shown.replaceChildren(found ? comparison(found) : h("p.help", { text: t("first_revision_text", { title: reveal(this.all.revisions[index]!.title) }) }));
  }

  #pair(): { before: number; after: number } | null {
    const { revisions } = this.all;
    const { revision } = revisions[this.#selected]!;
    if (this.#against === "current") return { before: revision, after: revisions[0]!.revision };
    const before = revisions[this.#selected + 1];
    return before ? { before: before.revision, after: revision } : null;
  }

  #drawHead(): void {
    const { revision } = this.all.revisions[this.#selected]!;
    const choices = [{ value: "before", label: t("against_before") }, { value: "current", label: t("against_current") }]; // prettier-ignore
    const against = select(choices, this.#against, (value) => {
      this.#against = value as "before" | "current";
      void this.#show(this.#selected);
    }, { "aria-label": t("compare_with") }); // prettier-ignore
    const isCurrent = this.#selected === 0;
    const restore = button({ label: t("restore_revision", { n: revision }), icon: "restore", class: "primary", run: () => void this.#restore(revision) });
    this.#head.replaceChildren(against, ...(isCurrent || this.app.hello.is_read_only ? [] : [restore]));
  }

  async #restore(revision: number): Promise<void> {
    const base = this.all.revisions[0]!.revision;
    const answer = await this.app.attempt(async () => {
      try {
        return await restoreRevision({ id: this.piece.id, revision, base });
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        this.app.say(t("changed_meanwhile"));
        return { piece: error.conflict.current };
      }
    });
    if (!answer) return;
    this.#dialog.close();
    this.restored(answer.piece);
    this.app.say(t("restored_revision", { n: revision }));
  }

  #key(event: KeyboardEvent): void {
    const last = this.all.revisions.length - 1;
    const next = { ArrowDown: this.#selected + 1, ArrowUp: this.#selected - 1, Home: 0, End: last }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    void this.#show(Math.max(0, Math.min(next, last)));
  }
}
