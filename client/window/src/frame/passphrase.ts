/** The dialog that asks for the passphrase of the keys. */

import { field } from "satchel-share-page/view/card";
import { h } from "satchel-share-page/view/dom";
import { t } from "../i18n";
import { whileBusy } from "../parts/controls";
import { failureOf } from "../parts/failure";
import { openDialog } from "../parts/dialog";
import { ProblemError } from "../transport";

/** Ask until the passphrase is right. False if the owner closes the dialog. */
export async function askPassphrase(tryPassphrase: (passphrase: string) => Promise<unknown>): Promise<boolean> {
  let isOpen = false;
  const passphrase = field({ id: "passphrase", label: t("passphrase"), attrs: { type: "password", autocomplete: "current-password" } });
  const submit = async () => {
    if (!passphrase.input.value) return passphrase.input.focus();
    try {
      await tryPassphrase(passphrase.input.value);
      isOpen = true;
      dialog.close();
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      passphrase.showError(error.problem.code === "integrity" ? t("passphrase_wrong") : failureOf(error.problem).title);
      passphrase.input.select();
    }
  };
  const go = h("button.button.primary", { text: t("unlock"), attrs: { type: "submit" } });
  const form = h("form", { attrs: { novalidate: true }, on: { submit: (event) => (event.preventDefault(), void whileBusy(go, submit)) } }, passphrase.element, h("div.actions", {}, go));
  const dialog = openDialog(t("unlock_title"), { class: "narrow" }, h("p", { text: t("unlock_text") }), form);
  passphrase.input.focus();
  await dialog.closed;
  return isOpen;
}
