/** The frame around every view: navigation, the banner about the connection, short messages, theme and language. */

import { setPreference } from "satchel-share-page/preferences";
import { append, h } from "satchel-share-page/view/dom";
import { logo } from "satchel-share-page/view/icons";
import { themeButton } from "satchel-share-page/view/shell";
import type { State } from "../connection";
import { formatNumber, isLanguage, language, LANGUAGES, type MessageKey, t, useLanguage } from "../i18n";
import { button } from "../parts/controls";
import type { Failure } from "../parts/failure";
import { pathOf, type RouteName } from "../router";
import { icon, type IconName } from "./icons";
import { keyName } from "./keys";

declare const __LICENCES_URL__: string; // build.mjs

export interface NavigationItem {
  readonly route: RouteName;
  readonly icon: IconName;
  readonly label: MessageKey;
  readonly group: "work" | "see";
}

export interface FrameOptions {
  readonly items: readonly NavigationItem[];
  readonly version: string;
  /** Whether a Piece can be added. */
  readonly hasNew: boolean;
  go(name: RouteName): void;
  openPalette(): void;
  openHelp(): void;
  /** The language changed: draw everything again. */
  redraw(): void;
}

const MESSAGE_MS = 6_000;

export class Frame {
  readonly #main = document.getElementById("main")!;
  readonly #status = h("p.visually-hidden", { attrs: { role: "status" } });
  readonly #banner = h("div.banner", { attrs: { role: "alert" } });
  readonly #messages = h("div.messages", { attrs: { role: "status" } });
  #navigation: HTMLElement | null = null;
  #current: RouteName = "find";
  readonly #counts = new Map<RouteName, readonly [count: number, label: string]>();

  constructor(private readonly options: FrameOptions) {
    document.body.append(this.#status, this.#messages);
    this.draw();
  }

  /** Draw what depends on the language. */
  draw(): void {
    for (const element of document.querySelectorAll("body > :is(.skip, .side, .banner)")) element.remove();
    this.#navigation = this.#side();
    document.body.prepend(this.#skipLink(), this.#navigation, this.#banner);
    this.mark(this.#current);
    for (const [route, [count, label]] of this.#counts) this.count(route, count, label);
  }

  show(element: HTMLElement, title: string): void {
    this.#main.replaceChildren(element);
    document.title = title ? `${title} · satchel` : "satchel";
  }

  /** Mark the view in the navigation. */
  mark(route: RouteName): void {
    this.#current = route;
    this.#navigation?.classList.remove("is-open");
    for (const link of this.#navigation?.querySelectorAll("a") ?? []) {
      if (link.dataset["route"] === (route === "pieces" ? "find" : route)) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  /** Show how many things wait in a view. */
  count(route: RouteName, count: number, label: string): void {
    this.#counts.set(route, [count, label]);
    const link = this.#navigation?.querySelector(`a[data-route="${route}"]`);
    link?.querySelector(".badge")?.remove();
    if (count) link?.append(h("span.badge.added", {}, h("span", { text: formatNumber(count), attrs: { "aria-hidden": "true" } }), h("span.visually-hidden", { text: label })));
  }

  focusMain(): void {
    const target = this.#main.querySelector<HTMLElement>("[data-focus]") ?? this.#main;
    target.focus({ preventScroll: true });
  }

  announce(text: string): void {
    this.#status.textContent = "";
    requestAnimationFrame(() => (this.#status.textContent = text));
  }

  /** Say briefly what happened. */
  say(text: string): void {
    const message = this.#message("check", text);
    setTimeout(() => message.remove(), MESSAGE_MS);
  }

  /** Say what failed. It stays until it is closed. */
  fail({ title, details }: Failure): void {
    const lines = details.map(({ text, isEnglish }) => h("p.help", { text, attrs: { dir: "auto", lang: isEnglish ? "en" : null } }));
    this.#message("alert", title, ...lines).classList.add("is-failure");
  }

  #message(name: IconName, text: string, ...lines: HTMLElement[]): HTMLElement {
    const close = button({ label: t("close"), icon: "close", isIconOnly: true, class: "quiet", run: () => message.remove() });
    const message = h("div.message", {}, icon(name), h("div", {}, h("p", { text, attrs: { dir: "auto" } }), ...lines), close);
    this.#messages.append(message);
    while (this.#messages.childElementCount > 4) this.#messages.firstElementChild!.remove();
    (document.querySelector("dialog[open]:last-of-type") ?? document.body).append(this.#messages); // above an open dialog
    return message;
  }

  setConnection(state: State): void {
    this.#banner.replaceChildren();
    if (state === "open") return;
    const command = h("code", { text: "satchel open", attrs: { translate: "no" } });
    this.#banner.append(icon("offline"), h("p", {}, h("strong", { text: t(`connection_${state}`) }), ` ${t("connection_kept")} `, command));
  }

  // -- the side ------------------------------------------------------------------------------------------------

  #side(): HTMLElement {
    const { options } = this;
    const menu = button({ label: t("menu"), icon: "menu", isIconOnly: true, class: "quiet menu", run: () => this.#toggleMenu(menu), attrs: { "aria-expanded": "false", "aria-controls": "navigation" } });
    const brand = h("a.brand", { attrs: { href: "/", "aria-label": t("home") }, on: { click: (event) => this.#follow(event, "find") } }, logo(), "satchel");
    const search = button({ label: t("commands"), icon: "command", class: "palette", key: "Mod+K", run: options.openPalette });
    search.append(h("kbd", { text: keyName("Mod+K"), attrs: { "aria-hidden": "true" } }));
    const top = h("div.side-top", {}, brand, menu);
    const lists = h("div.lists", {}, this.#list("work"), this.#hasItems("see") && h("h2", { text: t("see"), attrs: { id: "see" } }), this.#hasItems("see") && this.#list("see"));
    const body = h("div.side-body", { attrs: { id: "navigation" } }, options.hasNew && this.#newButton(), search, lists, this.#foot());
    return h("nav.side", { attrs: { "aria-label": t("navigation") } }, top, body);
  }

  #toggleMenu(menu: HTMLElement): void {
    const isOpen = this.#navigation!.classList.toggle("is-open");
    menu.setAttribute("aria-expanded", String(isOpen));
  }

  #newButton(): HTMLElement {
    return h("a.button.primary.new", { attrs: { href: pathOf("new"), "data-route": "new" }, on: { click: (event) => this.#follow(event, "new") } }, icon("plus"), h("span", { text: t("new_piece") }), h("kbd", { text: "N", attrs: { "aria-hidden": "true" } }));
  }

  #hasItems(group: NavigationItem["group"]): boolean {
    return this.options.items.some((item) => item.group === group);
  }

  #list(group: NavigationItem["group"]): HTMLElement {
    const links = this.options.items
      .filter((item) => item.group === group)
      .map((item) => h("li", {}, h("a", { attrs: { href: pathOf(item.route), "data-route": item.route }, on: { click: (event) => this.#follow(event, item.route) } }, icon(item.icon), h("span", { text: t(item.label) }))));
    return h("ul", { attrs: { role: "list", "aria-labelledby": group === "see" ? "see" : null } }, ...links);
  }

  /** Follow a link within the page, unless the browser was asked for a new tab. */
  #follow(event: MouseEvent, name: RouteName): void {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    this.options.go(name);
  }

  #foot(): HTMLElement {
    const help = button({ label: t("help"), icon: "help", isIconOnly: true, class: "quiet", key: "?", run: this.options.openHelp });
    const licences = h("a", { text: t("licences"), attrs: { href: new URL(__LICENCES_URL__, import.meta.url).href, target: "_blank", rel: "noopener" } });
    const foot = h("div.foot", {});
    append(foot, [h("div.row-of", {}, themeButton(), help, this.#languageSelect()), h("p.version", {}, `satchel ${this.options.version} · `, licences)]);
    return foot;
  }

  #languageSelect(): HTMLElement {
    const change = async () => {
      if (!isLanguage(select.value)) return;
      setPreference("language", select.value);
      await useLanguage(select.value);
      this.draw();
      this.options.redraw();
      document.getElementById("language")?.focus();
    };
    const select = h("select.select", { attrs: { id: "language", "aria-label": t("language") }, on: { change: () => void change() } });
    for (const [code, name] of Object.entries(LANGUAGES)) select.append(h("option", { text: name, attrs: { value: code, lang: code, selected: code === language() } }));
    return select;
  }

  #skipLink(): HTMLElement {
    const skip = (event: Event) => {
      event.preventDefault();
      this.#main.focus();
    };
    return h("a.skip", { text: t("skip"), attrs: { href: "#main" }, on: { click: skip } });
  }
}
