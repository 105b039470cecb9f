/**
 * The files of a new Piece. Each is sent as soon as it is put in, and the draft names it from then on: the server keeps it
 * with the draft. What was not sent yet is sent again when the server answers; the page holds it until then.
 */

import { reveal } from "satchel-share-page/code/hidden-characters";
import { h } from "satchel-share-page/view/dom";
import { type DraftFile, type KeptDraft, type NamedUpload, upload } from "../api";
import type { App } from "../app";
import { icon } from "../frame/icons";
import { formatSize, t } from "../i18n";
import { button } from "../parts/controls";
import { type DraftText, newId, type OpenedDraft } from "../piece/drafts";
import { pathOf } from "./dropped";

/** A server that has lost an upload gets it again, but not for ever. */
const MAX_SENT = 4;

interface Attached {
  /** What the draft calls it: the id of the upload, or one of the page until it is sent. */
  id: string;
  readonly name: string;
  readonly size: number;
  isImage: boolean;
  /** Null if it is from a draft that this page did not make, or can no longer be read. */
  file: File | null;
  /** The text, if the file is from a draft of a Piece that is removed. The draft holds it as text. */
  readonly text: DraftText | null;
  sending: Promise<void> | null;
  isSent: boolean;
  /** There was no room for it in the drafts: the server has it until the window closes. */
  isTooLarge: boolean;
  timesSent: number;
}

/** Files that this page has, by what drafts call them, so that a form that is drawn anew can send them. */
const held = new Map<string, File>();
/** Names of drafts for files that are not sent yet. */
const unsent = new Set<string>();

export class AttachedFiles {
  readonly element = h("ul.attached", { attrs: { role: "list", "aria-label": t("files") } });
  #items: Attached[] = [];

  constructor(
    private readonly app: App,
    /** What the draft should hold has changed. */
    private readonly changed: () => void,
    private readonly removed: () => void,
  ) {}

  get isEmpty(): boolean {
    return !this.#items.length;
  }

  get isSending(): boolean {
    return this.#items.some(({ sending }) => sending);
  }

  /** The names of those that would be lost with this page. */
  get atRisk(): readonly string[] {
    return this.#items.filter(({ file, text, isSent, isTooLarge }) => !text && (isSent ? isTooLarge : file)).map(({ name }) => reveal(name));
  }

  /** Show the files of a draft, and its texts beyond the first. */
  restore(draft: OpenedDraft | null): void {
    for (const text of draft?.texts.slice(1) ?? []) {
      const file = new File([text.text], text.name || `${text.number}.txt`, { type: "text/plain" });
      this.#push({ id: newId(), name: file.name, size: file.size, isImage: false, file, text });
    }
    for (const { upload: id, name, size_bytes: size, is_image: isImage } of draft?.files ?? []) {
      const isMissing = unsent.has(id) || (draft!.missing?.includes(id) ?? false);
      this.#push({ id, name, size, isImage, file: held.get(id) ?? null, text: null }, !isMissing);
    }
    this.#draw();
  }

  /** Take files, and resolve when all are sent, or could not be sent. */
  async add(files: readonly File[]): Promise<void> {
    const items = files.map((file) => this.#push({ id: newId(), name: pathOf(file), size: file.size, isImage: file.type.startsWith("image/"), file, text: null }));
    this.#draw();
    this.changed();
    await Promise.all(items.map(({ sending }) => sending));
  }

  /** The upload of a picture that can be read, once it is sent; null if it is none. */
  async pictureOf(file: File): Promise<string | null> {
    const item = this.#items.find((each) => each.file === file);
    await item?.sending;
    return item?.isSent && item.isImage ? item.id : null;
  }

  /** What the draft says of them. */
  get ofDraft(): { readonly files: readonly DraftFile[]; readonly texts: readonly DraftText[] } {
    const files = this.#items.filter(({ text }) => !text).map(({ id, name, size, isImage }) => ({ upload: id, name, size_bytes: size, is_image: isImage }));
    return { files, texts: this.#items.flatMap(({ text }) => text ?? []) };
  }

  /** The server has kept the draft, except some of its files. What it lost meanwhile is sent again. */
  mark({ missing, too_large: tooLarge }: KeptDraft): void {
    for (const item of this.#items) {
      item.isTooLarge = tooLarge.includes(item.id);
      if (!missing.includes(item.id) || item.sending) continue;
      item.isSent = false;
      this.#send(item);
    }
    this.#draw();
  }

  /** Send what could not be sent. */
  resume(): void {
    for (const item of this.#items) {
      item.timesSent = 0;
      if (!item.isSent && !item.sending) this.#send(item);
    }
  }

  /** All files as uploads. Null, and a line that says which, if one is gone or cannot be sent. */
  async uploads(): Promise<NamedUpload[] | null> {
    this.resume();
    await Promise.all(this.#items.map(({ sending }) => sending));
    const unsent = this.#items.find(({ isSent }) => !isSent);
    if (unsent && !unsent.file) this.app.say(t("file_gone", { name: reveal(unsent.name) }));
    return unsent ? null : this.#items.map(({ id, name }) => ({ upload: id, name }));
  }

  /** They are saved or discarded. */
  forget(): void {
    for (const { id } of this.#items) held.delete(id);
    this.#items = [];
  }

  /** These are saved. What was put in since stays in this page, for the form that shows the draft. */
  release(saved: readonly NamedUpload[]): void {
    for (const { upload: id } of saved) held.delete(id);
    this.#items = [];
  }

  #push(given: Pick<Attached, "id" | "name" | "size" | "isImage" | "file" | "text">, isSent = false): Attached {
    const item: Attached = { ...given, sending: null, isSent, isTooLarge: false, timesSent: 0 };
    this.#items.push(item);
    if (item.file) held.set(item.id, item.file);
    if (!isSent) {
      unsent.add(item.id);
      this.#send(item);
    }
    return item;
  }

  #send(item: Attached): void {
    const { file } = item;
    if (!file || item.timesSent++ >= MAX_SENT) return;
    const send = async () => {
      const isReadable = await file.slice(0, 1).arrayBuffer().then(() => true, () => false); // prettier-ignore
      if (!isReadable) item.file = null;
      const sent = isReadable && (await this.app.attempt(() => upload(file)));
      item.sending = null;
      if (!this.#items.includes(item)) return;
      if (sent) {
        unsent.delete(item.id);
        held.delete(item.id);
        held.set(sent.upload, file);
        Object.assign(item, { id: sent.upload, isSent: true, isImage: sent.is_image });
      }
      this.#draw();
      this.changed();
    };
    item.sending = send();
  }

  #draw(): void {
    this.element.replaceChildren(...this.#items.map((item) => this.#row(item)));
  }

  #row(item: Attached): HTMLElement {
    const name = reveal(item.name);
    const remove = button({ label: t("remove_file", { name }), icon: "close", isIconOnly: true, class: "quiet", run: () => this.#remove(item) });
    const isGone = !item.isSent && !item.file;
    const state = isGone ? h("span.help", { text: t("file_gone", { name }) }) : h("span.help", { text: formatSize(item.size) });
    return h("li", {}, icon(isGone ? "alert" : item.isImage ? "image" : "file"), h("span", { text: name, attrs: { dir: "auto" } }), state, remove);
  }

  #remove(item: Attached): void {
    this.#items = this.#items.filter((each) => each !== item);
    held.delete(item.id);
    this.#draw();
    this.changed();
    this.removed();
  }
}
