/** Import: files, a folder, or a path of this device; first a preview of what will come, then the import. */

import { reveal } from "satchel-share-page/code/hidden-characters";
import { Latest } from "satchel-share-page/latest";
import { h } from "satchel-share-page/view/dom";
import { type ImportPreview, importKinds, type ImportRequest, previewImport, startImport, upload } from "../api";
import type { App } from "../app";
import { formatNumber, formatSize, plural, sentence, t } from "../i18n";
import { button, checkbox, input, labelled, note, select, whileBusy } from "../parts/controls";
import { JobProgress } from "../parts/job";
import { said } from "../server-lines";
import { pathOf } from "./dropped";

const MAX_PARALLEL = 6;

/** What was chosen and not imported yet, for when the form is drawn again. */
const left = { path: "", kind: "", includesGenerated: false };

export class ImportPanel {
  readonly element: HTMLDetailsElement;
  readonly #shown = h("div.import-preview", { attrs: { "aria-live": "polite" } });
  readonly #path: HTMLInputElement;
  readonly #kind = select([{ value: "", label: t("detect_format") }], "");
  readonly #previews = new Latest();
  #files: readonly File[] = [];
  #hasKinds = false;

  constructor(private readonly app: App) {
    this.#path = input({ placeholder: "~/notes", dir: "ltr", value: left.path }, () => (left.path = this.#path.value));
    this.#kind.addEventListener("change", () => (left.kind = this.#kind.value));
    const look = button({ label: t("preview"), class: "primary", run: () => void whileBusy(look, () => this.#previewPath()) });
    const fields = h("div.field-row", {}, labelled(t("path_on_device"), this.#path, t("path_help")), labelled(t("format"), this.#kind));
    const generated = checkbox(t("include_generated"), left.includesGenerated, (isOn) => (left.includesGenerated = isOn));
    this.element = h("details.import", { attrs: { open: left.path !== "" }, on: { toggle: () => void this.#loadKinds() } }, h("summary", { text: t("import_many") }), h("p.help", { text: t("import_text") }), fields, generated, h("div.row-of", {}, look), this.#shown);
  }

  /** Preview the import of files of the page. */
  take(files: readonly File[]): void {
    this.element.open = true;
    this.#files = files;
    void this.#previewFiles();
  }

  async #loadKinds(): Promise<void> {
    if (this.#hasKinds || !this.element.open) return;
    this.#hasKinds = true;
    const found = await this.app.attempt(importKinds);
    this.#kind.append(...(found?.kinds ?? []).map(({ kind, description }) => h("option", { text: sentence(said(description)), attrs: { value: kind, selected: kind === left.kind } })));
  }

  async #previewPath(): Promise<void> {
    if (!this.#path.value.trim()) return this.#path.focus();
    await this.#preview({ path: this.#path.value.trim() });
  }

  async #previewFiles(): Promise<void> {
    const progress = h("progress", { attrs: { max: String(this.#files.length), "aria-label": t("sending_files") } });
    const isLatest = this.#previews.ask();
    this.#shown.replaceChildren(h("p", { text: t("sending_files") }), progress);
    const sent = await this.app.attempt(() => sendAll(this.#files, (done) => (progress.value = done)));
    if (sent && isLatest()) await this.#preview({ files: sent });
  }

  async #preview(source: Partial<ImportRequest>): Promise<void> {
    const request = { ...source, kind: this.#kind.value || null, include_generated: left.includesGenerated };
    const isLatest = this.#previews.ask();
    this.#shown.replaceChildren(h("p.help", { text: t("loading") }));
    const found = await this.app.attempt(() => previewImport(request));
    if (!isLatest()) return;
    this.#shown.replaceChildren(...(found ? [this.#draw(found, request)] : []));
  }

  #draw(found: ImportPreview, request: ImportRequest): HTMLElement {
    const rows = found.items.map(({ title, language, tags, size_bytes: size, source }) =>
      h("tr", {}, h("td", { text: reveal(title || source), attrs: { dir: "auto" } }), h("td", { text: language ?? "" }), h("td", { text: tags.map(reveal).join(", "), attrs: { dir: "auto" } }), h("td.number", { text: formatSize(size) })),
    );
    const heads = [t("title_of_piece"), t("language_of_code"), t("tags"), t("size")].map((text) => h("th", { text, attrs: { scope: "col" } }));
    const table = rows.length > 0 && h("div.table-scroll", { attrs: { tabindex: "0", role: "region", "aria-label": t("preview") } }, h("table.table", {}, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...rows)));
    const more = found.new > rows.length && h("p.help", { text: plural("and_more", found.new - rows.length) });
    const skipped = found.skipped.map(({ reason, count }) => h("li", { text: `${formatNumber(count)} · ${said(reason)}` }));
    const problems = found.problems.map(({ where, reason }) => h("li", { text: `${reveal(where)}: ${said(reason)}`, attrs: { dir: "auto" } }));
    const go = button({ label: plural("import_pieces", found.new), icon: "plus", class: "primary", run: () => void whileBusy(go, () => this.#start(request)) });
    return h(
      "div.preview-result",
      {},
      h("p", {}, h("strong", { text: plural("new_pieces", found.new) }), ` ${t("format")}: ${this.#nameOf(found.kind)}`),
      !found.is_whole && note(t("preview_partial"), "info"),
      table, more,
      skipped.length > 0 && h("details", {}, h("summary", { text: t("skipped") }), h("ul.plain", {}, ...skipped)),
      problems.length > 0 && h("details", {}, h("summary", { text: t("problems") }), h("ul.plain", {}, ...problems)),
      found.new > 0 && go,
    ); // prettier-ignore
  }

  #nameOf(kind: string): string {
    return [...this.#kind.options].find(({ value }) => value === kind)?.text ?? kind;
  }

  async #start(request: ImportRequest): Promise<void> {
    const progress = new JobProgress(this.app);
    this.#shown.append(progress.element);
    const job = await progress.run(() => startImport(request));
    if (!job?.result?.imported) return;
    Object.assign(left, { path: "", kind: "", includesGenerated: false });
    this.#shown.replaceChildren(h("p", { text: plural("imported_pieces", job.result.imported.imported), attrs: { role: "status" } }), button({ label: t("show_pieces"), icon: "pieces", run: () => this.app.go("find") }));
  }
}

/** Send all files, some at a time. */
async function sendAll(files: readonly File[], progress: (done: number) => void): Promise<{ upload: string; name: string }[]> {
  const sent: { upload: string; name: string }[] = new Array(files.length);
  let [next, done] = [0, 0];
  const work = async () => {
    while (next < files.length) {
      const index = next++;
      sent[index] = { upload: (await upload(files[index]!)).upload, name: pathOf(files[index]!) };
      progress(++done);
    }
  };
  await Promise.all(Array.from({ length: MAX_PARALLEL }, work));
  return sent;
}
