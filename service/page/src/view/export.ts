/** Ways to take content out of the page: copy buttons, commands, downloads and a raw tab. */

import { t } from "../i18n";
import { h } from "./dom";
import { icon } from "./icons";

const COPIED_MS = 1600;
const BLOB_URL_MS = 60_000;

export interface CopyButtonOptions {
  readonly label: string;
  /** The accessible name, where the label alone does not say what is copied. */
  readonly accessibleName?: string;
  readonly class?: string;
  readonly iconOnly?: boolean;
  text(): string;
  announce(text: string): void;
}

export function copyButton(options: CopyButtonOptions): HTMLButtonElement {
  const label = h("span", { text: options.label });
  const button = h("button.button", {
    class: `${options.class ?? ""}${options.iconOnly ? " icon-only" : ""}`,
    attrs: { type: "button", "aria-label": options.accessibleName ?? (options.iconOnly ? options.label : null), title: options.iconOnly ? options.label : null },
    on: { click: () => void copy() },
  });
  const draw = (name: "copy" | "check" | "alert", text: string) => {
    label.textContent = text;
    button.replaceChildren(...(options.iconOnly ? [icon(name)] : [icon(name), label]));
    button.classList.toggle("is-done", name === "check");
  };
  let timer = 0;
  const copy = async () => {
    const isCopied = await writeClipboard(options.text());
    const result = t(isCopied ? "copied" : "copy_failed");
    draw(isCopied ? "check" : "alert", result);
    options.announce(result);
    clearTimeout(timer);
    timer = window.setTimeout(() => draw("copy", options.label), COPIED_MS);
  };
  draw("copy", options.label);
  return button;
}

async function writeClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

export interface Command {
  readonly title: string;
  readonly help: string;
  /** The command as displayed, without the key. */
  readonly shown: string;
  /** The command as copied, with the key. */
  text(): string;
  announce(text: string): void;
}

export function commandBox({ title, help, shown, text, announce }: Command): HTMLElement {
  const label = t("copy_command");
  const button = copyButton({ label, accessibleName: `${label}: ${title}`, iconOnly: true, class: "quiet", text, announce });
  const code = h("code", { text: shown, attrs: { tabindex: "0", role: "group", "aria-label": title } });
  const command = h("div.command", { attrs: { dir: "ltr", translate: "no" } }, code, button);
  return h("div", {}, h("h2", { text: title }), command, h("p.help", { text: help }));
}

/** Download bytes, always as a byte stream: no browser may display in this origin what could run there. */
export function download(bytes: Uint8Array, name: string): void {
  const url = blobUrl(new Blob([bytes.slice()], { type: "application/octet-stream" }));
  const link = h("a", { attrs: { href: url, download: name } });
  document.body.append(link);
  link.click();
  link.remove();
}

/** Open text as plain text in a new tab. */
export function openRaw(text: string): void {
  window.open(blobUrl(new Blob([text], { type: "text/plain;charset=utf-8" })), "_blank", "noopener");
}

function blobUrl(blob: Blob): string {
  const url = URL.createObjectURL(blob);
  setTimeout(() => URL.revokeObjectURL(url), BLOB_URL_MS);
  return url;
}
