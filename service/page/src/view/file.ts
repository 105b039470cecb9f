/** One file of a Piece: a toolbar, and below it the text, the image or a note that it can only be downloaded. */

import { CodeView } from "../code/view";
import type { Highlighter } from "../highlight/client";
import type { Runs } from "../highlight/protocol";
import { formatSize, plural, t, translation } from "../i18n";
import { Latest } from "../latest";
import { preference, setPreference } from "../preferences";
import type { LineRange } from "../share/fragment";
import type { Piece, PieceFile } from "../share/piece";
import { note } from "./card";
import { afterFrame, append, h, setTextLater } from "./dom";
import { copyButton, download, openRaw } from "./export";
import { icon, type IconName } from "./icons";
import { fileName, isExecutable, languageOf, titleOf } from "./names";

export interface FileContext {
  readonly highlighter: Highlighter;
  /** The link without its key. */
  readonly address: string;
  readonly key: string;
  readonly lines: LineRange | null;
  /** Tell screen readers. */
  announce(text: string): void;
  selectLines(lines: LineRange | null): void;
  openLinkDialog(): void;
}

const MARKDOWN = /^(md|markdown|mkd|mkdown)$/i;
const MAX_FORMATTED_CHARS = 512 << 10;
const NARROW_PX = 640;

export class FileView {
  readonly element: HTMLElement;
  readonly #file: PieceFile;
  readonly #name: string;
  readonly #title: string;
  readonly #language: string;
  readonly #body = h("div");
  #code: CodeView | null = null;
  readonly #shows = new Latest();

  constructor(
    piece: Piece,
    index: number,
    private readonly context: FileContext,
  ) {
    this.#file = piece.files[index]!;
    this.#name = fileName(piece, index);
    this.#title = titleOf(piece);
    this.#language = languageOf(piece, index);
    this.element = h("section.file", {}, this.#toolbar(), this.#body);
    if (this.#isFormatted) void this.#showFormatted();
    else this.#show();
  }

  /** Select lines, if this file has lines. */
  select(lines: LineRange | null, scroll: boolean): void {
    if (lines && this.#file.kind === "text" && !this.#code) this.#showSource();
    this.#code?.select(lines, scroll);
  }

  dispose(): void {
    this.#shows.ask();
    this.#code?.dispose();
  }

  // -- the toolbar -----------------------------------------------------------------------------------------------

  readonly #languageName = h("strong", { attrs: { translate: "no" } });
  /** Hidden while Markdown is formatted. */
  #wrap: HTMLElement | null = null;
  readonly #formats = h("div.segments", { attrs: { role: "group", "aria-label": t("view_as") } });

  #toolbar(): HTMLElement {
    const { kind, text, bytes } = this.#file;
    const details = h("div.details", {}, this.#languageName);
    const sizes = [h("span"), h("span")] as const;
    append(details, sizes);
    if (kind === "text") setTextLater(sizes[0], () => plural("lines", countLines(text)));
    setTextLater(sizes[1], () => formatSize(bytes.length));
    this.#languageName.textContent = kind === "text" ? this.#language : this.#file.mediaType;
    const tools = h("div.tools", { attrs: { role: "group", "aria-label": t("tools") } });
    if (this.#canBeFormatted) append(tools, [this.#formats]);
    append(tools, kind === "text" ? this.#textTools() : this.#fileTools());
    return h("div.toolbar", {}, details, tools);
  }

  #textTools(): HTMLElement[] {
    const { announce } = this.context;
    const { text, bytes } = this.#file;
    return [
      copyButton({ label: t("copy"), class: "primary wide", text: () => text, announce }),
      button("download", t("download"), () => download(bytes, this.#name)),
      button("raw", t("raw"), () => openRaw(text), { title: t("raw_hint") }),
      this.#wrapButton(),
      this.#linkButton(),
    ];
  }

  #fileTools(): HTMLElement[] {
    return [button("download", t("download"), () => download(this.#file.bytes, this.#name)), this.#linkButton()];
  }

  #linkButton(): HTMLElement {
    return button("share", t("link"), () => this.context.openLinkDialog(), { title: t("link_hint"), "aria-haspopup": "dialog" });
  }

  #wrapButton(): HTMLElement {
    const toggle = () => {
      const isWrapping = !this.#isWrapping;
      setPreference("wrap", isWrapping ? "on" : "off");
      element.setAttribute("aria-pressed", String(isWrapping));
      this.#code?.setWrapping(isWrapping);
    };
    const attrs = { title: t("wrap_hint"), "aria-pressed": String(this.#isWrapping) };
    const element = button("wrap", t("wrap"), toggle, attrs);
    this.#wrap = element;
    return element;
  }

  get #isWrapping(): boolean {
    const preferred = preference("wrap");
    if (preferred) return preferred === "on";
    return innerWidth < NARROW_PX || !this.#language || MARKDOWN.test(this.#language);
  }

  // -- the body ----------------------------------------------------------------------------------------------

  #show(): void {
    if (this.#file.kind === "text") this.#showSource();
    else this.#body.replaceChildren(this.#file.kind === "image" ? this.#image() : this.#attachment());
  }

  #showSource(): void {
    this.#shows.ask();
    this.#drawFormats("source");
    this.#code ??= this.#createCode();
    this.#code.setWrapping(this.#isWrapping);
    this.#body.replaceChildren(this.#code.element);
  }

  #createCode(): CodeView {
    const { text } = this.#file;
    const label = t("text_region", { title: this.#title });
    const code = new CodeView(text, { label, onSelect: (lines) => this.context.selectLines(lines) });
    const listener = { name: (name: string) => (this.#languageName.textContent = name), runs: (runs: Runs) => code.paint(runs) };
    afterFrame(() => this.context.highlighter.highlight(text, this.#language, listener)); // the text comes first
    return code;
  }

  // -- Markdown, formatted -----------------------------------------------------------------------------------

  get #canBeFormatted(): boolean {
    return this.#file.kind === "text" && MARKDOWN.test(this.#language) && this.#file.text.length <= MAX_FORMATTED_CHARS;
  }

  get #isFormatted(): boolean {
    return this.#canBeFormatted && !this.context.lines && preference("markdown") !== "source";
  }

  async #showFormatted(): Promise<void> {
    const isLatest = this.#shows.ask();
    this.#drawFormats("rendered");
    try {
      const { highlighter } = this.context;
      const [{ renderMarkdown }, tokens] = await Promise.all([import("./markdown"), highlighter.parseMarkdown(this.#file.text)]);
      if (!isLatest()) return;
      if (!tokens) throw new Error("the text takes too long to parse");
      const prose = renderMarkdown(tokens, highlighter, translation());
      this.#code?.dispose();
      this.#code = null;
      this.#languageName.textContent = "Markdown";
      this.#body.replaceChildren(prose);
    } catch {
      if (isLatest()) this.#showSource();
    }
  }

  #drawFormats(shown: "rendered" | "source"): void {
    const choose = (name: "rendered" | "source") => {
      setPreference("markdown", name);
      if (name === "source") this.#showSource();
      else void this.#showFormatted();
    };
    if (this.#wrap) this.#wrap.hidden = shown === "rendered";
    const hadFocus = this.#formats.contains(document.activeElement);
    this.#formats.replaceChildren(
      ...(["rendered", "source"] as const).map((name) =>
        h("button.button", { text: t(name), attrs: { type: "button", "aria-pressed": String(name === shown) }, on: { click: () => choose(name) } }),
      ),
    );
    if (hadFocus) this.#formats.querySelector<HTMLElement>('[aria-pressed="true"]')?.focus();
  }

  // -- images and other files --------------------------------------------------------------------------------

  #image(): HTMLElement {
    const url = URL.createObjectURL(new Blob([this.#file.bytes.slice()], { type: this.#file.mediaType }));
    const image = h("img", { attrs: { alt: t("image_alt", { title: this.#title }), src: url } });
    const figure = h("figure.image", { attrs: { tabindex: "0", role: "group", "aria-label": t("image_alt", { title: this.#title }) } }, image);
    image.addEventListener("load", () => this.#describeImage(image, figure));
    image.addEventListener("error", () => figure.replaceWith(h("p.attachment", { text: t("image_broken") })));
    return figure;
  }

  #describeImage({ naturalWidth, naturalHeight, clientWidth }: HTMLImageElement, figure: HTMLElement): void {
    this.#languageName.nextElementSibling!.textContent = t("image_size", { width: naturalWidth, height: naturalHeight });
    if (naturalWidth <= clientWidth) return;
    const toggle = () => full.setAttribute("aria-pressed", String(figure.classList.toggle("full")));
    const full = button("eye", t("image_full"), toggle, { "aria-pressed": "false" });
    this.element.querySelector(".tools")?.prepend(full);
  }

  #attachment(): HTMLElement {
    return h(
      "div.attachment",
      {},
      icon("file"),
      h("p.name", { text: this.#name, attrs: { dir: "auto" } }),
      h("p", { text: t("binary_note") }),
      isExecutable(this.#name) && note(t("executable_note")),
    );
  }
}

function button(name: IconName, label: string, action: () => void, attrs: Readonly<Record<string, string>> = {}): HTMLButtonElement {
  return h("button.button", { class: name === "download" ? "wide" : "", attrs: { type: "button", ...attrs }, on: { click: action } }, icon(name), h("span", { text: label }));
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  return lines + (text === "" || text.endsWith("\n") ? 0 : 1);
}
