/** What differs between two revisions: the fields, and the lines of each file. */

import { reveal } from "satchel-share-page/code/hidden-characters";
import { appendRun } from "satchel-share-page/code/runs";
import { h } from "satchel-share-page/view/dom";
import type { Comparison, DiffLine, FileDiff } from "../api";
import { sentence, t } from "../i18n";
import { said } from "../server-lines";

export function comparison({ fields, files }: Comparison): HTMLElement {
  const content = h("div.comparison");
  for (const { field, before, after } of fields) content.append(fieldDiff(field, before, after));
  for (const file of files) content.append(fileDiff(file));
  if (!content.childElementCount) content.append(h("p.help", { text: t("no_difference") }));
  return content;
}

function fieldDiff(field: string, before: string, after: string): HTMLElement {
  const removed = before && h("del", { text: reveal(before), attrs: { dir: "auto" } });
  const added = after && h("ins", { text: reveal(after), attrs: { dir: "auto" } });
  return h("div.field-diff", {}, h("h3", { text: fieldName(field) }), h("p", {}, removed, " ", added));
}

/** The name of a field of a Piece. */
export function fieldName(field: string): string {
  const names: Record<string, string> = { title: t("title_of_piece"), description: t("description"), language: t("language_of_code"), tags: t("tags"), links: t("links"), content: t("text"), files: t("files"), suggested: t("suggested_values"), "names of files": t("place_names"), source: t("place_source") };
  return names[field] ?? field;
}

function fileDiff({ name, change, lines, note }: FileDiff): HTMLElement {
  const title = h("h3", {}, h("span", { text: reveal(name) || t("text"), attrs: { dir: "auto" } }), " ", h("span.badge", { text: t(`file_${change}`), class: change }));
  if (!lines.length) return h("section.file-diff", {}, title, h("p.help", { text: note ? sentence(said(note)) : t("not_comparable") }));
  const table = h("table.diff", { attrs: { dir: "ltr", translate: "no" } }, h("caption.visually-hidden", { text: t("differences") }), h("tbody", {}, ...lines.map(diffRow)));
  return h("section.file-diff", {}, title, h("div.diff-scroll", { attrs: { tabindex: "0", role: "region", "aria-label": `${t("differences")}: ${reveal(name) || t("text")}` } }, table));
}

function diffRow({ kind, text, before, after }: DiffLine): HTMLElement {
  if (kind === "gap") return h("tr.gap", {}, h("td", { text: "⋯", attrs: { colspan: "4", "aria-label": t("equal_lines") } }));
  const sign = { same: "", removed: "−", added: "+" }[kind];
  const line = h("td.text");
  appendRun(line, text, 0);
  const mark = h("td.sign", { text: sign, attrs: { "aria-label": kind === "same" ? null : t(`file_${kind}`) } });
  return h("tr", { class: kind }, h("td.number", { text: before === null ? "" : String(before) }), h("td.number", { text: after === null ? "" : String(after) }), mark, line);
}
