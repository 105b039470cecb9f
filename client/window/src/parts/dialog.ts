/** Modal dialogs: the browser's own element, which holds the focus and closes on Escape. */

import { append, h } from "satchel-share-page/view/dom";
import { t } from "../i18n";
import { button, uniqueId } from "./controls";
import { focusAt, placeOf } from "./redraw";

export interface Dialog {
  readonly element: HTMLDialogElement;
  readonly body: HTMLElement;
  close(): void;
  /** Resolves when the dialog is closed. */
  readonly closed: Promise<void>;
}

/** Open a dialog. `mayClose` is asked before Escape or the backdrop closes it. */
export function openDialog(title: string, options: { readonly class?: string; mayClose?(): boolean } = {}, ...children: (Node | false | null)[]): Dialog {
  const id = uniqueId("dialog");
  const before = document.activeElement;
  const place = placeOf(before, document.body);
  const body = h("div.body");
  append(body, children);
  const close = button({ label: t("close"), icon: "close", isIconOnly: true, class: "quiet", run: () => element.close() });
  const head = h("header", {}, h("h2", { text: title, attrs: { id } }), close);
  const element = h("dialog.window-dialog", { class: options.class ?? "", attrs: { "aria-labelledby": id } }, head, body);
  const mayClose = () => options.mayClose?.() ?? true;
  element.addEventListener("cancel", (event) => mayClose() || event.preventDefault());
  element.addEventListener("pointerdown", (event) => event.target === element && mayClose() && element.close());
  const closed = new Promise<void>((resolve) =>
    element.addEventListener("close", () => {
      const messages = element.querySelector(":scope > .messages"); // which stand in the topmost dialog
      if (messages) (document.querySelector("dialog[open]:last-of-type") ?? document.body).append(messages);
      element.remove();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
      else if (place && document.activeElement === document.body) focusAt(place, document.body); // its view was drawn anew
      resolve();
    }),
  );
  document.body.append(element);
  element.showModal();
  return { element, body, close: () => element.close(), closed };
}

/** Ask a question with one way to go on. Resolves to whether the owner chose it. */
export async function confirm(title: string, text: string, action: string, options: { readonly isDangerous?: boolean; readonly content?: Node } = {}): Promise<boolean> {
  let isConfirmed = false;
  const go = button({
    label: action,
    class: options.isDangerous ? "danger" : "primary",
    run: () => {
      isConfirmed = true;
      dialog.close();
    },
  });
  const cancel = button({ label: t("cancel"), run: () => dialog.close() });
  const dialog = openDialog(title, { class: "narrow" }, h("p", { text, attrs: { dir: "auto" } }), options.content ?? false, h("div.actions", {}, cancel, go));
  (options.isDangerous ? cancel : go).focus();
  await dialog.closed;
  return isConfirmed;
}
