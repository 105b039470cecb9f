/** An opened Piece: what it is, its files, and how to take it along. */

import { hasTurningCharacters, revealed } from "../code/hidden";
import { date, t } from "../i18n";
import { fileName } from "../naming";
import type { Piece } from "../piece";
import { commandBox } from "./command";
import { append, h, writeLater } from "./dom";
import { type FileContext, FileView } from "./file";
import { icon } from "./icons";
import { webLink } from "./web-link";

export interface PieceContext extends FileContext {
  readonly isLimited: boolean;
  /** How often its sender has put something under the link. */
  readonly version: number;
  readonly hasPassword: boolean;
  /** Which file is shown, from 0. */
  readonly file: number;
  /** The identity that the `age` program takes, for the recipe. */
  readonly identity: string;
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
      takeAlong(context),
      context.isLimited && note(t("limited_note")),
      hasTurning(piece) && note(t("bidi_note")),
      piece.files.length > 1 && tabs(piece, context, panel),
      panel,
    );
  }
}

export function titleOf(piece: Piece): string {
  return revealed(piece.title.trim()) || t("untitled");
}

export function note(text: string): HTMLElement {
  return h("p.note", {}, icon("alert"), h("span", { text }));
}

function heading(piece: Piece, version: number): HTMLElement {
  const description = revealedLines(piece.description.trim());
  const meta = h("div.meta", {}, sharedOn(piece.shared), version > 1 && h("span", { text: t("version", { n: version }) }));
  if (piece.tags.length) {
    const tags = piece.tags.map((tag) => h("li.tag", { text: revealed(tag), attrs: { dir: "auto" } }));
    meta.append(h("ul.tags", { attrs: { "aria-label": t("tags"), role: "list" } }, ...tags));
  }
  return h(
    "header",
    {},
    h("h1", { text: titleOf(piece), attrs: { dir: "auto", tabindex: "-1", "data-focus": true } }),
    description && h("p.description", { text: description, attrs: { dir: "auto" } }),
    meta,
    piece.links.length > 0 && links(piece.links),
  );
}

function sharedOn(time: string): HTMLElement {
  const element = h("span");
  writeLater(element, () => {
    const day = date(time);
    return day && t("shared_on", { date: day });
  });
  return element;
}

function links(addresses: readonly string[]): HTMLElement {
  const items = addresses.map((address) => h("li", { attrs: { dir: "auto" } }, webLink(address, revealed(address))));
  return h("ul.links", { attrs: { "aria-label": t("links"), role: "list" } }, ...items);
}

function tabs(piece: Piece, context: PieceContext, panel: HTMLElement): HTMLElement {
  const list = h("div.tabs", { attrs: { role: "tablist", "aria-label": t("files") } });
  piece.files.forEach(({ name }, index) => {
    const isShown = index === context.file;
    const attrs = { type: "button", role: "tab", id: `tab-${index}`, "aria-selected": String(isShown), "aria-controls": "file", tabindex: isShown ? "0" : "-1" };
    list.append(h("button.button", { text: revealed(name) || fileName(piece, index), attrs, on: { click: () => context.showFile(index) } }));
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

function takeAlong(context: PieceContext): HTMLElement {
  const satchel = (key: string) => `satchel get '${context.address}#${key}' --save`;
  const curl = (key: string) => `curl -s '${context.address}/raw' | age -d -i <(echo ${key}) | funzip`;
  const box = h("div.commands");
  const { say } = context;
  const help = context.isLimited ? `${t("take_satchel_help")} ${t("take_satchel_limited")}` : t("take_satchel_help");
  append(box, [
    commandBox({ title: t("take_satchel"), help, shown: satchel("…"), text: () => satchel(context.key), say }),
    !context.isLimited && !context.hasPassword &&
      commandBox({ title: t("take_curl"), help: t("take_curl_help"), shown: curl("AGE-SECRET-KEY-1…"), text: () => curl(context.identity), say }),
  ]); // prettier-ignore
  return h("details.take", {}, h("summary", { text: t("take_title") }), box);
}

function hasTurning(piece: Piece): boolean {
  return piece.files.some((file) => hasTurningCharacters(file.text));
}

function revealedLines(text: string): string {
  return text.split(/\r\n|\r|\n/).map(revealed).join("\n");
}
