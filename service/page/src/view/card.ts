/** The card in the middle of the page, its form fields, and notes. */

import { type MessageKey, t } from "../i18n";
import { h } from "./dom";
import { icon, type IconName } from "./icons";

export interface CardOptions {
  readonly icon: IconName;
  readonly title: string;
  readonly text: string;
}

export function card(options: CardOptions, ...children: (Node | false | null)[]): HTMLElement {
  return h(
    "section.card",
    {},
    h("div.seal", {}, icon(options.icon)),
    h("h1", { text: options.title, attrs: { tabindex: "-1", "data-focus": true } }),
    h("p", { text: options.text }),
    ...children,
  );
}

/** A card with the messages `<name>_title` and `<name>_text`. */
export function stateCard(name: string, iconName: IconName, ...children: (Node | false | null)[]): HTMLElement {
  const title = t(`${name}_title` as MessageKey);
  return card({ icon: iconName, title, text: t(`${name}_text` as MessageKey) }, ...children);
}

export function retryButton(retry: () => void): HTMLElement {
  return h("button.button.primary.large", { text: t("retry"), attrs: { type: "button" }, on: { click: retry } });
}

export function note(text: string): HTMLElement {
  return h("p.note", {}, icon("alert"), h("span", { text }));
}

/** An input with its label, help and error message. */
export interface Field {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  /** Show an error; an empty text clears it. */
  showError(message: string): void;
}

export function field(options: {
  readonly id: string;
  readonly label: string;
  readonly help?: string;
  readonly attrs: Readonly<Record<string, string | boolean>>;
  readonly beside?: (input: HTMLInputElement) => Node;
}): Field {
  const { id, label, help, attrs, beside } = options;
  const error = h("p.error", { attrs: { id: `${id}-error`, role: "alert" } });
  const description = help ? `${id}-help ${id}-error` : `${id}-error`;
  const input = h("input.input", { attrs: { id, "aria-describedby": description, ...attrs } });
  const element = h(
    "div.field",
    {},
    h("label", { text: label, attrs: { for: id } }),
    h("div.entry", {}, input, beside?.(input)),
    help && h("p.help", { text: help, attrs: { id: `${id}-help` } }),
    error,
  );
  const showError = (message: string) => {
    error.textContent = message;
    if (message) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  };
  input.addEventListener("input", () => showError(""));
  return { element, input, showError };
}
