/** The card before opening: what is known without the key, and a button only where opening costs something. */

import type { ShareInfo } from "../cloud";
import { counted, t } from "../i18n";
import { isPossiblePassword } from "../identity";
import { card, field, type Field } from "./card";
import { h } from "./dom";
import { icon, type IconName } from "./icons";

/** What the sender chose to publish about the share, written into the page by the server; usually nothing. */
export interface Preview {
  readonly title: string;
  readonly language: string;
  readonly lines: number;
}

export interface LockedCard {
  readonly element: HTMLElement;
  /** Say what is going on; an empty text: it can be tried again. */
  busy(text: string): void;
  complain(problem: string): void;
}

export function lockedCard(info: ShareInfo, preview: Preview | null, open: (password: string | null) => void): LockedCard {
  const password = info.password ? passwordField() : null;
  const label = t(info.limited ? "open_limited" : "open");
  const button = h("button.button.primary.large", { text: label, attrs: { type: "submit" } });
  let isBusy = false;
  const submit = (event: Event) => {
    event.preventDefault();
    if (isBusy) return;
    if (password && !isPossiblePassword(password.input.value)) return complain(t("password_empty"));
    open(password?.input.value ?? null);
  };
  const complain = (problem: string) => {
    password?.complain(problem);
    password?.input.select();
    password?.input.focus();
  };
  const busy = (text: string) => {
    isBusy = text !== "";
    button.textContent = text || label;
    button.setAttribute("aria-disabled", String(isBusy));
  };
  const form = h("form", { attrs: { novalidate: true }, on: { submit } }, password?.element, button);
  const texts = { icon: "lock", title: t("sealed_title"), text: t("sealed_text") } as const;
  return { element: card(texts, preview && previewBox(preview), facts(info), form), busy, complain };
}

function facts({ limited, password }: ShareInfo): HTMLElement {
  const told: [IconName, string][] = [];
  if (limited) told.push(["eye", t("sealed_limited")]);
  if (password) told.push(["key", t("sealed_password")]);
  return h("ul.facts", { attrs: { role: "list" } }, ...told.map(([name, text]) => h("li", {}, icon(name), h("span", { text }))));
}

function previewBox({ title, language, lines }: Preview): HTMLElement {
  const about = [language, lines ? counted("card_lines", lines) : ""].filter(Boolean).join(" · ");
  return h("div.preview", { attrs: { dir: "auto" } }, h("strong", { text: title }), h("span", { text: about }));
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
