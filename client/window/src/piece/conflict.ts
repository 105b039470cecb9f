/** The dialog for a Piece that changed while it was edited: both texts side by side, and nothing is lost. */

import { reveal } from "satchel-share-page/code/hidden-characters";
import { h } from "satchel-share-page/view/dom";
import type { Conflict, PieceView } from "../api";
import { formatAgo, t } from "../i18n";
import { button } from "../parts/controls";
import { openDialog } from "../parts/dialog";
import { createMergeEditor, type Editor } from "../parts/editor";
import { fieldName } from "./diff";
import type { DraftContent } from "./drafts";

/** A text that was changed both here and in the store. */
export interface Clash {
  readonly number: number;
  readonly name: string;
  readonly language: string;
  readonly theirs: string;
  readonly own: string;
}

/** What the owner chose: save over the current revision, which stays in the history, or as another Piece. */
export type Resolution = { readonly how: "save"; readonly texts: ReadonlyMap<number, string> } | { readonly how: "copy" };

/** Ask how to go on; null to go on editing. `typed` hears of every change of a text, so that the draft has it. */
export async function resolveConflict({ base, current }: Conflict, mine: DraftContent, clashes: readonly Clash[], typed: (number: number, text: string) => void): Promise<Resolution | null> {
  const editors = new Map<number, Editor>();
  for (const { number, language, theirs, own } of clashes) {
    const editor = createMergeEditor(theirs, own, language, [t("current_text"), t("your_text")], () => typed(number, editor.text));
    editors.set(number, editor);
  }
  let choice: Resolution | null = null;
  const choose = (made: Resolution) => () => {
    choice = made;
    dialog.close();
  };
  const save = button({ label: t("save_mine"), icon: "check", class: "primary", run: () => choose({ how: "save", texts: new Map([...editors].map(([number, { text }]) => [number, text])) })() });
  const copy = button({ label: t("save_as_new"), run: choose({ how: "copy" }) });
  const back = button({ label: t("go_on_editing"), run: () => dialog.close() });
  const heads = h("div.merge-heads", {}, h("strong", { text: t("current_text") }), h("strong", { text: t("your_text_editable") }));
  const by = current.agent || current.client;
  const text = t("conflict_text", { when: formatAgo(current.updated) }) + (by ? ` ${t("changed_by", { who: by })}` : "");
  const dialog = openDialog(t("conflict_title"), { class: "wide conflict" }, h("p", { text }), fieldsThatDiffer(base, current, mine), editors.size ? heads : false, ...clashes.map((clash) => h("section.edit-file", {}, current.files.length > 1 && h("h3", { text: reveal(clash.name) || t("main_file"), attrs: { dir: "auto" } }), editors.get(clash.number)!.element)), h("p.help", { text: t("conflict_help") }), h("div.actions", {}, back, copy, save));
  editors.values().next().value?.focus();
  await dialog.closed;
  for (const editor of editors.values()) editor.dispose();
  return choice;
}

/** The fields that the owner has changed and that are something else in the store. */
function fieldsThatDiffer(base: PieceView, current: PieceView, mine: DraftContent): HTMLElement | false {
  const pairs = [
    ["title", current.title, mine.title, base.title],
    ["language", current.language ?? "", mine.language, base.language ?? ""],
    ["tags", current.tags.join(", "), mine.tags.join(", "), base.tags.join(", ")],
    ["description", current.description, mine.description, base.description],
  ] as const;
  const rows = pairs.filter(([, theirs, own, before]) => theirs !== own && own !== before).map(([field, theirs, own]) => h("tr", {}, h("th", { text: fieldName(field), attrs: { scope: "row" } }), h("td", { text: reveal(theirs), attrs: { dir: "auto" } }), h("td", { text: reveal(own), attrs: { dir: "auto" } })));
  if (!rows.length) return false;
  const head = h("tr", {}, h("td"), h("th", { text: t("current_text"), attrs: { scope: "col" } }), h("th", { text: t("your_text"), attrs: { scope: "col" } }));
  return h("div.table-scroll", { attrs: { tabindex: "0", role: "region", "aria-label": t("differences") } }, h("table.table", {}, h("thead", {}, head), h("tbody", {}, ...rows)));
}
