/** The sheet for passing a share on: the whole link, its two parts, its QR code, and lines to point to. */

import { encode } from "uqr";
import { formatFragment, formatLines, type LineRange, parseLines } from "../fragment";
import { speak, t, type Words } from "../i18n";
import { copyButton } from "./copying";
import { h, svg } from "./dom";
import { icon } from "./icons";

export interface PassOnOptions {
  readonly address: string;
  readonly key: string;
  readonly file: number;
  readonly lines: LineRange | null;
  /** Whether the shown file has lines. */
  readonly hasLines: boolean;
  readonly words: Words;
  say(text: string): void;
  pickLines(lines: LineRange | null): void;
}

export function openPassOn(options: PassOnOptions): void {
  speak(options.words);
  const sheet = new Sheet(options);
  const dialog = h("dialog", { attrs: { "aria-labelledby": "pass-on" } }, sheet.element);
  sheet.element.querySelector(".close")?.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

class Sheet {
  readonly element: HTMLElement;
  #lines: LineRange | null;
  readonly #whole: HTMLInputElement;
  readonly #code = h("div");

  constructor(private readonly options: PassOnOptions) {
    this.#lines = options.lines;
    const { address, key } = options;
    const whole = this.#copyable("pass-whole", t("share_whole"), () => this.#link());
    this.#whole = whole.querySelector("input")!;
    const apart = h(
      "div.group",
      { attrs: { role: "group", "aria-labelledby": "pass-apart" } },
      h("h3", { text: t("share_apart"), attrs: { id: "pass-apart" } }),
      h("p.help", { text: t("share_apart_help") }),
      this.#copyable("pass-address", t("share_address"), () => address),
      this.#copyable("pass-key", t("share_key"), () => key),
    );
    whole.append(h("p.help", { text: t("share_whole_help") }));
    const stack = h("div.stack", {}, whole, options.hasLines && this.#lineField(), apart);
    const qr = h("figure.qr", {}, this.#code, h("figcaption", { text: t("share_qr") }));
    this.element = h("div.sheet", {}, header(), h("div.halves", {}, stack, qr));
    this.#draw();
  }

  #link(): string {
    const { address, key, file } = this.options;
    return address + formatFragment({ key, file, lines: this.#lines });
  }

  #draw(): void {
    this.#whole.value = this.#link();
    this.#code.replaceChildren(qrCode(this.#link()));
  }

  #copyable(id: string, label: string, text: () => string): HTMLElement {
    const input = h("input.input.small.mono", { attrs: { id, readonly: true, value: text(), dir: "ltr" }, on: { focus: () => input.select() } });
    const button = copyButton({ label: t("copy"), spoken: t("copy_what", { what: label }), text, say: this.options.say });
    return h("div.field", {}, h("label", { text: label, attrs: { for: id } }), h("div.entry", {}, input, button));
  }

  #lineField(): HTMLElement {
    const value = this.#lines ? formatLines(this.#lines) : "";
    const change = () => {
      this.#lines = parseLines(input.value);
      this.options.pickLines(this.#lines);
      this.#draw();
    };
    const attrs = { id: "pass-lines", value, dir: "ltr", autocomplete: "off", placeholder: "L10-L20", "aria-describedby": "pass-lines-help" };
    const input = h("input.input.small.mono", { attrs, on: { input: change } });
    const label = h("label", { text: t("share_lines"), attrs: { for: "pass-lines" } });
    return h("div.field", {}, label, input, h("p.help", { text: t("share_lines_help"), attrs: { id: "pass-lines-help" } }));
  }
}

function header(): HTMLElement {
  const close = h("button.button.quiet.icon-only.close", { attrs: { type: "button", "aria-label": t("close"), title: t("close") } }, icon("close"));
  return h("header", {}, h("h2", { text: t("share_title"), attrs: { id: "pass-on" } }), close);
}

function qrCode(text: string): SVGSVGElement {
  const { size, data } = encode(text, { ecc: "M", border: 4 });
  let path = "";
  data.forEach((row, y) => row.forEach((isDark, x) => (path += isDark ? `M${x} ${y}h1v1h-1z` : "")));
  return svg({ viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": t("share_qr"), "shape-rendering": "crispEdges" }, path);
}
