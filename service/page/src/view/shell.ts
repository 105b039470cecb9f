/** The frame around every state: header, live region, footer. */

import { isLanguage, language, LANGUAGES, type MessageKey, t, useLanguage } from "../i18n";
import { preference, setPreference } from "../preferences";
import { afterFrame, h } from "./dom";
import { icon, logo } from "./icons";

declare const __LICENCES_URL__: string; // build.mjs

export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export class Shell {
  readonly #main = document.getElementById("main")!;
  readonly #status = h("p.visually-hidden", { attrs: { role: "status" } });
  #render: () => Node = () => document.createDocumentFragment();

  constructor() {
    applyTheme(currentTheme());
    this.#main.after(this.#status);
  }

  /** Show a state. It is rendered again when the reader changes the language. */
  show(render: () => Node): void {
    this.#render = render;
    const content = render();
    this.#drawFrame();
    this.#main.replaceChildren(content);
    afterFrame(() => this.#focusTitle()); // which lays the page out anyway: focusing now would force another layout
  }

  /** Tell screen readers. */
  announce(text: string): void {
    this.#status.textContent = text;
  }

  /** Let keyboard and screen reader start at the title, unless the reader is already further. */
  #focusTitle(): void {
    if (document.activeElement?.closest("main *")) return;
    this.#main.querySelector<HTMLElement>("[data-focus]")?.focus({ preventScroll: true });
  }

  #drawFrame(): void {
    if (document.querySelector("body > .top")) return;
    document.body.prepend(this.#skipLink(), header());
    document.body.append(this.#footer());
  }

  #skipLink(): HTMLElement {
    const skip = (event: Event) => {
      event.preventDefault(); // following the link would replace the key
      this.#main.focus();
      this.#main.scrollIntoView();
    };
    return h("a.skip", { text: t("skip"), attrs: { href: "#main" }, on: { click: skip } });
  }

  #footer(): HTMLElement {
    const trust = h("p.trust", {}, `${t("trust")} ${t("trust_more")}`);
    const choices = h("div.choices", {}, reportLink(), licencesLink(), this.#languageSelect());
    return h("footer.bottom", {}, trust, choices);
  }

  #languageSelect(): HTMLElement {
    const select = h("select", { attrs: { id: "language" }, on: { change: () => void this.#changeLanguage(select.value) } });
    for (const [code, name] of Object.entries(LANGUAGES)) {
      select.append(h("option", { text: name, attrs: { value: code, lang: code, selected: code === language() } }));
    }
    return h("div", {}, h("label.visually-hidden", { text: t("language"), attrs: { for: "language" } }), select);
  }

  async #changeLanguage(code: string): Promise<void> {
    if (!isLanguage(code)) return;
    setPreference("language", code);
    await useLanguage(code);
    for (const element of document.querySelectorAll("body > :is(.skip, .top, .bottom)")) element.remove();
    this.show(this.#render);
    afterFrame(() => document.getElementById("language")?.focus());
  }
}

function header(): HTMLElement {
  return h("header.top", {}, h("span.brand", {}, logo(), "satchel"), themeButton());
}

/** A link to the report form, for a live share. Its address does not contain the key. */
function reportLink(): HTMLElement | false {
  if (!document.documentElement.dataset["info"]) return false;
  return h("a", { text: t("report"), attrs: { href: `${location.pathname}/report`, target: "_blank", rel: "noopener" } });
}

function licencesLink(): HTMLElement {
  return h("a", { text: t("licences"), attrs: { href: new URL(__LICENCES_URL__, import.meta.url).href, target: "_blank", rel: "noopener" } });
}

// -- the theme ---------------------------------------------------------------------------------------------------

export function currentTheme(): Theme {
  return THEMES.find((name) => name === preference("theme")) ?? "auto";
}

export function applyTheme(name: Theme): void {
  if (name === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = name;
}

export function themeButton(): HTMLElement {
  const button = h("button.button.quiet.icon-only", { attrs: { type: "button" }, on: { click: () => change() } });
  const change = () => {
    const next = THEMES[(THEMES.indexOf(currentTheme()) + 1) % THEMES.length]!;
    setPreference("theme", next);
    applyTheme(next);
    draw(next);
  };
  const draw = (name: Theme) => {
    const label = t("theme", { theme: t(`theme_${name}` as MessageKey) });
    button.replaceChildren(icon(name));
    button.title = label;
    button.setAttribute("aria-label", label);
  };
  draw(currentTheme());
  return button;
}
