/** One file of a Piece: a toolbar, and below it the text, the formatted Markdown, or the image. */

import { hasDirectionControls, reveal } from "satchel-share-page/code/hidden-characters";
import { CodeView } from "satchel-share-page/code/view";
import type { Runs } from "satchel-share-page/highlight/protocol";
import { translation } from "satchel-share-page/i18n";
import { Latest } from "satchel-share-page/latest";
import { preference, setPreference } from "satchel-share-page/preferences";
import { note } from "satchel-share-page/view/card";
import { afterFrame, append, h } from "satchel-share-page/view/dom";
import { copyButton, download } from "satchel-share-page/view/export";
import { type FileView as FileData, type PieceView, readFile } from "../api";
import type { App } from "../app";
import { icon } from "../frame/icons";
import { formatSize, sharedPlural, t } from "../i18n";
import { button } from "../parts/controls";

const MARKDOWN = /^(md|markdown|mkd|mkdown)$/i;
const SHOWN_IMAGES = /^image\/(png|jpeg|gif|webp|avif|bmp|svg\+xml)$/i;
const MAX_FORMATTED_CHARS = 512 << 10;

export class FileCard {
  readonly element: HTMLElement;
  readonly #body = h("div");
  readonly #details = h("div.details");
  readonly #tools = h("div.tools", { attrs: { role: "group", "aria-label": t("tools") } });
  readonly #language: string;
  readonly #languageName = h("strong", { attrs: { translate: "no" } });
  readonly #shows = new Latest();
  #text: string | null;
  #code: CodeView | null = null;
  #url = "";
  /** Clicks of "Copy", also by its key. */
  readonly #copy: HTMLButtonElement;

  constructor(
    private readonly app: App,
    private readonly piece: PieceView,
    private readonly file: FileData,
  ) {
    this.#text = file.text;
    this.#language = file.language ?? extensionOf(file.name);
    this.#languageName.textContent = file.language ?? (file.text === null ? file.media_type : "");
    this.#copy = copyButton({ label: t("copy"), class: "primary", text: () => this.#text ?? "", announce: (text) => app.announce(text) });
    append(this.#details, [this.#languageName, h("span", { text: file.text === null ? "" : sharedPlural("lines", countLines(file.text)) }), h("span", { text: formatSize(file.size_bytes) })]);
    this.element = h("section.file", {}, h("div.toolbar", {}, this.#details, this.#tools), this.#body);
    this.#show();
  }

  copy(): void {
    if (this.#text !== null) this.#copy.click();
  }

  dispose(): void {
    this.#code?.dispose();
    if (this.#url) URL.revokeObjectURL(this.#url);
  }

  get #name(): string {
    return this.file.name || `${reveal(this.piece.title).replace(/[\\/:*?"<>|\s]+/g, "-").slice(0, 60) || "piece"}`;
  }

  // -- the toolbar ---------------------------------------------------------------------------------------------

  #drawTools(shown: "rendered" | "source"): void {
    const isText = this.#text !== null;
    const tools: (Node | false)[] = [isText && this.#canBeFormatted && this.#formats(shown), isText && this.#copy, this.#downloadButton(), isText && shown === "source" && this.#wrapButton()];
    this.#tools.replaceChildren();
    append(this.#tools, tools);
  }

  #downloadButton(): HTMLElement {
    const fetchAll = async () => {
      const bytes = await this.app.attempt(() => this.#bytes());
      if (bytes) download(new Uint8Array(bytes), this.#name);
    };
    return button({ label: t("download"), icon: "download", run: () => void fetchAll() });
  }

  #wrapButton(): HTMLElement {
    const change = () => {
      const isWrapping = !this.#isWrapping;
      setPreference("wrap", isWrapping ? "on" : "off");
      wrap.setAttribute("aria-pressed", String(isWrapping));
      this.#code?.setWrapping(isWrapping);
    };
    const wrap = button({ label: t("wrap"), icon: "wrap", run: change, attrs: { "aria-pressed": String(this.#isWrapping), title: t("wrap_hint") } });
    return wrap;
  }

  get #isWrapping(): boolean {
    const preferred = preference("wrap");
    return preferred ? preferred === "on" : innerWidth < 640 || !this.#language || MARKDOWN.test(this.#language);
  }

  #formats(shown: "rendered" | "source"): HTMLElement {
    const choose = (name: "rendered" | "source") => {
      setPreference("markdown", name);
      if (name === "source") this.#showSource();
      else void this.#showFormatted();
      this.#tools.querySelector<HTMLElement>('[aria-pressed="true"]')?.focus();
    };
    const choice = (name: "rendered" | "source") => h("button.button", { text: t(name), attrs: { type: "button", "aria-pressed": String(name === shown) }, on: { click: () => choose(name) } });
    return h("div.segments", { attrs: { role: "group", "aria-label": t("view_as") } }, choice("rendered"), choice("source"));
  }

  // -- the body ------------------------------------------------------------------------------------------------

  #show(): void {
    if (this.#text === null) {
      this.#drawTools("source");
      this.#body.replaceChildren(this.#attachment());
      if (SHOWN_IMAGES.test(this.file.media_type)) void this.#showImage();
    } else if (this.#canBeFormatted && preference("markdown") !== "source") void this.#showFormatted();
    else this.#showSource();
  }

  get #canBeFormatted(): boolean {
    return this.#text !== null && MARKDOWN.test(this.#language) && this.#text.length <= MAX_FORMATTED_CHARS;
  }

  #showSource(): void {
    this.#shows.ask();
    this.#drawTools("source");
    this.#code ??= this.#createCode(this.#text!);
    this.#code.setWrapping(this.#isWrapping);
    const parts: Node[] = [this.#code.element];
    if (hasDirectionControls(this.#text!)) parts.unshift(note(t("bidi_note")));
    if (!this.file.is_whole && this.#text === this.file.text) parts.push(this.#rest());
    this.#body.replaceChildren(...parts);
  }

  #createCode(text: string): CodeView {
    const code = new CodeView(text, { label: t("text_region", { title: reveal(this.piece.title) || t("untitled") }), onSelect: (lines) => code.select(lines) });
    const listener = { name: (name: string) => (this.#languageName.textContent = name), runs: (runs: Runs) => code.paint(runs) };
    afterFrame(() => this.app.highlighter.highlight(text, this.#language, listener)); // the text comes first
    return code;
  }

  async #showFormatted(): Promise<void> {
    const isLatest = this.#shows.ask();
    this.#drawTools("rendered");
    try {
      const { highlighter } = this.app;
      const [{ renderMarkdown }, tokens] = await Promise.all([import("satchel-share-page/view/markdown"), highlighter.parseMarkdown(this.#text!)]);
      if (!isLatest()) return;
      if (!tokens) throw new Error("the text takes too long to parse");
      this.#body.replaceChildren(renderMarkdown(tokens, highlighter, translation()));
    } catch {
      if (isLatest()) this.#showSource();
    }
  }

  /** The way to the rest of a long text. */
  #rest(): HTMLElement {
    const load = async () => {
      const bytes = await this.app.attempt(() => this.#bytes());
      if (!bytes) return;
      this.#text = new TextDecoder().decode(bytes);
      this.#code?.dispose();
      this.#code = null;
      this.#showSource();
    };
    return h("div.rest", {}, button({ label: t("show_all", { size: formatSize(this.file.size_bytes) }), run: () => void load() }));
  }

  #bytes(): Promise<ArrayBuffer> {
    const { piece, file } = this;
    return readFile({ id: piece.id, number: file.number, revision: piece.revision });
  }

  async #showImage(): Promise<void> {
    const bytes = await this.app.attempt(() => this.#bytes());
    if (!bytes) return;
    this.#url = URL.createObjectURL(new Blob([bytes], { type: this.file.media_type }));
    const alt = t("image_alt", { title: reveal(this.piece.title) || t("untitled") });
    const image = h("img", { attrs: { alt, src: this.#url } });
    image.addEventListener("load", () => (this.#details.children[1]!.textContent = t("image_size", { width: image.naturalWidth, height: image.naturalHeight })));
    image.addEventListener("error", () => this.#body.replaceChildren(h("p.attachment", { text: t("image_broken") })));
    this.#body.replaceChildren(h("figure.image", { attrs: { tabindex: "0", role: "group", "aria-label": alt } }, image));
  }

  #attachment(): HTMLElement {
    return h("div.attachment", {}, icon("file"), h("p.name", { text: reveal(this.#name), attrs: { dir: "auto" } }), h("p", { text: t("binary_note") }));
  }
}

export function extensionOf(name: string): string {
  return /\.([A-Za-z0-9+-]{1,10})$/.exec(name)?.[1] ?? "";
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  return lines + (text === "" || text.endsWith("\n") ? 0 : 1);
}
