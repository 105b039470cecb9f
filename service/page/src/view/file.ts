/** One file of a Piece: its bar of tools, and below it the text, the picture, or a way to download it. */

import { CodeView } from "../code/view";
import { type LineRange } from "../fragment";
import type { Highlighter } from "../highlight/client";
import { counted, size, t, words } from "../i18n";
import { fileName, isRisky, languageOf } from "../naming";
import type { Piece, PieceFile } from "../piece";
import { prefer, preference } from "../preferences";
import { copyButton } from "./copying";
import { download, openRaw } from "./delivery";
import { append, h, writeLater } from "./dom";
import { icon, type IconName } from "./icons";
import { note, titleOf } from "./piece";

export interface FileContext {
  readonly highlighter: Highlighter;
  /** The link without its key. */
  readonly address: string;
  readonly key: string;
  readonly lines: LineRange | null;
  say(text: string): void;
  pickLines(lines: LineRange | null): void;
  /** Show the sheet with the link, its parts and its QR code. */
  passOn(): void;
}

const MARKDOWN = /^(md|markdown|mkd|mkdown)$/i;
const MOST_FORMATTED_CHARS = 512 << 10;
const NARROW_PX = 640;

export class FileView {
  readonly element: HTMLElement;
  readonly #file: PieceFile;
  readonly #name: string;
  readonly #title: string;
  readonly #language: string;
  readonly #body = h("div");
  #code: CodeView | null = null;

  constructor(
    piece: Piece,
    index: number,
    private readonly context: FileContext,
  ) {
    this.#file = piece.files[index]!;
    this.#name = fileName(piece, index);
    this.#title = titleOf(piece);
    this.#language = languageOf(piece, index);
    this.element = h("section.file", {}, this.#bar(), this.#body);
    if (this.#isFormatted) void this.#showFormatted();
    else this.#show();
  }

  /** Mark these lines, if this file has lines. */
  pick(lines: LineRange | null, scroll: boolean): void {
    if (lines && !this.#code) this.#showSource();
    this.#code?.pick(lines, scroll);
  }

  dispose(): void {
    this.#code?.dispose();
  }

  // -- the bar -----------------------------------------------------------------------------------------------

  readonly #languageName = h("strong", { attrs: { translate: "no" } });
  /** Only what is shown row by row can be wrapped. */
  #wrap: HTMLElement | null = null;
  readonly #formats = h("div.segments", { attrs: { role: "group", "aria-label": t("view_as") } });

  #bar(): HTMLElement {
    const { kind, text, bytes } = this.#file;
    const about = h("div.what", {}, this.#languageName);
    const measures = [h("span"), h("span")] as const;
    append(about, measures);
    if (kind === "text") writeLater(measures[0], () => counted("lines", countLines(text)));
    writeLater(measures[1], () => size(bytes.length));
    this.#languageName.textContent = kind === "text" ? this.#language : this.#file.mediaType;
    const tools = h("div.tools", { attrs: { role: "group", "aria-label": t("tools") } });
    if (this.#canBeFormatted) append(tools, [this.#formats]);
    append(tools, kind === "text" ? this.#textTools() : this.#fileTools());
    return h("div.bar", {}, about, tools);
  }

  #textTools(): HTMLElement[] {
    const { say } = this.context;
    const { text, bytes } = this.#file;
    return [
      copyButton({ label: t("copy"), class: "primary wide", text: () => text, say }),
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
    return button("share", t("link"), () => this.context.passOn(), { title: t("link_hint"), "aria-haspopup": "dialog" });
  }

  #wrapButton(): HTMLElement {
    const toggle = () => {
      const isWrapping = !this.#isWrapping;
      prefer("wrap", isWrapping ? "on" : "off");
      element.setAttribute("aria-pressed", String(isWrapping));
      this.#code?.setWrapping(isWrapping);
    };
    const attrs = { title: t("wrap_hint"), "aria-pressed": String(this.#isWrapping) };
    const element = button("wrap", t("wrap"), toggle, attrs);
    this.#wrap = element;
    return element;
  }

  get #isWrapping(): boolean {
    const chosen = preference("wrap");
    if (chosen) return chosen === "on";
    return innerWidth < NARROW_PX || !this.#language || MARKDOWN.test(this.#language);
  }

  // -- the body ----------------------------------------------------------------------------------------------

  #show(): void {
    if (this.#file.kind === "text") this.#showSource();
    else this.#body.replaceChildren(this.#file.kind === "image" ? this.#picture() : this.#attachment());
  }

  #showSource(): void {
    this.#drawFormats("source");
    this.#code ??= this.#makeCode();
    this.#code.setWrapping(this.#isWrapping);
    this.#body.replaceChildren(this.#code.element);
  }

  #makeCode(): CodeView {
    const { text } = this.#file;
    const code = new CodeView(text, { label: t("text_region", { title: this.#title }), onPick: (lines) => this.context.pickLines(lines) });
    this.context.highlighter.highlight(text, this.#language, {
      name: (name) => (this.#languageName.textContent = name),
      runs: (runs) => code.paint(runs),
    });
    return code;
  }

  // -- Markdown, formatted -----------------------------------------------------------------------------------

  get #canBeFormatted(): boolean {
    return this.#file.kind === "text" && MARKDOWN.test(this.#language) && this.#file.text.length <= MOST_FORMATTED_CHARS;
  }

  get #isFormatted(): boolean {
    return this.#canBeFormatted && !this.context.lines && preference("markdown") !== "source";
  }

  async #showFormatted(): Promise<void> {
    this.#drawFormats("rendered");
    try {
      const { formatted } = await import("./markdown");
      const prose = formatted(this.#file.text, this.context.highlighter, words());
      this.#code?.dispose();
      this.#code = null;
      this.#languageName.textContent = "Markdown";
      this.#body.replaceChildren(prose);
    } catch {
      this.#showSource();
    }
  }

  #drawFormats(shown: "rendered" | "source"): void {
    const choose = (name: "rendered" | "source") => {
      prefer("markdown", name);
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

  // -- pictures and everything else --------------------------------------------------------------------------

  #picture(): HTMLElement {
    const address = URL.createObjectURL(new Blob([this.#file.bytes.slice()], { type: this.#file.mediaType }));
    const image = h("img", { attrs: { alt: t("image_alt", { title: this.#title }), src: address } });
    const figure = h("figure.picture", { attrs: { tabindex: "0", role: "group", "aria-label": t("image_alt", { title: this.#title }) } }, image);
    image.addEventListener("load", () => this.#describePicture(image, figure));
    image.addEventListener("error", () => figure.replaceWith(h("p.attachment", { text: t("image_broken") })));
    return figure;
  }

  #describePicture({ naturalWidth, naturalHeight, clientWidth }: HTMLImageElement, figure: HTMLElement): void {
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
      isRisky(this.#name) && note(t("risky_note")),
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
