/** The help: every key of the window and of the view, and the switch for single keys. */

import { h } from "satchel-share-page/view/dom";
import type { Key } from "../app";
import { t } from "../i18n";
import { toggle } from "../parts/controls";
import { openDialog } from "../parts/dialog";
import { hasSingleKeys, keyName, setSingleKeys } from "./keys";

export function openHelp(groups: readonly (readonly [string, readonly Key[]])[]): void {
  const lists = groups.filter(([, keys]) => keys.length).map(([title, keys]) => h("section", {}, h("h3", { text: title }), list(keys)));
  const single = toggle(t("single_keys"), hasSingleKeys(), setSingleKeys, t("single_keys_help"));
  openDialog(t("help"), {}, h("p", { text: t("help_text") }), h("div.key-groups", {}, ...lists), single);
}

function list(keys: readonly Key[]): HTMLElement {
  const rows = keys.flatMap(({ key, label }) => [h("dt", {}, h("kbd", { text: keyName(key) })), h("dd", { text: t(label) })]);
  return h("dl.keys", {}, ...rows);
}
