/** What is seen while a share without limit opens by itself: nothing at first, then a quiet sign of work. */

import { t } from "../i18n";
import { h } from "./dom";
import type { LockedCard } from "./locked";

export function progressCard(): LockedCard {
  const status = h("p.visually-hidden", { text: t("opening"), attrs: { role: "status" } });
  const element = h("div", {}, h("div.loading", { attrs: { "aria-hidden": "true" } }), status);
  return {
    element,
    busy: (text) => (status.textContent = text),
    complain: () => undefined,
  };
}
