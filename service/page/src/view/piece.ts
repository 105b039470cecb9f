/** An opened Piece: its heading, the commands that open it elsewhere, and its files behind tabs. */

import { hasDirectionControls, reveal } from "../code/hidden-characters";
import { formatDate, t } from "../i18n";
import { formatIdentity } from "../share/identity";
import type { Piece } from "../share/piece";
import { note } from "./card";
import { append, externalLink, h, setTextLater } from "./dom";
import { commandBox } from "./export";
import { type FileContext, FileView } from "./file";
import { fileName, titleOf } from "./names";

export interface PieceContext extends FileContext {
  readonly isLimited: boolean;
  /** 1, and one more for each update by the owner. */
  readonly version: number;
  readonly hasPassword: boolean;
  /** The index of the file to show. */
  readonly file: number;
  /** The private key of the share, for the `age` program. */
  readonly scalar: Uint8Array;
  showFile(index: number): void;
}

export class PieceView {
  readonly element: HTMLElement;
  readonly file: FileView;

  constructor(piece: Piece, context: PieceContext) {
    this.file = new FileView(piece, context.file, context);
    const panel = this.file.element;
    this.element = h(
      "article.piece",
      {},
      heading(piece, context.version),
      commands(context),
      context.isLimited && note(t("limited_note")),
      hasHiddenDirection(piece) && note(t("bidi_note")),
      piece.files.length > 1 && tabs(piece, context, panel),
      panel,
    );
  }
}

function heading(piece: Piece, version: number): HTMLElement {
  const description = revealLines(piece.description.trim());
  const meta = h("div.meta", {}, sharedOn(piece.shared), version > 1 && h("span", { text: t("version", { n: version }) }));
  if (piece.tags.length) {
    const tags = piece.tags.map((tag) => h("li.tag", { text: reveal(tag), attrs: { dir: "auto" } }));
    meta.append(h("ul.tags", { attrs: { "aria-label": t("tags"), role: "list" } }, ...tags));
  }
  return h(
    "header",
    {},
    h("h1", { text: titleOf(piece), attrs: { dir: "auto", tabindex: "-1", "data-focus": true, elementtiming: "satchel:screen" } }),
    description && h("p.description", { text: description, attrs: { dir: "auto" } }),
    meta,
    piece.links.length > 0 && links(piece.links),
  );
}

function sharedOn(time: string): HTMLElement {
  const element = h("span");
  setTextLater(element, () => {
    const date = formatDate(time);
    return date && t("shared_on", { date });
  });
  return element;
}

function links(addresses: readonly string[]): HTMLElement {
  const items = addresses.map((address) => h("li", { attrs: { dir: "auto" } }, externalLink(address, reveal(address))));
  return h("ul.links", { attrs: { "aria-label": t("links"), role: "list" } }, ...items);
}

function tabs(piece: Piece, context: PieceContext, panel: HTMLElement): HTMLElement {
  const list = h("div.tabs", { attrs: { role: "tablist", "aria-label": t("files") } });
  piece.files.forEach(({ name }, index) => {
    const isShown = index === context.file;
    const attrs = { type: "button", role: "tab", id: `tab-${index}`, "aria-selected": String(isShown), "aria-controls": "file", tabindex: isShown ? "0" : "-1" };
    list.append(h("button.button", { text: reveal(name) || fileName(piece, index), attrs, on: { click: () => context.showFile(index) } }));
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key] ?? 0;
    if (!step) return;
    const turn = getComputedStyle(list).direction === "rtl" ? -step : step;
    context.showFile((context.file + turn + piece.files.length) % piece.files.length);
  });
  panel.id = "file";
  panel.setAttribute("role", "tabpanel");
  panel.setAttribute("aria-labelledby", `tab-${context.file}`);
  return list;
}

function commands(context: PieceContext): HTMLElement {
  const satchel = (key: string) => `satchel get '${context.address}#${key}' --save`;
  const curl = (key: string) => `curl -s '${context.address}/raw' | age -d -i <(echo ${key}) | funzip`;
  const box = h("div.commands");
  const { announce } = context;
  const help = context.isLimited ? `${t("command_satchel_help")} ${t("command_satchel_limited")}` : t("command_satchel_help");
  append(box, [
    commandBox({ title: t("command_satchel"), help, shown: satchel("…"), text: () => satchel(context.key), announce }),
    !context.isLimited && !context.hasPassword &&
      commandBox({ title: t("command_curl"), help: t("command_curl_help"), shown: curl("AGE-SECRET-KEY-1…"), text: () => curl(formatIdentity(context.scalar)), announce }),
  ]); // prettier-ignore
  return h("details.terminal", {}, h("summary", { text: t("commands_title") }), box);
}

function hasHiddenDirection(piece: Piece): boolean {
  return piece.files.some((file) => hasDirectionControls(file.text));
}

function revealLines(text: string): string {
  return text.split(/\r\n|\r|\n/).map(reveal).join("\n");
}
