/** The dialog with the link, its two parts, its QR code and the lines it points to. Loaded on demand. */

import { t, type Translation, useTranslation } from "../i18n";
import { formatFragment, formatLines, type LineRange, parseLines } from "../share/fragment";
import { copyButton } from "./export";
import { h } from "./dom";
import { icon } from "./icons";
import { qrCode } from "./qr-code";

export interface LinkDialogOptions {
  readonly address: string;
  readonly key: string;
  readonly file: number;
  readonly lines: LineRange | null;
  /** Whether the shown file has lines. */
  readonly hasLines: boolean;
  readonly translation: Translation;
  announce(text: string): void;
  selectLines(lines: LineRange | null): void;
}

export function openLinkDialog(options: LinkDialogOptions): void {
  useTranslation(options.translation);
  const content = new LinkDialog(options);
  const dialog = h("dialog", { attrs: { "aria-labelledby": "link-title" } }, content.element);
  content.element.querySelector(".close")?.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

class LinkDialog {
  readonly element: HTMLElement;
  #lines: LineRange | null;
  readonly #whole: HTMLInputElement;
  readonly #code = h("div");

  constructor(private readonly options: LinkDialogOptions) {
    this.#lines = options.lines;
    const { address, key } = options;
    const whole = this.#copyable("link-whole", t("share_whole"), () => this.#link());
    this.#whole = whole.querySelector("input")!;
    const apart = h(
      "div.group",
      { attrs: { role: "group", "aria-labelledby": "link-apart" } },
      h("h3", { text: t("share_apart"), attrs: { id: "link-apart" } }),
      h("p.help", { text: t("share_apart_help") }),
      this.#copyable("link-address", t("share_address"), () => address),
      this.#copyable("link-key", t("share_key"), () => key),
    );
    whole.append(h("p.help", { text: t("share_whole_help") }));
    const stack = h("div.stack", {}, whole, options.hasLines && this.#lineField(), apart);
    const qr = h("figure.qr", {}, this.#code, h("figcaption", { text: t("share_qr") }));
    this.element = h("div.link-dialog", {}, header(), h("div.halves", {}, stack, qr));
    this.#draw();
  }

  #link(): string {
    const { address, key, file } = this.options;
    return address + formatFragment({ key, file, lines: this.#lines });
  }

  #draw(): void {
    this.#whole.value = this.#link();
    this.#code.replaceChildren(qrCode(this.#link(), t("share_qr")));
  }

  #copyable(id: string, label: string, text: () => string): HTMLElement {
    const input = h("input.input.small.mono", { attrs: { id, readonly: true, value: text(), dir: "ltr" }, on: { focus: () => input.select() } });
    const button = copyButton({ label: t("copy"), accessibleName: t("copy_named", { what: label }), text, announce: this.options.announce });
    return h("div.field", {}, h("label", { text: label, attrs: { for: id } }), h("div.entry", {}, input, button));
  }

  #lineField(): HTMLElement {
    const value = this.#lines ? formatLines(this.#lines) : "";
    const change = () => {
      this.#lines = parseLines(input.value);
      this.options.selectLines(this.#lines);
      this.#draw();
    };
    const attrs = { id: "link-lines", value, dir: "ltr", autocomplete: "off", placeholder: "L10-L20", "aria-describedby": "link-lines-help" };
    const input = h("input.input.small.mono", { attrs, on: { input: change } });
    const label = h("label", { text: t("share_lines"), attrs: { for: "link-lines" } });
    return h("div.field", {}, label, input, h("p.help", { text: t("share_lines_help"), attrs: { id: "link-lines-help" } }));
  }
}

function header(): HTMLElement {
  const close = h("button.button.quiet.icon-only.close", { attrs: { type: "button", "aria-label": t("close"), title: t("close") } }, icon("close"));
  return h("header", {}, h("h2", { text: t("share_title"), attrs: { id: "link-title" } }), close);
}
