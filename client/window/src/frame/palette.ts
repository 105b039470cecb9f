/** The palette: every command of the window and of the view, and Pieces by what is typed. */

import { h } from "satchel-share-page/view/dom";
import { find } from "../api";
import { language, t } from "../i18n";
import { icon, type IconName } from "./icons";
import { uniqueId } from "../parts/controls";
import { keyName } from "./keys";

export interface Command {
  readonly label: string;
  readonly icon: IconName;
  readonly key?: string;
  run(): void;
}

const MAX_PIECES = 6;

export function openPalette(commands: readonly Command[], openPiece: (id: string) => void): void {
  new Palette(commands, openPiece);
}

class Palette {
  readonly #list = h("ul.choices", { attrs: { role: "listbox", id: uniqueId("choices"), "aria-label": t("commands") } });
  readonly #input: HTMLInputElement;
  readonly #dialog: HTMLDialogElement;
  #shown: readonly Command[] = [];
  #active = 0;
  #search: AbortController | null = null;
  /** The search for Pieces that is under way. */
  #adding: Promise<void> = Promise.resolve();

  constructor(
    private readonly commands: readonly Command[],
    private readonly openPiece: (id: string) => void,
  ) {
    const attrs = { type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": this.#list.id, "aria-autocomplete": "list", "aria-label": t("commands"), placeholder: t("palette_hint"), autocomplete: "off", spellcheck: "false", dir: "auto" };
    this.#input = h("input.input", { attrs, on: { input: () => this.#change(), keydown: (event) => this.#key(event) } });
    this.#dialog = h("dialog.palette-dialog", { attrs: { "aria-label": t("commands") } }, h("div.search-field", {}, icon("search"), this.#input), this.#list);
    this.#dialog.addEventListener("pointerdown", (event) => event.target === this.#dialog && this.#dialog.close());
    this.#dialog.addEventListener("close", () => this.#dialog.remove());
    document.body.append(this.#dialog);
    this.#dialog.showModal();
    this.#change();
  }

  #change(): void {
    const typed = this.#input.value.trim();
    this.#search?.abort();
    this.#show(matching(this.commands, typed));
    if (typed) this.#adding = this.#addPieces(typed);
  }

  async #addPieces(query: string): Promise<void> {
    const search = (this.#search = new AbortController());
    const found = await find({ query, limit: MAX_PIECES }, search.signal).catch(() => null);
    if (!found || search.signal.aborted) return;
    const pieces = found.pieces.map((row) => ({ label: row.title || t("untitled"), icon: "pieces", run: () => this.openPiece(row.id) }) as const);
    this.#show([...matching(this.commands, query), ...pieces], this.#active);
  }

  #show(commands: readonly Command[], active = 0): void {
    this.#shown = commands;
    this.#list.replaceChildren(...commands.map((command, index) => this.#option(command, index)));
    if (!commands.length) this.#list.append(h("li.none", { text: t("nothing_found"), attrs: { role: "option", "aria-disabled": "true", "aria-selected": "false" } }));
    this.#activate(Math.min(active, Math.max(0, commands.length - 1)));
  }

  #option(command: Command, index: number): HTMLElement {
    const key = command.key && h("kbd", { text: keyName(command.key), attrs: { "aria-hidden": "true" } });
    const attrs = { role: "option", id: `${this.#list.id}-${index}` };
    return h("li", { attrs, on: { click: () => this.#run(index), pointermove: () => this.#activate(index) } }, icon(command.icon), h("span", { text: command.label, attrs: { dir: "auto" } }), key);
  }

  #activate(index: number): void {
    this.#active = index;
    [...this.#list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    const option = this.#list.children[index];
    option?.scrollIntoView({ block: "nearest" });
    if (option?.id) this.#input.setAttribute("aria-activedescendant", option.id);
    else this.#input.removeAttribute("aria-activedescendant");
  }

  #key(event: KeyboardEvent): void {
    const count = this.#shown.length;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && count) this.#activate((this.#active + step + count) % count);
    else if (event.key === "Enter" && !event.isComposing) void this.#enter();
    else return;
    event.preventDefault();
  }

  /** Run what is active. Where no command matches, that is the first Piece, which may still be on its way. */
  async #enter(): Promise<void> {
    const typed = this.#input.value;
    if (!this.#shown.length) await this.#adding;
    if (this.#input.value === typed && this.#dialog.open) this.#run(this.#active);
  }

  #run(index: number): void {
    const command = this.#shown[index];
    if (!command) return;
    this.#dialog.close();
    command.run();
  }
}

/** The commands that contain every word, those that begin with the first word first. */
function matching(commands: readonly Command[], typed: string): readonly Command[] {
  const words = typed.toLocaleLowerCase(language()).split(/\s+/).filter(Boolean);
  const text = ({ label }: Command) => label.toLocaleLowerCase(language());
  const found = commands.filter((command) => words.every((word) => text(command).includes(word)));
  return words.length ? [...found].sort((a, b) => Number(text(b).startsWith(words[0]!)) - Number(text(a).startsWith(words[0]!))) : found;
}
