/** A Piece: what it is called, its files, and what can be done with it. */

import { reveal } from "satchel-share-page/code/hidden-characters";
import { Latest } from "satchel-share-page/latest";
import { append, externalLink, h } from "satchel-share-page/view/dom";
import { copyButton } from "satchel-share-page/view/export";
import { type PieceView as PieceData, readPiece, removePieces, type ServerEvent } from "../api";
import type { App, Key, View } from "../app";
import { searchTag } from "../find/view";
import { icon } from "../frame/icons";
import { formatAgo, formatMoment, formatSize, plural, t } from "../i18n";
import { button, note, OneAtATime } from "../parts/controls";
import { confirm } from "../parts/dialog";
import { Around } from "./around";
import { discardDraft, listDrafts } from "./drafts";
import { FileCard } from "./file";
import { openHistory } from "./history";
import { pathOf } from "../router";

export class PieceView implements View {
  readonly element = h("article.piece.reading");
  readonly #head = h("header");
  readonly #notes = h("div.notes");
  readonly #files = h("div.files");
  readonly #around: Around;
  #draftNote: HTMLElement | null = null;
  #piece: PieceData;
  #shownFile = 0;
  #card: FileCard | null = null;
  /** The form, while the Piece is edited. */
  #form: View | null = null;
  #isLeaving = false;
  /** A form or a dialog that is being opened: a second key does not open another. */
  readonly #opening = new OneAtATime();
  readonly #refreshes = new Latest();

  constructor(
    private readonly app: App,
    piece: PieceData,
  ) {
    this.#piece = piece;
    this.#around = new Around(app, () => this.#piece, (changed) => this.#replace(changed)); // prettier-ignore
    this.#draw();
    this.#around.load();
  }

  static async open(app: App, id: string): Promise<PieceView> {
    return new PieceView(app, await readPiece({ id }));
  }

  get title(): string {
    return reveal(this.#piece.title) || t("untitled");
  }

  get keys(): readonly Key[] {
    if (this.#form) return this.#form.keys ?? [];
    const reading: Key[] = [
      { key: "c", label: "copy", run: () => this.#card?.copy() },
      { key: "h", label: "history", run: () => void this.#openHistory() },
      { key: "Escape", label: "key_back", run: () => this.app.go("find") },
    ];
    if (this.app.hello.is_read_only) return reading;
    const changing: Key[] = [
      { key: "e", label: "edit", run: () => void this.#edit() },
      { key: "a", label: "accept_suggestion", run: () => this.#around.decide(true) },
      { key: "x", label: "refuse_suggestion", run: () => this.#around.decide(false) },
      { key: "Delete", label: "remove", run: () => void this.#remove() },
    ];
    if (this.app.has("shares")) changing.splice(1, 0, { key: "s", label: "share", run: () => void this.#share() });
    return [...changing, ...reading];
  }

  hear({ kind, pieces }: ServerEvent): void {
    if (kind === "change" && (!pieces.length || pieces.includes(this.#piece.id)) && !this.#form) void this.#refresh();
  }

  resume(): void {
    if (!this.#form) void this.#refresh();
  }

  take(files: readonly File[]): boolean {
    return this.#form?.take?.(files) ?? false;
  }

  leave(): void {
    this.#form?.leave?.();
  }

  dispose(): void {
    this.#card?.dispose();
    this.#form?.dispose?.();
  }

  // -- drawing -------------------------------------------------------------------------------------------------

  #draw(): void {
    const reading = h("div.columns", {}, h("div.content", {}, this.#notes, this.#files), this.#around.element);
    this.element.replaceChildren(this.#head, reading);
    this.#drawHead();
    this.#drawNotes();
    this.#drawFiles();
  }

  #replace(piece: PieceData): void {
    const isContentNew = JSON.stringify(piece.files) !== JSON.stringify(this.#piece.files);
    this.#piece = piece;
    if (this.#form) return;
    this.#drawHead();
    this.#drawNotes();
    if (isContentNew) this.#drawFiles();
  }

  async #refresh(): Promise<void> {
    if (this.#isLeaving) return;
    const isLatest = this.#refreshes.ask();
    const before = this.#piece;
    const piece = await readPiece({ id: before.id }).catch((error: unknown) => this.app.connection.report(error));
    if (!piece || !isLatest()) return;
    if (this.#piece !== before) return this.#refresh(); // it was changed here meanwhile
    if (piece.revision !== before.revision) this.#replace(piece);
  }

  #drawHead(): void {
    const piece = this.#piece;
    const facts = h("div.meta", {}, h("span", { text: t("changed", { when: formatAgo(piece.updated) }), attrs: { title: formatMoment(piece.updated) } }));
    append(facts, [
      h("span", { text: formatSize(piece.size_bytes) }),
      piece.revision > 1 && h("span", { text: plural("revision_count", piece.revision) }),
      piece.agent && h("span", { text: t("by_agent", { agent: piece.agent }) }),
      piece.source && h("span", { text: reveal(piece.source.location || piece.source.file_name || piece.source.kind), attrs: { dir: "auto" } }),
    ]);
    const back = button({ label: t("back"), icon: "back", isIconOnly: true, class: "quiet", run: () => this.app.go("find") });
    const title = h("h1", { text: this.title, attrs: { dir: "auto", tabindex: "-1", "data-focus": true } });
    this.#head.replaceChildren(h("div.title-row", {}, back, title, this.#actions()));
    append(this.#head, [piece.description && h("p.description", { text: reveal(piece.description), attrs: { dir: "auto" } }), facts, this.#tags(), this.#links()]);
    document.title = `${this.title} · satchel`;
  }

  #actions(): HTMLElement {
    const actions = h("div.actions", { attrs: { role: "group", "aria-label": t("actions") } });
    const isReadOnly = this.app.hello.is_read_only;
    append(actions, [
      !isReadOnly && button({ label: t("edit"), icon: "edit", key: "e", run: () => void this.#edit() }),
      !isReadOnly && this.app.has("shares") && button({ label: t("share"), icon: "share", key: "s", run: () => void this.#share(), attrs: { "aria-haspopup": "dialog" } }),
      button({ label: t("history"), icon: "history", key: "h", run: () => void this.#openHistory(), attrs: { "aria-haspopup": "dialog" } }),
      copyButton({ label: t("copy_id"), iconOnly: true, class: "quiet", text: () => this.#piece.id, announce: (text) => this.app.announce(text) }),
      !isReadOnly && button({ label: t("remove"), icon: "trash", isIconOnly: true, class: "quiet", key: "Delete", run: () => void this.#remove() }),
    ]);
    return actions;
  }

  #tags(): HTMLElement | false {
    const { tags } = this.#piece;
    const find = (tag: string) => {
      searchTag(tag);
      this.app.go("find");
    };
    const items = tags.map((tag) => h("li", {}, h("button.tag", { text: reveal(tag), attrs: { type: "button", dir: "auto", title: t("find_tag", { tag: reveal(tag) }) }, on: { click: () => find(tag) } })));
    return items.length > 0 && h("ul.tags", { attrs: { role: "list", "aria-label": t("tags") } }, ...items);
  }

  #links(): HTMLElement | false {
    const items = this.#piece.links.map((address) => h("li", { attrs: { dir: "auto" } }, externalLink(address, reveal(address))));
    return items.length > 0 && h("ul.links", { attrs: { role: "list", "aria-label": t("links") } }, ...items);
  }

  #drawNotes(): void {
    this.#notes.replaceChildren();
    const { newest_revision: newest, revision } = this.#piece;
    if (newest > revision) append(this.#notes, [note(t("older_revision"), "info")]);
    if (!this.app.hello.is_read_only) void this.#drawDraft();
  }

  /** Offer the latest draft of this Piece. */
  async #drawDraft(): Promise<void> {
    const { id } = this.#piece;
    const found = await this.app.attempt(listDrafts);
    const draft = found?.drafts.find((each) => each.piece === id);
    this.#draftNote?.remove();
    if (!draft || id !== this.#piece.id) return;
    const discard = async () => {
      if (!(await confirm(t("discard_title"), t("discard_text"), t("discard"), { isDangerous: true }))) return;
      await discardDraft(draft);
      await this.#drawDraft();
    };
    const go = button({ label: t("continue_editing"), class: "primary", run: () => void this.#edit() });
    this.#draftNote = note(t("draft_found", { when: formatAgo(draft.typed) }), "info", h("div.row-of", {}, go, button({ label: t("discard"), run: () => void discard() })));
    this.#notes.append(this.#draftNote);
  }

  #drawFiles(): void {
    const { files } = this.#piece;
    this.#shownFile = Math.min(this.#shownFile, files.length - 1);
    this.#card?.dispose();
    this.#card = new FileCard(this.app, this.#piece, files[this.#shownFile]!);
    this.#files.replaceChildren(...(files.length > 1 ? [this.#tabs()] : []), this.#card.element);
  }

  #tabs(): HTMLElement {
    const { files } = this.#piece;
    const show = (index: number) => {
      this.#shownFile = (index + files.length) % files.length;
      this.#drawFiles();
      document.getElementById(`tab-${this.#shownFile}`)?.focus();
    };
    const tabs = files.map(({ name, media_type: type }, index) => {
      const isShown = index === this.#shownFile;
      const attrs = { type: "button", role: "tab", id: `tab-${index}`, "aria-selected": String(isShown), "aria-controls": "file", tabindex: isShown ? "0" : "-1", dir: "auto" };
      return h("button.button", { attrs, on: { click: () => show(index) } }, type.startsWith("image/") && icon("image"), h("span", { text: reveal(name) || t("main_file") }));
    });
    const list = h("div.tabs", { attrs: { role: "tablist", "aria-label": t("files") } }, ...tabs);
    list.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key] ?? 0;
      if (step) show(this.#shownFile + (getComputedStyle(list).direction === "rtl" ? -step : step));
    });
    const panel = this.#card!.element;
    panel.id = "file";
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", `tab-${this.#shownFile}`);
    return list;
  }

  // -- actions -------------------------------------------------------------------------------------------------

  async #edit(): Promise<void> {
    const form = await this.#opening.run(() =>
      this.app.attempt(async () => {
        const { EditForm } = await import("./edit");
        return EditForm.open(this.app, this.#piece, (piece) => this.#finishEdit(piece));
      }),
    );
    if (!form) return;
    this.#form = form;
    this.element.replaceChildren(form.element);
    form.begin();
  }

  /** Show the Piece again, after an edit or without one. */
  #finishEdit(piece: PieceData): void {
    this.#form?.dispose?.();
    this.#form = null;
    this.#piece = piece;
    this.#draw();
    this.element.querySelector<HTMLElement>("h1")?.focus();
    this.#around.load();
    void this.#refresh(); // changes were not heard while it was edited
  }

  async #openHistory(): Promise<void> {
    await this.#opening.run(() => openHistory(this.app, this.#piece, (piece) => this.#replace(piece)));
  }

  async #share(): Promise<void> {
    await this.#opening.run(() =>
      this.app.attempt(async () => {
        const { openShareDialog } = await import("../share/dialog");
        await openShareDialog(this.app, this.#piece);
      }),
    );
  }

  async #remove(): Promise<void> {
    const { id } = this.#piece;
    if (!(await confirm(t("remove_title"), t("remove_text", { title: this.title }), t("remove"), { isDangerous: true }))) return;
    this.#isLeaving = true; // nothing is asked about a Piece that is going
    this.#around.stop();
    const removed = await this.app.attempt(() => removePieces({ ids: [id] }));
    if (!removed) {
      this.#isLeaving = false;
      this.#around.load();
      return;
    }
    // A draft of it stays, and is offered as a new Piece.
    const links = removed.links?.length ?? 0;
    this.app.say(links ? plural("removed_with_links", links) : t("removed"));
    if (location.pathname === pathOf("pieces", id)) this.app.go("find"); // unless the owner has gone elsewhere meanwhile
  }
}
