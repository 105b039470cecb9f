/**
 * The form of an answer: a text, files, what looks unintended, and the button that seals and sends. Nothing that a
 * person typed or chose is lost when sending fails.
 */

import { formatSize } from "../i18n";
import { note } from "../view/card";
import { h } from "../view/dom";
import { icon } from "../view/icons";
import { type AnswerFile, estimateSealedSize, MAX_FILES, validNames } from "./answer";
import { type Finding, findUnintended } from "./unintended";
import { counted, word } from "./words";

const MAX_SHOWN_FINDINGS = 8;

export interface FormOptions {
  readonly asked: string;
  readonly expires: string;
  readonly maxBytes: number;
  readonly key: string;
  readonly send: (files: readonly AnswerFile[]) => void;
  readonly announce: (text: string) => void;
}

interface ChosenFile {
  readonly name: string;
  readonly content: Uint8Array;
}

/** What the person has entered so far. It survives a change of the language. */
export class Draft {
  text = "";
  chosen: ChosenFile[] = [];

  get isEmpty(): boolean {
    return !this.text.trim() && !this.chosen.length;
  }

  /** The files of the answer: the typed text first, if there is any. */
  files(): AnswerFile[] {
    const names = validNames(this.chosen.map(({ name }) => name));
    const files = this.chosen.map(({ content }, index) => ({ name: names[index]!, content }));
    return this.text.trim() ? [{ name: "", content: new TextEncoder().encode(this.text) }, ...files] : files;
  }
}

export class AnswerForm {
  readonly element: HTMLElement;
  readonly #text = h("textarea.input.answer", {
    attrs: { id: "answer", rows: "5", autocomplete: "off", autocapitalize: "none", spellcheck: "false", "aria-describedby": "answer-help" },
    on: { input: () => this.#changed() },
  });
  readonly #picker = h("input.visually-hidden", { attrs: { id: "files", type: "file", multiple: true }, on: { change: () => void this.#pick() } });
  readonly #list = h("ul.chosen", { attrs: { role: "list" } });
  readonly #size = h("p.help", { attrs: { id: "size" } });
  readonly #findings = h("div.findings", { attrs: { role: "status" } });
  readonly #problem = h("div.problem", { attrs: { role: "alert" } });
  readonly #button = h("button.button.primary.large", {
    attrs: { type: "submit" },
    on: {
      // Only what was seen is sent "anyway", not what a second click or a held key meets.
      click: (event) => event.detail > 1 && event.preventDefault(),
      keydown: (event) => event.key === "Enter" && event.repeat && event.preventDefault(),
    },
  });
  /** The files that are being read. */
  #reading: Promise<void> = Promise.resolve();
  /** The findings that the person has seen and wants to send anyway, as text. */
  #accepted = "";
  #isBusy = false;

  constructor(
    private readonly draft: Draft,
    private readonly options: FormOptions,
  ) {
    this.#text.value = draft.text;
    this.element = this.#draw();
    this.#update();
  }

  /** Show what is happening; an empty text makes the form usable again. */
  setBusy(text: string): void {
    this.#isBusy = text !== "";
    this.#button.textContent = text || this.#label();
    this.#button.setAttribute("aria-disabled", String(this.#isBusy));
  }

  /** Show why nothing was sent; an empty text clears it. */
  showProblem(text: string): void {
    this.#problem.replaceChildren(...(text ? [note(text)] : []));
  }

  #draw(): HTMLElement {
    const { asked, expires } = this.options;
    const drop = h("label.button.drop", { attrs: { for: "files" } }, icon("file"), h("span", { text: word("files_choose") }));
    const form = h(
      "form",
      { attrs: { novalidate: true }, on: { submit: (event) => void this.#submit(event) } },
      h("div.field", {}, h("label", { text: word("answer_label"), attrs: { for: "answer" } }), this.#text, h("p.help", { text: word("answer_help"), attrs: { id: "answer-help" } })),
      h("div.field", {}, this.#picker, drop, h("p.help", { text: word("files_help") }), this.#list, this.#size),
      this.#findings,
      this.#problem,
      this.#button,
    );
    const title = h("h1", { text: word("asked_title"), attrs: { tabindex: "-1", "data-focus": true } });
    const element = h(
      "section.card.request",
      { on: { dragover: (event) => this.#drag(event, true), dragleave: (event) => this.#drag(event, false), drop: (event) => void this.#drop(event) } },
      h("div.seal", {}, icon("lock")),
      title,
      asked ? h("blockquote.asked", { text: asked, attrs: { dir: "auto" } }) : null,
      h("p", { text: word("asked_text") }),
      expires ? h("p.help", { text: expires }) : null,
      form,
    );
    return element;
  }

  // -- what is chosen ----------------------------------------------------------------------------------------

  #changed(): void {
    this.draft.text = this.#text.value;
    this.#update();
  }

  async #pick(): Promise<void> {
    await this.#add([...(this.#picker.files ?? [])]);
    this.#picker.value = "";
  }

  async #drop(event: DragEvent): Promise<void> {
    this.#drag(event, false);
    await this.#add([...(event.dataTransfer?.files ?? [])]);
  }

  #drag(event: DragEvent, isOver: boolean): void {
    event.preventDefault();
    this.element.classList.toggle("over", isOver);
  }

  #add(files: readonly File[]): Promise<void> {
    return (this.#reading = this.#reading.then(() => this.#readAll(files)));
  }

  async #readAll(files: readonly File[]): Promise<void> {
    this.showProblem("");
    for (const file of files) {
      if (file.size === 0) this.showProblem(word("file_empty", { name: file.name }));
      else if (file.size > this.options.maxBytes || this.draft.chosen.length >= MAX_FILES - 1) this.showProblem(this.#tooLarge());
      else await this.#read(file);
    }
    this.#update();
    this.options.announce(counted("files_chosen", this.draft.chosen.length));
  }

  async #read(file: File): Promise<void> {
    try {
      this.draft.chosen.push({ name: file.name, content: new Uint8Array(await file.arrayBuffer()) });
    } catch {
      this.showProblem(word("file_unreadable", { name: file.name }));
    }
  }

  #remove(index: number): void {
    this.draft.chosen.splice(index, 1);
    this.showProblem("");
    this.#update();
    this.#picker.focus();
    this.options.announce(counted("files_chosen", this.draft.chosen.length));
  }

  // -- what is shown -----------------------------------------------------------------------------------------

  #update(): void {
    const items = this.draft.chosen.map(({ name, content }, index) => {
      const label = word("file_remove", { name });
      const remove = h("button.button.quiet.icon-only", { attrs: { type: "button", "aria-label": label, title: label }, on: { click: () => this.#remove(index) } }, icon("close"));
      return h("li", {}, h("span.name", { text: name, attrs: { dir: "auto" } }), h("span.size", { text: formatSize(content.length) }), remove);
    });
    this.#list.replaceChildren(...items);
    this.#size.textContent = word("size", { used: formatSize(this.#usedBytes()), limit: formatSize(this.options.maxBytes) });
    const findings = this.#find();
    if (signature(findings) !== this.#accepted) this.#accepted = "";
    this.#findings.replaceChildren(...findings.slice(0, MAX_SHOWN_FINDINGS).map(({ kind, file }) => note(findingText(kind, file))));
    if (!this.#isBusy) this.#button.textContent = this.#label();
  }

  #label(): string {
    return this.#accepted ? word("send_anyway") : word("send");
  }

  #find(): Finding[] {
    return findUnintended(this.draft.files(), this.options.key);
  }

  #usedBytes(): number {
    return this.draft.files().reduce((sum, { content }) => sum + content.length, 0);
  }

  #tooLarge(): string {
    return word("too_large", { limit: formatSize(this.options.maxBytes) });
  }

  async #submit(event: Event): Promise<void> {
    event.preventDefault();
    if (this.#isBusy) return;
    this.showProblem("");
    this.setBusy(word("sealing"));
    await this.#reading;
    this.setBusy("");
    if (this.draft.isEmpty) {
      this.showProblem(word("answer_empty"));
      this.#text.focus();
      return;
    }
    const files = this.draft.files();
    if (estimateSealedSize(files) > this.options.maxBytes) return this.showProblem(this.#tooLarge());
    const found = signature(this.#find());
    if (found !== this.#accepted) {
      this.#accepted = found;
      this.showProblem(word("check_first"));
      this.#update();
      return;
    }
    this.options.send(files);
  }
}

function signature(findings: readonly Finding[]): string {
  return findings.map(({ kind, file }) => `${kind} ${file}`).join("\n");
}

function findingText(kind: Finding["kind"], file: string): string {
  const text = word(`found_${kind}`);
  return file ? `${file}: ${text}` : text;
}
