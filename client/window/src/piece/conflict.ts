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

/** What the owner chose: save a text over the current one, whose revision stays in the history, or as another Piece. */
export type Resolution = { readonly how: "save"; readonly text: string | null } | { readonly how: "copy" };

/** Ask how to go on; null to go on editing. `typed` hears of every change of the text, so that the draft has it. */
export async function resolveConflict({ current }: Conflict, mine: DraftContent, typed: (text: string) => void): Promise<Resolution | null> {
  const theirs = current.files[0]?.text ?? null;
  const own = mine.texts.find(({ number }) => !number)?.text;
  const editor: Editor | null = theirs !== null && own !== undefined && theirs !== own ? createMergeEditor(theirs, own, current.language ?? "", [t("current_text"), t("your_text")], () => typed(editor!.text)) : null;
  let choice: Resolution | null = null;
  const choose = (made: Resolution) => () => {
    choice = made;
    dialog.close();
  };
  const save = button({ label: t("save_mine"), icon: "check", class: "primary", run: () => choose({ how: "save", text: editor ? editor.text : (own ?? null) })() });
  const copy = button({ label: t("save_as_new"), run: choose({ how: "copy" }) });
  const back = button({ label: t("go_on_editing"), run: () => dialog.close() });
  const heads = h("div.merge-heads", {}, h("strong", { text: t("current_text") }), h("strong", { text: t("your_text_editable") }));
  const by = current.agent || current.client;
  const text = t("conflict_text", { when: formatAgo(current.updated) }) + (by ? ` ${t("changed_by", { who: by })}` : "");
  const dialog = openDialog(t("conflict_title"), { class: "wide conflict" }, h("p", { text }), fieldsThatDiffer(current, mine), editor ? heads : false, editor?.element ?? false, h("p.help", { text: t("conflict_help") }), h("div.actions", {}, back, copy, save));
  editor?.focus();
  await dialog.closed;
  editor?.dispose();
  return choice;
}

function fieldsThatDiffer(current: PieceView, mine: DraftContent): HTMLElement | false {
  const pairs = [
    ["title", current.title, mine.title],
    ["language", current.language ?? "", mine.language],
    ["tags", current.tags.join(", "), mine.tags.join(", ")],
    ["description", current.description, mine.description],
  ] as const;
  const rows = pairs.filter(([, theirs, own]) => theirs !== own).map(([field, theirs, own]) => h("tr", {}, h("th", { text: fieldName(field), attrs: { scope: "row" } }), h("td", { text: reveal(theirs), attrs: { dir: "auto" } }), h("td", { text: reveal(own), attrs: { dir: "auto" } })));
  if (!rows.length) return false;
  const head = h("tr", {}, h("td"), h("th", { text: t("current_text"), attrs: { scope: "col" } }), h("th", { text: t("your_text"), attrs: { scope: "col" } }));
  return h("div.table-scroll", { attrs: { tabindex: "0", role: "region", "aria-label": t("differences") } }, h("table.table", {}, h("thead", {}, head), h("tbody", {}, ...rows)));
}
