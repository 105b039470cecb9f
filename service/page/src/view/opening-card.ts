/** The cards while a share is not open yet: with a button where opening costs a view or takes a password, else progress. */

import { plural, t } from "../i18n";
import type { ShareInfo } from "../share/cloud";
import { isPossiblePassword } from "../share/identity";
import { card, field, type Field } from "./card";
import { h } from "./dom";
import { icon, type IconName } from "./icons";

/** What the owner published about the share; the server embeds it in the page. Usually absent. */
export interface Preview {
  readonly title: string;
  readonly language: string;
  readonly lines: number;
}

export interface OpeningCard {
  readonly element: HTMLElement;
  /** Show what is happening; an empty text makes the card usable again. */
  setBusy(text: string): void;
  showError(message: string): void;
}

export function lockedCard(info: ShareInfo, preview: Preview | null, open: (password: string | null) => void): OpeningCard {
  const password = info.password ? passwordField() : null;
  const label = t(info.limited ? "open_limited" : "open");
  const button = h("button.button.primary.large", { text: label, attrs: { type: "submit" } });
  let isBusy = false;
  let sent = "";
  const submit = (event: Event) => {
    event.preventDefault();
    if (isBusy) return;
    if (password && !isPossiblePassword(password.input.value)) return showError(t("password_empty"));
    sent = password?.input.value ?? "";
    open(password ? sent : null);
  };
  const showError = (message: string) => {
    password?.showError(message);
    if (password?.input.value === sent) password.input.select(); // else it has been corrected already
    password?.input.focus();
  };
  const setBusy = (text: string) => {
    isBusy = text !== "";
    button.textContent = text || label;
    button.setAttribute("aria-disabled", String(isBusy));
  };
  const form = h("form", { attrs: { novalidate: true }, on: { submit } }, password?.element, button);
  const texts = { icon: "lock", title: t("sealed_title"), text: t("sealed_text") } as const;
  return { element: card(texts, preview && previewBox(preview), facts(info), form), setBusy, showError };
}

/** The card of a share that opens by itself: nothing at first, then a spinner. */
export function progressCard(): OpeningCard {
  const status = h("p.visually-hidden", { text: t("opening"), attrs: { role: "status" } });
  const element = h("div", {}, h("div.loading", { attrs: { "aria-hidden": "true" } }), status);
  return { element, setBusy: (text) => (status.textContent = text), showError: () => undefined };
}

function facts({ limited, password }: ShareInfo): HTMLElement {
  const list: [IconName, string][] = [];
  if (limited) list.push(["eye", t("sealed_limited")]);
  if (password) list.push(["key", t("sealed_password")]);
  return h("ul.facts", { attrs: { role: "list" } }, ...list.map(([name, text]) => h("li", {}, icon(name), h("span", { text }))));
}

function previewBox({ title, language, lines }: Preview): HTMLElement {
  const details = [language, lines ? plural("card_lines", lines) : ""].filter(Boolean).join(" · ");
  return h("div.preview", { attrs: { dir: "auto" } }, h("strong", { text: title }), h("span", { text: details }));
}

function passwordField(): Field {
  return field({
    id: "password",
    label: t("password"),
    attrs: { type: "password", autocomplete: "off", autocapitalize: "none", spellcheck: "false", enterkeyhint: "go", maxlength: "1024" },
    beside: (input) => {
      const toggle = () => {
        const isShown = input.type === "text";
        input.type = isShown ? "password" : "text";
        button.setAttribute("aria-pressed", String(!isShown));
      };
      const button = h(
        "button.button.icon-only",
        { attrs: { type: "button", "aria-pressed": "false", "aria-label": t("password_show"), title: t("password_show") }, on: { click: toggle } },
        icon("eye"),
      );
      return button;
    },
  });
}
