/** The other drafts, above the form: of new Pieces, of Pieces that are edited elsewhere, and of removed ones. */

import { reveal } from "satchel-share-page/code/hidden-characters";
import { h } from "satchel-share-page/view/dom";
import type { App } from "../app";
import { formatAgo, inARow, plural, t } from "../i18n";
import { button, note } from "../parts/controls";
import { confirm } from "../parts/dialog";
import { discardDraft, type DraftView, listDrafts, type UnsavedDraft } from "../piece/drafts";

export class DraftList {
  readonly element = h("section.draft-list", { attrs: { hidden: true, "aria-label": t("drafts") } });

  constructor(
    private readonly app: App,
    private readonly shown: UnsavedDraft | null,
    /** Show a draft in the form. */
    private readonly open: (id: string) => void,
  ) {
    void this.#draw();
  }

  async #draw(): Promise<void> {
    const found = await this.app.attempt(listDrafts);
    if (!found) return;
    const others = found.drafts.filter(({ id }) => id !== this.shown?.id);
    const unread = [...found.damaged.map((path) => t("draft_damaged", { path })), ...found.newer.map((path) => t("draft_newer", { path }))];
    const list = h("ul", { attrs: { role: "list" } }, ...others.map((draft) => this.#item(draft)));
    this.element.replaceChildren(...(others.length ? [h("h2", { text: plural("unsaved_drafts", others.length) }), list] : []), ...unread.map((text) => note(text)));
    this.element.hidden = !this.element.childElementCount;
  }

  #item(draft: DraftView): HTMLElement {
    const { id, piece, is_removed: isRemoved, typed } = draft;
    const name = reveal(draft.title || draft.excerpt.split("\n")[0]!) || t("untitled");
    const go = () => (piece && !isRemoved && !this.app.hello.is_read_only ? this.app.go("pieces", piece) : this.open(id));
    const discard = async () => {
      if (!(await confirm(t("discard_title"), t("discard_text"), t("discard"), { isDangerous: true }))) return;
      await discardDraft(draft);
      await this.#draw();
    };
    const state = isRemoved ? t("draft_of_removed") : piece ? t("draft_of_piece") : "";
    const when = inARow([formatAgo(typed), state]);
    return h("li", {}, h("span.name", { text: name, attrs: { dir: "auto" } }), h("span.help", { text: when }), button({ label: t("continue_editing"), run: go }), button({ label: t("discard"), class: "quiet", run: () => void discard() }));
  }
}
