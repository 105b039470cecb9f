/** Buttons, fields and notes that several views use. */

import { h } from "satchel-share-page/view/dom";
import { icon, type IconName } from "../frame/icons";
import { keyName } from "../frame/keys";
import { t } from "../i18n";

type Attributes = Readonly<Record<string, string | boolean | null>>;

export interface ButtonOptions {
  readonly label: string;
  readonly icon?: IconName;
  readonly class?: string;
  /** Show the icon alone; the label is the accessible name. */
  readonly isIconOnly?: boolean;
  /** The key that does the same, shown in the tooltip. */
  readonly key?: string;
  readonly attrs?: Attributes;
  run(): void;
}

export function button({ label, icon: name, class: classes = "", isIconOnly = false, key, attrs = {}, run }: ButtonOptions): HTMLButtonElement {
  const title = key ? `${label} (${keyName(key)})` : isIconOnly ? label : null;
  const given = { type: "button", title, "aria-label": isIconOnly ? label : null, "aria-keyshortcuts": key ? key.replace("Mod", "Control") : null, ...attrs };
  const element = h("button.button", { class: `${classes} ${isIconOnly ? "icon-only" : ""}`.trim(), attrs: given, on: { click: run } });
  if (name) element.append(icon(name));
  if (!isIconOnly) element.append(h("span", { text: label }));
  return element;
}

/** Keep a button from being pressed twice while its work goes on. */
export async function whileBusy(element: HTMLButtonElement, work: () => Promise<unknown>): Promise<void> {
  if (element.getAttribute("aria-disabled") === "true") return;
  element.setAttribute("aria-disabled", "true");
  try {
    await work();
  } finally {
    element.removeAttribute("aria-disabled");
  }
}

/** Work that is not begun again while it goes on. */
export class OneAtATime {
  isRunning = false;

  /** Do the work, or nothing if it is being done. */
  async run<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.isRunning) return undefined;
    this.isRunning = true;
    try {
      return await work();
    } finally {
      this.isRunning = false;
    }
  }
}

let lastId = 0;

export function uniqueId(prefix: string): string {
  return `${prefix}-${++lastId}`;
}

/** A label above its control. */
export function labelled(label: string, control: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement, help = ""): HTMLElement {
  control.id ||= uniqueId("field");
  if (help) control.setAttribute("aria-describedby", `${control.id}-help`);
  return h(
    "div.field",
    {},
    h("label", { text: label, attrs: { for: control.id } }),
    control,
    help && h("p.help", { text: help, attrs: { id: `${control.id}-help` } }),
  );
}

export function input({ class: classes, ...attrs }: Attributes = {}, change?: () => void): HTMLInputElement {
  const given = { type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false", ...attrs };
  return h("input.input", { class: String(classes ?? "small"), attrs: given, on: change ? { input: change } : {} });
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export function select(choices: readonly Choice[], value: string, change?: (value: string) => void, { isSet = false, ...attrs }: Attributes & { readonly isSet?: boolean } = {}): HTMLSelectElement {
  const element = h("select.select", { class: isSet ? "is-set" : "", attrs, on: { change: () => change?.(element.value) } });
  for (const choice of choices) element.append(h("option", { text: choice.label, attrs: { value: choice.value, selected: choice.value === value } }));
  return element;
}

/** A switch with its label. */
export function toggle(label: string, isOn: boolean, change: (isOn: boolean) => void, help = ""): HTMLElement {
  const id = uniqueId("switch");
  const box = h("input", { attrs: { id, type: "checkbox", role: "switch", checked: isOn, "aria-describedby": help ? `${id}-help` : null }, on: { change: () => change(box.checked) } });
  return h("div.switch", {}, box, h("div", {}, h("label", { text: label, attrs: { for: id } }), help && h("p.help", { text: help, attrs: { id: `${id}-help` } })));
}

/** A checkbox with its label. */
export function checkbox(label: string, isOn: boolean, change: (isOn: boolean) => void): HTMLElement {
  const id = uniqueId("check");
  const box = h("input", { attrs: { id, type: "checkbox", checked: isOn }, on: { change: () => change(box.checked) } });
  return h("div.check", {}, box, h("label", { text: label, attrs: { for: id } }));
}

export function note(text: string, kind: "warn" | "bad" | "info" = "warn", ...children: (Node | false | null)[]): HTMLElement {
  return h("div.note", { class: kind }, icon(kind === "info" ? "help" : "alert"), h("div", {}, h("p", { text, attrs: { dir: "auto" } }), ...children));
}

/** What a view shows instead of an empty list. */
export function emptyState(name: IconName, title: string, text: string, ...children: (Node | false | null)[]): HTMLElement {
  return h("div.empty", {}, icon(name), h("h2", { text: title }), h("p", { text }), ...children);
}

export function loading(): HTMLElement {
  return h("p.waiting", { attrs: { role: "status" } }, h("span", { text: t("loading") }));
}
