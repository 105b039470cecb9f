/** A field for tags: chips, and suggestions while a tag is typed. */

import { reveal } from "satchel-share-page/code/hidden-characters";
import { h } from "satchel-share-page/view/dom";
import { suggestTags } from "../api";
import { icon } from "../frame/icons";
import { t } from "../i18n";
import { uniqueId } from "./controls";

const MAX_SUGGESTIONS = 8;

export interface TagField {
  readonly element: HTMLElement;
  /** All tags, also one that is typed but not yet confirmed. */
  readonly tags: readonly string[];
  /** Take a tag that is typed but not yet confirmed. */
  finish(): void;
  add(tag: string): void;
}

/** `id` is the Piece whose tags they are, if it exists. */
export function tagField(initial: readonly string[], id: string | null, changed: () => void): TagField {
  return new Tags(initial, id, changed);
}

class Tags implements TagField {
  readonly element: HTMLElement;
  #tags: string[];
  readonly #chips = h("span.chips");
  readonly #list = h("ul.choices", { attrs: { role: "listbox", id: uniqueId("tags"), "aria-label": t("tags") } });
  readonly #input: HTMLInputElement;
  #search: AbortController | null = null;
  #active = -1;

  constructor(
    initial: readonly string[],
    private readonly id: string | null,
    private readonly changed: () => void,
  ) {
    this.#tags = [...initial];
    this.#list.hidden = true;
    const attrs = { id: uniqueId("tag"), type: "text", role: "combobox", "aria-expanded": "false", "aria-controls": this.#list.id, "aria-autocomplete": "list", placeholder: t("add_tag"), autocomplete: "off", autocapitalize: "none", spellcheck: "false", dir: "auto" };
    this.#input = h("input", { attrs, on: { input: () => this.#typed(), focus: () => void this.#suggest(), keydown: (event) => this.#key(event), blur: () => this.#hide() } });
    const box = h("div.tag-box", { on: { click: () => this.#input.focus() } }, this.#chips, this.#input);
    this.element = h("div.field.tags-field", {}, h("label", { text: t("tags"), attrs: { for: this.#input.id } }), box, this.#list);
    this.#drawChips();
  }

  get tags(): readonly string[] {
    const typed = trimmed(this.#input.value);
    return typed && !this.#tags.includes(typed) ? [...this.#tags, typed] : this.#tags;
  }

  finish(): void {
    this.add(this.#input.value);
  }

  add(text: string): void {
    const tag = trimmed(text);
    this.#input.value = "";
    this.#list.hidden = true; // until suggestions for what comes next are there
    this.#activate(-1);
    if (!tag || this.#tags.includes(tag)) return;
    this.#tags.push(tag);
    this.#drawChips();
    this.changed();
  }

  #remove(tag: string): void {
    this.#tags = this.#tags.filter((other) => other !== tag);
    this.#drawChips();
    this.#input.focus();
    this.changed();
  }

  #drawChips(): void {
    const chip = (tag: string) => h("button.chip", { attrs: { type: "button", "aria-label": t("remove_tag", { tag: reveal(tag) }) }, on: { click: () => this.#remove(tag) } }, h("span", { text: reveal(tag), attrs: { dir: "auto" } }), icon("close"));
    this.#chips.replaceChildren(...this.#tags.map(chip));
  }

  #typed(): void {
    this.changed();
    void this.#suggest();
  }

  async #suggest(): Promise<void> {
    this.#search?.abort();
    const search = (this.#search = new AbortController());
    const prefix = this.#input.value.trim();
    const found = await suggestTags({ prefix, id: this.id, limit: MAX_SUGGESTIONS + this.#tags.length }, search.signal).catch(() => null);
    if (!found || search.signal.aborted || document.activeElement !== this.#input) return;
    const tags = found.tags.filter(({ tag }) => !this.#tags.includes(tag)).slice(0, MAX_SUGGESTIONS);
    const options = tags.map(({ tag, model }, index) => {
      const choose = (event: Event) => {
        event.preventDefault();
        this.add(tag);
        void this.#suggest();
      };
      return h("li", { attrs: { role: "option", id: `${this.#list.id}-${index}`, "aria-selected": "false", "data-tag": tag }, on: { pointerdown: choose } }, h("span", { text: reveal(tag), attrs: { dir: "auto" } }), model && h("span.help", { text: t("suggested") }));
    });
    this.#list.replaceChildren(...options);
    this.#list.hidden = !options.length;
    this.#input.setAttribute("aria-expanded", String(options.length > 0));
    this.#activate(-1);
  }

  #hide(): void {
    this.#search?.abort();
    this.#list.hidden = true;
    this.#input.setAttribute("aria-expanded", "false");
    this.finish();
  }

  #activate(index: number): void {
    this.#active = index;
    [...this.#list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    const option = this.#list.children[index];
    if (option) this.#input.setAttribute("aria-activedescendant", option.id);
    else this.#input.removeAttribute("aria-activedescendant");
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey) return;
    const count = this.#list.hidden ? 0 : this.#list.childElementCount;
    const active = this.#list.children[this.#active] as HTMLElement | undefined;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) this.#activate((this.#active + (event.key === "ArrowDown" ? 1 : this.#active < 0 ? 0 : -1) + count) % count);
    else if ((event.key === "Enter" || event.key === ",") && !event.isComposing && (active || this.#input.value.trim())) {
      this.add(active?.dataset["tag"] ?? this.#input.value);
      void this.#suggest();
    } else if (event.key === "Backspace" && !this.#input.value && this.#tags.length) this.#remove(this.#tags.at(-1)!);
    else if (event.key === "Escape" && count) this.#list.hidden = true;
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

function trimmed(text: string): string {
  return text.trim().replace(/,$/, "").trim();
}
