/** Put in: a new Piece from what is typed, pasted or dropped; below it, the import of many. */

import { reveal } from "satchel-share-page/code/hidden-characters";
import { h } from "satchel-share-page/view/dom";
import { addPiece, type NamedUpload, type PieceView, propose, readImage } from "../api";
import type { App, Key, View } from "../app";
import { icon } from "../frame/icons";
import { plural, t } from "../i18n";
import { confirm } from "../parts/dialog";
import { button, input, labelled, note, OneAtATime, whileBusy } from "../parts/controls";
import { createEditor, type Editor } from "../parts/editor";
import { type DraftContent, findDraft, FormDraft, type Kept, keptLine, openDraft, type OpenedDraft } from "../piece/drafts";
import { PieceFields } from "../piece/fields";
import { AttachedFiles } from "./attached";
import { DraftList } from "./drafts";
import { isInFolder } from "./dropped";
import { type Selection, type Taken, tellFree } from "./extension";
import { ImportPanel } from "./import";

const DRAFT_MS = 400;
const PROPOSE_MS = 700;
/** More files than these are many Pieces, not one. */
const MAX_ATTACHED = 12;
/** Text files up to this size are put into the editor. */
const MAX_EDITED_BYTES = 1 << 20;

export class NewView implements View {
  readonly element: HTMLElement;
  readonly title = t("new_piece");
  readonly #fields: PieceFields;
  readonly #editor: Editor;
  readonly #import: ImportPanel;
  readonly #status = h("span.help", { attrs: { role: "status" } });
  readonly #proposal = h("div.proposal", { attrs: { "aria-live": "polite" } });
  readonly #files: AttachedFiles;
  readonly #address = input({ type: "url", dir: "ltr", maxlength: "4000" }, () => this.#changeSource());
  readonly #addressNote = h("p.help", { attrs: { "aria-live": "polite" } });
  readonly #source = h("div.source", {}, labelled(t("source_address"), this.#address, t("source_address_text")), this.#addressNote);
  /** The name of the file whose text is in the editor. */
  #fileName: string;
  readonly #draft: FormDraft;
  readonly #drafts: DraftList;
  #isTyped = false;
  #isFinished = false;
  #isReading = false;
  readonly #saving = new OneAtATime();
  #kept: Kept | null = null;
  #draftTimer = 0;
  #proposeTimer = 0;
  #asked: AbortController | null = null;

  /** The draft that the view shows when it is opened next, if not the latest one. */
  static wanted = "";

  /** Open the form with the draft that the owner chose, or with the latest one. */
  static async open(app: App): Promise<NewView> {
    const id = NewView.wanted;
    NewView.wanted = "";
    const draft = id ? await openDraft(id) : await app.attempt(() => findDraft(null));
    return new NewView(app, draft ?? null).begin();
  }

  private constructor(
    private readonly app: App,
    draft: OpenedDraft | null,
  ) {
    const main = draft?.texts[0];
    this.#fileName = main?.name ?? "";
    this.#files = new AttachedFiles(app, () => this.#changed(), () => this.#editor.focus()); // prettier-ignore
    this.#draft = new FormDraft(draft);
    const empty = { title: "", description: "", language: "", tags: [], links: [] };
    this.#fields = new PieceFields(app, null, draft ?? empty, () => this.#changed());
    this.#editor = createEditor({ text: main?.text ?? "", language: draft?.language ?? "", label: t("text"), placeholder: t("paste_hint"), changed: () => this.#changed() });
    this.#import = new ImportPanel(app);
    const save = button({ label: t("save"), icon: "check", class: "primary", key: "Mod+S", run: () => void whileBusy(save, () => this.#save()) });
    const clear = button({ label: t("clear"), run: () => void this.#clear() });
    const bar = h("div.form-bar", {}, h("h1", { text: t("new_piece"), attrs: { tabindex: "-1" } }), this.#status, clear, save);
    const drop = h("div.drop", {}, icon("upload"), h("span", { text: t("drop_hint") }), this.#chooser(false), this.#chooser(true));
    this.#files.restore(draft);
    this.#showSource(draft?.source ?? "");
    this.#drafts = new DraftList(app, draft, (id) => this.#open(id));
    this.element = h("div.put-in", {}, this.#drafts.element, h("form.edit-form", { attrs: { novalidate: true }, on: { submit: (event) => event.preventDefault() } }, bar, h("div.edit-files.single", {}, this.#editor.element), this.#files.element, drop, this.#fields.element, this.#source, this.#proposal), this.#import.element);
    if (draft) this.#status.textContent = t("draft_restored");
    addEventListener("pagehide", this.#keepNow);
    addEventListener("beforeunload", this.#warn);
    document.addEventListener("visibilitychange", this.#keepIfHidden);
  }

  readonly keys: readonly Key[] = [
    { key: "Mod+S", label: "save", isGlobal: true, run: () => void this.#save() },
    { key: "Mod+Enter", label: "save", isGlobal: true, run: () => void this.#save() },
  ];

  begin(): this {
    requestAnimationFrame(() => document.querySelector("dialog[open]") || this.#editor.focus());
    if (this.#isEmpty) tellFree();
    return this;
  }

  resume(): void {
    this.#files.resume();
    this.#keepNow(); // tells what the server has lost
  }

  leave(): void {
    if (this.#draftTimer) this.#keepNow();
  }

  dispose(): void {
    this.leave();
    clearTimeout(this.#proposeTimer);
    this.#asked?.abort();
    removeEventListener("pagehide", this.#keepNow);
    removeEventListener("beforeunload", this.#warn);
    document.removeEventListener("visibilitychange", this.#keepIfHidden);
    this.#editor.dispose();
  }

  // -- the browser extension -----------------------------------------------------------------------------------

  /** Fill the form with a selection, unless it holds something else. */
  takeSelection({ text, title, address, isShortened, isOneOfSeveral }: Selection): Taken {
    if (!this.#isEmpty) {
      this.app.say(t("selection_waits", { title: reveal(title) }));
      return "busy";
    }
    this.#editor.setText(text);
    this.#fields.title.value = title;
    this.#showSource(address);
    this.#addressNote.textContent = isShortened ? t("address_shortened") : "";
    this.#editor.focus();
    this.#changed();
    this.app.announce(t("selection_shown", { title: reveal(title) }));
    if (isOneOfSeveral) this.app.say(t("selection_into", { home: this.app.hello.home }));
    return "shown";
  }

  get #isEmpty(): boolean {
    const { title, description, tags, links } = this.#fields.values;
    return !this.#editor.text && this.#files.isEmpty && !title && !description && !tags.length && !links.length;
  }

  #changeSource(): void {
    this.#addressNote.textContent = "";
    this.#changed();
  }

  #showSource(address: string): void {
    this.#address.value = address;
    this.#source.hidden = !address;
  }

  // -- files ---------------------------------------------------------------------------------------------------

  /** Take files: one text becomes the text, a few become files of the Piece, and many or a folder are imported. */
  take(files: readonly File[]): boolean {
    if (files.some(isInFolder) || files.length > MAX_ATTACHED) this.#import.take(files);
    else void this.#attach(files);
    return true;
  }

  async #attach(files: readonly File[]): Promise<void> {
    const [only] = files;
    if (files.length === 1 && !this.#editor.text && this.#files.isEmpty && only!.size <= MAX_EDITED_BYTES && !only!.type.startsWith("image/")) {
      const text = await readText(only!);
      if (text !== null) return this.#useText(text, only!.name);
    }
    await this.#files.add(files);
    const image = files.find(({ type }) => type.startsWith("image/"));
    if (image && !this.#editor.text && this.app.hello.has_image_reader) await this.#offerText(image);
  }

  #useText(text: string, name: string): void {
    this.#fileName = name;
    this.#editor.setText(text);
    if (!this.#fields.title.value) this.#fields.title.value = name;
    this.#editor.setLanguage(/\.([^.]+)$/.exec(name)?.[1] ?? "");
    this.#editor.focus();
    this.#changed();
  }

  /** Read the text in a screenshot, and put it into the editor if it is code. */
  async #offerText(image: File): Promise<void> {
    const upload = await this.#files.pictureOf(image);
    if (!upload) return;
    this.#isReading = true;
    this.#showStatus();
    const found = await this.app.attempt(() => readImage({ upload }));
    this.#isReading = false;
    this.#showStatus();
    if (!found?.is_code || !found.text.trim() || this.#editor.text || this.#saving.isRunning || this.#isFinished) return;
    this.#editor.setText(found.text);
    this.#changed();
    this.app.say(plural("read_lines", found.lines));
  }

  #chooser(isFolder: boolean): HTMLElement {
    const chooser = h("input", { attrs: { type: "file", multiple: true, hidden: true, webkitdirectory: isFolder, "aria-hidden": "true", tabindex: "-1" }, on: { change: () => chosen() } });
    const chosen = () => {
      this.take([...(chooser.files ?? [])]);
      chooser.value = "";
    };
    return h("span", {}, chooser, button({ label: t(isFolder ? "choose_folder" : "choose_files"), icon: isFolder ? "folder" : "file", run: () => chooser.click() }));
  }

  // -- the draft and the proposal ------------------------------------------------------------------------------

  #changed(): void {
    if (this.#isFinished) return; // a file was sent after the draft was discarded
    this.#isTyped = true;
    this.#kept = null;
    this.#showStatus();
    const { language } = this.#fields.values;
    if (language) this.#editor.setLanguage(language);
    clearTimeout(this.#draftTimer);
    this.#draftTimer = window.setTimeout(this.#keepNow, DRAFT_MS);
    clearTimeout(this.#proposeTimer);
    this.#proposeTimer = window.setTimeout(() => void this.#propose(), PROPOSE_MS);
  }

  readonly #keepNow = (event?: Event): void => {
    const isKept = this.#kept?.where === "home" && !this.#draftTimer;
    if (this.#isTyped && !(event && isKept)) void this.#keep(event?.type === "pagehide" || undefined);
  };

  async #keep(isLeaving?: boolean): Promise<void> {
    clearTimeout(this.#draftTimer);
    this.#draftTimer = 0;
    if (this.#isEmpty) return this.#draft.drop();
    const kept = await this.#draft.keep(this.#content(), isLeaving);
    if (this.#draftTimer || this.#draft.isSending || this.#isFinished) return; // a later version will be kept
    if (kept.files) this.#files.mark(kept.files);
    this.#kept = kept;
    this.#showStatus();
  }

  /** Let the browser ask before what only this page has is lost. */
  readonly #warn = (event: Event): void => {
    if (this.#isTyped && (this.#kept?.where === "page" || this.#files.atRisk.length)) event.preventDefault();
  };

  #showStatus(): void {
    if (this.#isReading) this.#status.textContent = t("reading_image");
    else if (this.#files.isSending) this.#status.textContent = t("sending_files");
    else this.#status.textContent = this.#kept ? keptLine(this.#kept, this.#files.atRisk) : "";
  }

  readonly #keepIfHidden = (): void => {
    if (this.#draftTimer && document.visibilityState === "hidden") this.#keepNow();
  };

  #content(): DraftContent {
    const main = { number: 0, name: this.#fileName, text: this.#editor.text };
    const { files, texts } = this.#files.ofDraft;
    return { ...this.#fields.values, piece: null, base: 0, texts: [main, ...texts], source: this.#address.value, ...(files.length ? { files } : {}) };
  }

  /** Show another draft. What is in the form stays a draft. */
  #open(id: string): void {
    NewView.wanted = id;
    this.app.reload();
  }

  /** Show what the models would fill in, so that nothing has to be typed. */
  async #propose(): Promise<void> {
    this.#asked?.abort();
    const { text } = this.#editor;
    if (!text.trim()) return this.#proposal.replaceChildren();
    const asked = (this.#asked = new AbortController());
    const found = await propose({ text, file_name: this.#fileName, tags: this.#fields.values.tags, source_location: this.#address.value }, asked.signal).catch(() => null);
    if (!found || asked.signal.aborted) return;
    const values = this.#fields.values;
    if (!values.language && found.language) this.#editor.setLanguage(found.language);
    this.#fields.title.placeholder = found.title || t("title_hint");
    this.#fields.language.placeholder = found.language ?? t("language_hint");
    const tags = found.tags.filter(({ tag }) => !values.tags.includes(tag));
    const chips = tags.map(({ tag }) => button({ label: reveal(tag), icon: "plus", class: "suggested-tag", run: () => this.#fields.tags.add(tag) }));
    if (found.source_secrets) this.#addressNote.textContent = t("address_secret");
    const existing = found.existing && note(t("exists_already"), "info", button({ label: t("open_it"), run: () => this.app.go("pieces", found.existing!) }));
    this.#proposal.replaceChildren(...(existing ? [existing] : []), ...(chips.length ? [h("div.row-of", {}, h("span.help", { text: t("suggested_tags") }), ...chips)] : []));
  }

  // -- saving --------------------------------------------------------------------------------------------------

  async #clear(): Promise<void> {
    if (!this.#isEmpty && !(await confirm(t("discard_title"), t("discard_text"), t("discard"), { isDangerous: true }))) return;
    await this.#finished();
    this.app.reload();
  }

  /** What was in the form is saved or discarded. */
  async #finished(): Promise<void> {
    clearTimeout(this.#draftTimer);
    this.#draftTimer = 0;
    this.#isTyped = false;
    this.#isFinished = true;
    this.#files.forget();
    await this.#draft.drop();
  }

  async #save(): Promise<void> {
    await this.#saving.run(() => this.#saveNow());
  }

  /** The form was saved as it was before. What was typed or put in meanwhile stays a draft: of the new Piece, if it can. */
  async #saved({ id, revision }: PieceView, before: DraftContent, sent: readonly NamedUpload[]): Promise<void> {
    const { files, ...content } = this.#content();
    const isSame = JSON.stringify({ ...content, files: named(files) }) === JSON.stringify({ ...before, files: named(before.files) });
    if (isSame) return this.#finished();
    clearTimeout(this.#draftTimer);
    this.#draftTimer = 0;
    this.#isFinished = true;
    const isOfPiece = Boolean(before.texts[0]!.text.trim()) && named(files) === named(before.files);
    await this.#draft.keep(isOfPiece ? { ...content, piece: id, base: revision } : { ...content, ...(files && { files }) });
    this.#files.release(sent);
  }

  async #saveNow(): Promise<void> {
    this.#fields.tags.finish();
    const { text } = this.#editor;
    if (!text.trim() && this.#files.isEmpty) {
      this.app.say(t("nothing_to_save"));
      return this.#editor.focus();
    }
    const content = this.#content();
    if (this.#files.isEmpty) this.#keepNow();
    else await this.#keep(); // tells what the server has lost
    const files = await this.#files.uploads();
    if (!files) return;
    const { title, description, language, tags, links, source } = content;
    const added = await this.app.attempt(() => addPiece({ title, description, language: language || null, tags, links, text: text.trim() ? text : null, file_name: this.#fileName, files, read_images: !text.trim(), source_location: source.trim() }));
    if (!added) return;
    await this.#saved(added.piece, content, files);
    this.app.say(added.is_new ? t("saved") : t("exists_already"));
    if (added.secrets) this.app.say(plural("secrets_found", added.secrets));
    this.app.go("pieces", added.piece.id);
    tellFree();
  }
}

/** Names and sizes of files, which stay the same when a file is sent again. */
function named(files: DraftContent["files"]): string {
  return JSON.stringify((files ?? []).map(({ name, size_bytes: size }) => [name, size]));
}

/** The text of a file in UTF-8; null if it is none. */
async function readText(file: File): Promise<string | null> {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
    return text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}
