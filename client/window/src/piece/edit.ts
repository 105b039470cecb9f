/** The form that edits a Piece. What is typed is kept as a draft until it is saved or discarded. */

import { reveal } from "satchel-share-page/code/hidden-characters";
import { h } from "satchel-share-page/view/dom";
import { addPiece, type Conflict, editPiece, type EditRequest, type FileView, type NamedUpload, type PieceView, readFile, upload } from "../api";
import type { App, Key, View } from "../app";
import { t } from "../i18n";
import { button, OneAtATime, whileBusy } from "../parts/controls";
import { createEditor, type Editor } from "../parts/editor";
import { confirm } from "../parts/dialog";
import { ConflictError } from "../transport";
import { type Clash, resolveConflict } from "./conflict";
import { type DraftContent, findDraft, FormDraft, type Kept, keptLine, type UnsavedDraft } from "./drafts";
import { PieceFields } from "./fields";
import { extensionOf } from "./file";

const DRAFT_MS = 400;

export class EditForm implements View {
  readonly element: HTMLElement;
  readonly #fields: PieceFields;
  readonly #editors: ReadonlyMap<number, Editor>;
  readonly #status = h("span.help", { attrs: { role: "status" } });
  readonly #draft: FormDraft;
  #base: PieceView;
  #isChanged: boolean;
  /** Whether the draft that the form began with, if any, was changed. */
  #isTyped = false;
  /** Where the draft is, since it was last changed. */
  #kept: Kept | null = null;
  readonly #saving = new OneAtATime();
  #timer = 0;

  private constructor(
    private readonly app: App,
    piece: PieceView,
    /** The text of each text file, as the store holds it. */
    private readonly texts: Map<number, string>,
    draft: UnsavedDraft | null,
    private readonly finish: (piece: PieceView) => void,
  ) {
    this.#base = draft && draft.base !== piece.revision ? { ...piece, revision: draft.base } : piece;
    this.#isChanged = draft !== null;
    this.#draft = new FormDraft(draft);
    this.#fields = new PieceFields(app, piece.id, draft ?? { ...piece, language: piece.language ?? "" }, () => this.#changed());
    this.#editors = new Map(piece.files.filter(({ number }) => texts.has(number)).map((file) => [file.number, this.#editor(file, draft)]));
    const save = button({ label: t("save"), icon: "check", class: "primary", key: "Mod+S", run: () => void whileBusy(save, () => this.#save()) });
    const cancel = button({ label: t("cancel"), key: "Escape", run: () => void this.#cancel() });
    const bar = h("div.form-bar", {}, h("h1", { text: t("edit_title", { title: reveal(piece.title) || t("untitled") }), attrs: { dir: "auto" } }), this.#status, cancel, save);
    this.element = h("form.edit-form", { attrs: { novalidate: true }, on: { submit: (event) => event.preventDefault() } }, bar, this.#fields.element, this.#files(piece));
    addEventListener("pagehide", this.#keepNow);
    addEventListener("beforeunload", this.#warn);
    document.addEventListener("visibilitychange", this.#keepIfHidden);
  }

  /** Open the form with the whole text of every file, and the draft if there is one. */
  static async open(app: App, piece: PieceView, finish: (piece: PieceView) => void): Promise<EditForm> {
    const texts = new Map<number, string>();
    for (const file of piece.files) {
      const text = await wholeText(piece, file);
      if (text !== null) texts.set(file.number, text);
    }
    return new EditForm(app, piece, texts, await findDraft(piece.id), finish);
  }

  get title(): string {
    return t("edit");
  }

  readonly keys: readonly Key[] = [
    { key: "Mod+S", label: "save", isGlobal: true, run: () => void this.#save() },
    { key: "Mod+Enter", label: "save", isGlobal: true, run: () => void this.#save() },
    { key: "Escape", label: "cancel", isGlobal: true, run: () => void this.#cancel() },
  ];

  /** Put the cursor into the text. */
  begin(): void {
    const first = this.#editors.values().next().value;
    if (first) first.focus();
    else this.#fields.title.focus();
  }

  leave(): void {
    if (this.#timer) this.#keepNow();
  }

  dispose(): void {
    this.leave();
    removeEventListener("pagehide", this.#keepNow);
    removeEventListener("beforeunload", this.#warn);
    document.removeEventListener("visibilitychange", this.#keepIfHidden);
    for (const editor of this.#editors.values()) editor.dispose();
  }

  // -- drawing -------------------------------------------------------------------------------------------------

  #editor(file: FileView, draft: UnsavedDraft | null): Editor {
    const text = draft?.texts.find(({ number }) => number === file.number)?.text ?? this.texts.get(file.number)!;
    const label = file.name ? reveal(file.name) : t("text");
    return createEditor({ text, language: file.language ?? extensionOf(file.name), label, changed: () => this.#changed() });
  }

  #files(piece: PieceView): HTMLElement {
    const sections = piece.files.flatMap((file) => {
      const editor = this.#editors.get(file.number);
      const name = piece.files.length > 1 && h("h2", { text: reveal(file.name) || t("main_file"), attrs: { dir: "auto" } });
      return editor ? [h("section.edit-file", {}, name, editor.element)] : [];
    });
    return h("div.edit-files", { class: sections.length === 1 ? "single" : "" }, ...sections);
  }

  // -- the draft -----------------------------------------------------------------------------------------------

  #changed(): void {
    this.#isChanged = this.#isTyped = true;
    this.#kept = null;
    this.#status.textContent = "";
    this.#editors.get(0)?.setLanguage(this.#fields.values.language);
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(this.#keepNow, DRAFT_MS);
  }

  readonly #keepNow = (event?: Event): void => {
    const isKept = this.#kept?.where === "home" && !this.#timer;
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (this.#isTyped && !(event && isKept)) void this.#draft.keep(this.#content(), event?.type === "pagehide" || undefined).then((kept) => this.#showKept(kept));
  };

  readonly #keepIfHidden = (): void => {
    if (this.#timer && document.visibilityState === "hidden") this.#keepNow();
  };

  /** Let the browser ask before what only this page has is lost. */
  readonly #warn = (event: Event): void => {
    if (this.#isTyped && this.#kept?.where === "page") event.preventDefault();
  };

  #showKept(kept: Kept): void {
    if (this.#draft.isSending) return; // a later version will be kept
    this.#kept = kept;
    if (this.#isTyped && !this.#timer) this.#status.textContent = keptLine(kept);
  }

  #content(): DraftContent {
    const texts = this.#base.files.flatMap(({ number, name }) => {
      const editor = this.#editors.get(number);
      return editor ? [{ number, name, text: editor.text }] : [];
    });
    return { ...this.#fields.values, piece: this.#base.id, base: this.#base.revision, texts, source: "" };
  }

  async #cancel(): Promise<void> {
    if (this.#isChanged && !(await confirm(t("discard_title"), t("discard_text"), t("discard"), { isDangerous: true }))) return;
    this.#isChanged = this.#isTyped = false;
    clearTimeout(this.#timer);
    void this.#draft.drop();
    this.finish(this.#base);
  }

  // -- saving --------------------------------------------------------------------------------------------------

  async #save(): Promise<void> {
    await this.#saving.run(() => this.#saveNow());
  }

  async #saveNow(): Promise<void> {
    this.#fields.tags.finish();
    this.#keepNow();
    await this.app.attempt(async () => {
      const sent = this.#content();
      try {
        const { piece, is_changed: isChanged } = await editPiece(this.#request(this.#base.revision, this.#changedTexts));
        this.#saved(piece, sent);
        this.app.say(t(isChanged ? "saved" : "nothing_changed"));
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        await this.#resolve(error);
      }
    });
  }

  /** The edit of a revision: every field, and these texts by the numbers of their files. */
  #request(base: number, texts: ReadonlyMap<number, string>): EditRequest {
    const { id, files } = this.#base;
    const further = files.filter(({ number }) => number && texts.has(number));
    return {
      id,
      base,
      ...this.#fields.values,
      text: texts.get(0) ?? null,
      put_files: further.map(({ number, name, language }) => ({ name, language, text: texts.get(number)! })),
    };
  }

  /** The texts that are no longer those that the form began with. */
  get #changedTexts(): ReadonlyMap<number, string> {
    const all = [...this.#editors].map(([number, { text }]) => [number, text] as const);
    return new Map(all.filter(([number, text]) => text !== this.texts.get(number)));
  }

  /** The form stays open if something was typed while it was being saved. */
  #saved(piece: PieceView, sent: DraftContent): void {
    if (JSON.stringify(this.#content()) !== JSON.stringify(sent)) {
      this.#base = piece;
      for (const { number, text } of sent.texts) this.texts.set(number, text);
      return this.#changed();
    }
    this.#isChanged = this.#isTyped = false;
    clearTimeout(this.#timer);
    void this.#draft.drop();
    this.finish(piece);
  }

  /** The Piece was changed meanwhile: show both, and let the owner choose. The draft stays until that is done. */
  async #resolve({ conflict }: ConflictError): Promise<void> {
    const changed = await this.#changedSince(conflict.base);
    const choice = await resolveConflict(conflict, this.#content(), await this.#clashesIn(conflict, changed), (number, text) => this.#editors.get(number)?.setText(text));
    if (choice === null) return;
    const sent = this.#content();
    if (choice.how === "copy") {
      const piece = await this.#addAsNew();
      this.#saved(piece, sent);
      this.app.go("pieces", piece.id);
      return this.app.say(t("saved_as_new"));
    }
    // What the owner did not touch keeps its current value.
    const values = this.#fields.values;
    const touched = Object.fromEntries(Object.entries(values).filter(([field, value]) => JSON.stringify(value) !== JSON.stringify(conflict.base[field as keyof PieceView] ?? "")));
    try {
      const { piece } = await editPiece({ ...this.#request(conflict.current.revision, new Map([...changed, ...choice.texts])), ...emptied(values), ...touched });
      this.#saved(piece, sent);
      this.app.say(t("saved"));
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      await this.#resolve(error); // it has changed once more
    }
  }

  /** The texts of the form that are not those of a revision. */
  async #changedSince(revision: PieceView): Promise<ReadonlyMap<number, string>> {
    const changed = new Map<number, string>();
    for (const [number, { text }] of this.#editors) if (text !== (await textIn(revision, this.#fileOf(number)))) changed.set(number, text);
    return changed;
  }

  /** Those of them that were changed in the store, too; all that differ if it does not know the base any more. */
  async #clashesIn({ base, current }: Conflict, changed: ReadonlyMap<number, string>): Promise<readonly Clash[]> {
    const clashes: Clash[] = [];
    const isKnown = base.revision !== current.revision;
    for (const [number, own] of changed) {
      const file = this.#fileOf(number);
      const theirs = await textIn(current, file);
      const isSame = theirs === null || theirs === own || (isKnown && theirs === (await textIn(base, file)));
      if (!isSame) clashes.push({ number, name: file.name, language: file.language ?? "", theirs, own });
    }
    return clashes;
  }

  #fileOf(number: number): FileView {
    return this.#base.files.find((file) => file.number === number)!;
  }

  /** Add what the form holds as a new Piece, with all of its files. */
  async #addAsNew(): Promise<PieceView> {
    const { id, files, revision } = this.#base;
    const values = { ...this.#fields.values, again: true, suggest: false, read_images: false };
    const main = this.#editors.get(0);
    if (main && files.length === 1) return (await addPiece({ ...values, text: main.text })).piece;
    const sent: NamedUpload[] = [];
    for (const { number, name } of files) {
      const content = this.#editors.get(number)?.text ?? (await readFile({ id, number, revision }));
      sent.push({ upload: (await upload(new Blob([content]))).upload, name });
    }
    return (await addPiece({ ...values, files: sent })).piece;
  }
}

/** The text that the same file has in another revision; null if it has none there. */
async function textIn(piece: PieceView, { number, name }: FileView): Promise<string | null> {
  const file = piece.files.find((each) => (number ? each.number && each.name === name : !each.number));
  return file ? wholeText(piece, file) : null;
}

/** The text of a file, also of one that is too long for the view of its Piece; null if it is no text. */
async function wholeText({ id, revision }: PieceView, { number, text, is_whole: isWhole }: FileView): Promise<string | null> {
  return text === null || isWhole ? text : new TextDecoder().decode(await readFile({ id, number, revision }));
}

/** Fields that an edit leaves as they are. */
function emptied(values: object): Record<string, null> {
  return Object.fromEntries(Object.keys(values).map((field) => [field, null]));
}
