/** Tables that scroll sideways on narrow screens, facts, and commands to copy. */

import { append, h } from "satchel-share-page/view/dom";
import { copyButton } from "satchel-share-page/view/export";
import { t } from "../i18n";

export interface Column<R> {
  readonly label: string;
  readonly class?: string;
  cell(row: R): Node | string | false | null;
}

/** A table with a caption for screen readers. The first column names each row. */
export function table<R>(caption: string, columns: readonly Column<R>[], rows: readonly R[]): HTMLElement {
  const heads = columns.map((column) => h("th", { text: column.label, class: column.class ?? "", attrs: { scope: "col" } }));
  const body = rows.map((row) =>
    h("tr", {}, ...columns.map((column, index) => {
      const content = column.cell(row);
      const cell = index === 0 ? h("th", { class: column.class ?? "", attrs: { scope: "row", dir: "auto" } }) : h("td", { class: column.class ?? "", attrs: { dir: "auto" } });
      append(cell, [content]);
      return cell;
    })),
  ); // prettier-ignore
  const element = h("table.table", {}, h("caption.visually-hidden", { text: caption }), h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...body));
  return h("div.table-scroll", { attrs: { tabindex: "0", role: "region", "aria-label": caption } }, element);
}

/** Names and values. Values that are missing are left out. */
export function facts(pairs: readonly (readonly [string, Node | string | null | undefined | false])[]): HTMLElement {
  const list = h("dl.fact-list");
  for (const [name, value] of pairs) {
    if (value === null || value === undefined || value === false || value === "") continue;
    const described = h("dd", { attrs: { dir: "auto" } });
    append(described, [value]);
    list.append(h("div", {}, h("dt", { text: name }), described));
  }
  return list;
}

/** The command that does the same, to copy. */
export function command(text: string, announce: (text: string) => void): HTMLElement {
  const copy = copyButton({ label: t("copy_command"), accessibleName: `${t("copy_command")}: ${text}`, iconOnly: true, class: "quiet", text: () => text, announce });
  return h("div.command", { attrs: { dir: "ltr", translate: "no" } }, h("code", { text, attrs: { tabindex: "0", role: "group", "aria-label": t("same_command") } }), copy);
}

/** A view with a heading. */
export function page(title: string, text: string, ...children: (Node | false | null)[]): HTMLElement {
  const element = h("div.page", {}, h("header", {}, h("h1", { text: title, attrs: { tabindex: "-1", "data-focus": true } }), text && h("p.help", { text })));
  append(element, children);
  return element;
}

export function section(title: string, ...children: (Node | string | false | null)[]): HTMLElement {
  const element = h("section.panel", {}, h("h2", { text: title }));
  append(element, children);
  return element;
}
