/** What surrounds every state of the page: the top, the live region, the choices at the bottom. */

import { isLanguage, language, LANGUAGES, type MessageKey, t, useLanguage } from "../i18n";
import { prefer, preference } from "../preferences";
import { append, h } from "./dom";
import { icon } from "./icons";

declare const __LICENCES_URL__: string; // build.mjs

const THEMES = ["auto", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];

export class Shell {
  readonly #main = document.getElementById("main")!;
  readonly #status = h("p.visually-hidden", { attrs: { role: "status" } });
  #render: () => Node = () => document.createDocumentFragment();

  constructor() {
    applyTheme(theme());
    document.body.prepend(this.#skip(), this.#top());
    append(document.body, [this.#status, this.#bottom()]);
  }

  /** Show a state. It is drawn again when the reader changes the language. */
  show(render: () => Node): void {
    this.#render = render;
    this.#main.replaceChildren(render());
    this.#main.querySelector<HTMLElement>("[data-focus]")?.focus({ preventScroll: true });
  }

  /** Say something to those who hear the page. */
  say(text: string): void {
    this.#status.textContent = text;
  }

  #skip(): HTMLElement {
    const toMain = (event: Event) => {
      event.preventDefault(); // following the link would replace the key
      this.#main.focus();
      this.#main.scrollIntoView();
    };
    return h("a.skip", { text: t("skip"), attrs: { href: "#main" }, on: { click: toMain } });
  }

  #top(): HTMLElement {
    const logo = h("img", { attrs: { src: iconAddress(), alt: "", width: "24", height: "24" } });
    return h("header.top", {}, h("span.brand", {}, logo, "satchel"), themeButton());
  }

  #bottom(): HTMLElement {
    const trust = h("p.trust", {}, `${t("trust")} ${t("trust_more")}`);
    const choices = h("div.choices", {}, this.#report(), licences(), this.#languages());
    return h("footer.bottom", {}, trust, choices);
  }

  /** A way to the owner, for a share that is there. The address has no key in it. */
  #report(): HTMLElement | false {
    if (!this.#main.dataset["info"]) return false;
    return h("a", { text: t("report"), attrs: { href: `${location.pathname}/report`, target: "_blank", rel: "noopener" } });
  }

  #languages(): HTMLElement {
    const select = h("select", { attrs: { id: "language" }, on: { change: () => void this.#speak(select.value) } });
    for (const [code, name] of Object.entries(LANGUAGES)) {
      select.append(h("option", { text: name, attrs: { value: code, lang: code, selected: code === language() } }));
    }
    return h("div", {}, h("label.visually-hidden", { text: t("language"), attrs: { for: "language" } }), select);
  }

  async #speak(code: string): Promise<void> {
    if (!isLanguage(code)) return;
    prefer("language", code);
    await useLanguage(code);
    for (const element of document.querySelectorAll("body > :is(.skip, .top, .bottom)")) element.remove();
    document.body.prepend(this.#skip(), this.#top());
    document.body.append(this.#bottom());
    this.show(this.#render);
    document.getElementById("language")?.focus();
  }
}

function licences(): HTMLElement {
  return h("a", { text: t("licences"), attrs: { href: new URL(__LICENCES_URL__, import.meta.url).href, target: "_blank", rel: "noopener" } });
}

function iconAddress(): string {
  return document.querySelector<HTMLLinkElement>('link[rel="icon"]')?.href ?? "";
}

function theme(): Theme {
  return THEMES.find((name) => name === preference("theme")) ?? "auto";
}

function applyTheme(name: Theme): void {
  if (name === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = name;
}

function themeButton(): HTMLElement {
  const button = h("button.button.quiet.icon-only", { attrs: { type: "button" }, on: { click: () => choose(next()) } });
  const next = () => THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length]!;
  const choose = (name: Theme) => {
    prefer("theme", name);
    applyTheme(name);
    draw(name);
  };
  const draw = (name: Theme) => {
    const label = t("theme", { theme: t(`theme_${name}` as MessageKey) });
    button.replaceChildren(icon(name));
    button.title = label;
    button.setAttribute("aria-label", label);
  };
  draw(theme());
  return button;
}
