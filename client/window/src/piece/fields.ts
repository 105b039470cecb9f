/** The fields of a Piece beside its text: title, language, tags, description and links. */

import { h } from "satchel-share-page/view/dom";
import { filters } from "../api";
import type { App } from "../app";
import { t } from "../i18n";
import { input, labelled, uniqueId } from "../parts/controls";
import { tagField, type TagField } from "../parts/tags";

export interface FieldValues {
  readonly title: string;
  readonly description: string;
  readonly language: string;
  readonly tags: readonly string[];
  readonly links: readonly string[];
}

export class PieceFields {
  readonly element: HTMLElement;
  readonly title: HTMLInputElement;
  readonly language: HTMLInputElement;
  readonly #description: HTMLTextAreaElement;
  readonly #links: HTMLTextAreaElement;
  readonly tags: TagField;

  /** `id` is the Piece, if it exists. */
  constructor(app: App, id: string | null, initial: FieldValues, changed: () => void) {
    this.title = input({ value: initial.title, dir: "auto", spellcheck: "true", placeholder: id ? t("untitled") : t("title_hint"), maxlength: "1000" }, changed);
    const languages = h("datalist", { attrs: { id: uniqueId("languages") } });
    this.language = input({ value: initial.language, list: languages.id, placeholder: t("language_hint"), maxlength: "100" }, changed);
    this.#description = area(initial.description, 2, changed);
    this.#links = area(initial.links.join("\n"), 2, changed);
    this.tags = tagField(initial.tags, id, changed);
    const more = h("details.more", { attrs: { open: Boolean(initial.description || initial.links.length) } }, h("summary", { text: t("more_fields") }), labelled(t("description"), this.#description), labelled(t("links"), this.#links, t("links_help")));
    this.element = h("div.piece-fields", {}, h("div.field-row", {}, labelled(t("title_of_piece"), this.title), labelled(t("language_of_code"), this.language)), this.tags.element, more, languages);
    void filters().then(({ languages: known }) => languages.append(...known.filter(({ name }) => name).map(({ name }) => h("option", { attrs: { value: name } }))), (error: unknown) => app.connection.report(error)); // prettier-ignore
  }

  get values(): FieldValues {
    return {
      title: this.title.value.trim(),
      description: this.#description.value.trim(),
      language: this.language.value.trim(),
      tags: this.tags.tags,
      links: this.#links.value.split("\n").map((line) => line.trim()).filter(Boolean), // prettier-ignore
    };
  }
}

function area(value: string, rows: number, changed: () => void): HTMLTextAreaElement {
  const element = h("textarea.input.small", { attrs: { rows: String(rows), dir: "auto" }, on: { input: changed } });
  element.value = value;
  return element;
}
