/** Taking the answers of a request: as Pieces, or as files into a folder of this device. */

import { reveal } from "satchel-share-page/code/hidden-characters";
import { append, h } from "satchel-share-page/view/dom";
import { type RefusedAnswer, type Taken, takeAnswers, type TakenAnswer } from "../api";
import type { App } from "../app";
import { plural, sentence, t } from "../i18n";
import { button, input, labelled, note, whileBusy } from "../parts/controls";
import { openDialog } from "../parts/dialog";
import { JobProgress } from "../parts/job";
import { pathOf } from "../router";
import { said, translated } from "../server-lines";

/** Ask for a folder, and write the answers there. A failure leaves the dialog open. Resolves when it is closed. */
export async function takeIntoFolder(app: App, id: string): Promise<void> {
  const progress = new JobProgress(app);
  const path = input({ dir: "ltr", placeholder: "~/answers" });
  let taken: Taken | null | undefined;
  const write = async () => {
    const into = path.value.trim();
    if (!into) return path.focus();
    const job = await progress.run(() => takeAnswers({ id, into }));
    taken = job?.result?.taken;
    if (taken) dialog.close();
  };
  const go = button({ label: t("take_to_folder"), icon: "folder", class: "primary", run: () => void whileBusy(go, write) });
  path.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault(); // else it would press the button that gets the focus back
    go.click();
  });
  const dialog = openDialog(t("take_to_folder"), { class: "narrow" }, labelled(t("path_on_device"), path, t("take_to_folder_help")), progress.element, h("div.actions", {}, go));
  path.focus();
  await dialog.closed;
  if (taken) await showTaken(app, taken);
}

/** Show what was taken and what was not. Resolves when the dialog is closed. */
export async function showTaken(app: App, { taken, refused }: Taken): Promise<void> {
  const open = (event: MouseEvent, piece: string) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    dialog.close();
    app.go("pieces", piece);
  };
  const title = plural(taken.length ? "answers_taken" : "answers_left", taken.length || refused.length);
  const items = taken.map((answer) => h("li", {}, receiptOf(answer), ...whereOf(answer, open), answer.warning && note(sentence(said(answer.warning)))));
  const dialog = openDialog(title, {}, items.length > 0 && h("ul.plain.taken", { attrs: { role: "list" } }, ...items), refused.length > 0 && leftBehind(refused), taken.length > 0 && h("p.help", { text: t("taken_warning") }));
  dialog.body.querySelector("a")?.focus();
  await dialog.closed;
}

function whereOf({ piece, is_new: isNew, paths }: TakenAnswer, open: (event: MouseEvent, piece: string) => void): Node[] {
  if (!piece) return paths.map((path) => h("p", {}, h("code", { text: reveal(path), attrs: { dir: "ltr" } })));
  const link = h("a", { text: t("open_piece"), attrs: { href: pathOf("pieces", piece) }, on: { click: (event) => open(event, piece) } });
  const parts = h("p", {});
  append(parts, [link, !isNew && ` ${t("taken_before")}`]);
  return [parts];
}

function leftBehind(refused: readonly RefusedAnswer[]): HTMLElement {
  const items = refused.map(({ message, hint, ...answer }) => h("li", {}, receiptOf(answer), ...[message, hint].filter(Boolean).map((line) => h("p.help", { text: sentence(said(line)), attrs: { dir: "auto", lang: translated(line) === null ? "en" : null } }))));
  return note(plural("answers_left", refused.length), "bad", h("ul.plain.taken", { attrs: { role: "list" } }, ...items));
}

/** The fingerprint of an answer, which its sender sees too. */
export function receiptOf({ receipt }: { readonly receipt: string }): HTMLElement {
  return h("code", { text: receipt, attrs: { dir: "ltr", translate: "no" } });
}
