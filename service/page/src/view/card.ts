/** The calm card in the middle of the page: before opening, and for every way a share can end. */

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

/** A card of the messages `<name>_title` and `<name>_text`. */
export function stateCard(name: string, iconName: IconName, ...children: (Node | false | null)[]): HTMLElement {
  const title = t(`${name}_title` as MessageKey);
  return card({ icon: iconName, title, text: t(`${name}_text` as MessageKey) }, ...children);
}

export function retryButton(retry: () => void): HTMLElement {
  return h("button.button.primary.large", { text: t("retry"), attrs: { type: "button" }, on: { click: retry } });
}

/** A field with its label, its help and a place for what was wrong. */
export interface Field {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  complain(problem: string): void;
}

export function field(options: {
  readonly id: string;
  readonly label: string;
  readonly help?: string;
  readonly attrs: Readonly<Record<string, string | boolean>>;
  readonly beside?: (input: HTMLInputElement) => Node;
}): Field {
  const { id, label, help, attrs, beside } = options;
  const problem = h("p.problem", { attrs: { id: `${id}-problem`, role: "alert" } });
  const described = help ? `${id}-help ${id}-problem` : `${id}-problem`;
  const input = h("input.input", { attrs: { id, "aria-describedby": described, ...attrs } });
  const element = h(
    "div.field",
    {},
    h("label", { text: label, attrs: { for: id } }),
    h("div.entry", {}, input, beside?.(input)),
    help && h("p.help", { text: help, attrs: { id: `${id}-help` } }),
    problem,
  );
  const complain = (text: string) => {
    problem.textContent = text;
    if (text) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  };
  input.addEventListener("input", () => complain(""));
  return { element, input, complain };
}
