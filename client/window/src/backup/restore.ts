/** Restore: some Pieces, what the store lacks, or the whole store; always with a preview of what would change. */

import { reveal } from "satchel-share-page/code/hidden-characters";
import { Latest } from "satchel-share-page/latest";
import { append, h } from "satchel-share-page/view/dom";
import { type BackedUpPiece, backupPieces, type JobResult, previewRestore, type RestorePreview, type RestoreRequest, startRestore } from "../api";
import type { App } from "../app";
import { formatAgo, formatMoment, inARow, plural, sentence, t } from "../i18n";
import { button, checkbox, input, note, select, uniqueId, whileBusy } from "../parts/controls";
import { type Dialog, openDialog } from "../parts/dialog";
import { JobProgress } from "../parts/job";
import { said } from "../server-lines";

type How = RestoreRequest["how"];

const SEARCH_MS = 200;

export interface RestoreSource {
  readonly backup: string;
  readonly fromFile: string | null;
}

export function openRestore(app: App, source: RestoreSource): void {
  new RestoreDialog(app, source);
}

class RestoreDialog {
  readonly #dialog: Dialog;
  readonly #pieces = h("div.choose-pieces");
  readonly #memory: HTMLElement;
  readonly #list = h("ul.plain.checks", { attrs: { role: "list" } });
  readonly #preview = h("div", { attrs: { "aria-live": "polite" } });
  readonly #progress: JobProgress;
  readonly #chosen = new Map<string, string>();
  readonly #words = input({ "aria-label": t("search_backup"), placeholder: t("search_backup"), type: "search", dir: "auto" }, () => this.#searchSoon());
  readonly #searches = new Latest();
  #how: How = "pieces";
  #withMemory = false;
  #timer = 0;

  constructor(
    private readonly app: App,
    private readonly source: RestoreSource,
  ) {
    this.#progress = new JobProgress(app);
    const choices = (["pieces", "merge", "replace"] as const).map((how) => ({ value: how, label: t(`restore_${how}`) }));
    const how = select(choices, this.#how, (value) => this.#choose(value as How), { id: uniqueId("how") });
    const file = input({ dir: "ltr", value: source.fromFile ?? "", placeholder: "~/satchel.backup", "aria-label": t("backup_file") });
    file.addEventListener("change", () => {
      Object.assign(this.source, { fromFile: file.value.trim() || null });
      this.#choose(this.#how);
    });
    const from = !app.hello.cloud && h("div.field", {}, h("label", { text: t("backup_file"), attrs: { for: (file.id = uniqueId("file")) } }), file);
    this.#memory = h("div", {}, checkbox(t("restore_memory"), false, (isOn) => {
      this.#withMemory = isOn;
      this.#preview.replaceChildren();
    }), h("p.help", { text: t("restore_memory_help") })); // prettier-ignore
    this.#memory.hidden = true;
    const look = button({ label: t("preview"), class: "primary", run: () => void whileBusy(look, () => this.#look()) });
    this.#pieces.append(this.#words, this.#list);
    this.#dialog = openDialog(t("restore"), { class: "restore" }, from, h("div.field", {}, h("label", { text: t("what_to_restore"), attrs: { for: how.id } }), how), this.#pieces, this.#memory, this.#progress.element, this.#preview, h("div.actions", {}, look));
    void this.#search();
  }

  /** Where the backup is. Without a name, it is the latest one. */
  get #place(): Pick<RestoreRequest, "backup" | "from_file"> {
    const { backup, fromFile } = this.source;
    return { from_file: fromFile, ...(backup === "latest" ? {} : { backup }) };
  }

  get #request(): RestoreRequest {
    const isWhole = this.#how === "replace";
    return { how: this.#how, ...this.#place, pieces: this.#how === "pieces" ? [...this.#chosen.keys()] : [], with_memory: isWhole && this.#withMemory };
  }

  #choose(how: How): void {
    this.#how = how;
    this.#pieces.hidden = how !== "pieces";
    this.#memory.hidden = how !== "replace";
    this.#preview.replaceChildren();
    if (how === "pieces") void this.#search();
  }

  // -- choosing Pieces -----------------------------------------------------------------------------------------

  #searchSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#search(), SEARCH_MS);
  }

  async #search(): Promise<void> {
    if (!this.app.hello.cloud && !this.source.fromFile) return;
    const isLatest = this.#searches.ask();
    const found = await this.app.attempt(() => backupPieces({ ...this.#place, words: this.#words.value.trim(), limit: 100 }));
    if (!found || !isLatest()) return;
    this.#list.replaceChildren(...found.pieces.map((piece) => this.#item(piece)));
    if (!found.pieces.length) this.#list.append(h("li.help", { text: t("nothing_found") }));
    if (found.has_more) this.#list.append(h("li.help", { text: t("type_to_narrow") }));
  }

  #item({ id, title, language, updated }: BackedUpPiece): HTMLElement {
    const name = reveal(title) || t("untitled");
    const change = () => {
      if (box.checked) this.#chosen.set(id, name);
      else this.#chosen.delete(id);
      this.#preview.replaceChildren();
    };
    const box = h("input", { attrs: { type: "checkbox", id: uniqueId("piece"), checked: this.#chosen.has(id) }, on: { change } });
    return h("li.check", {}, box, h("label", { attrs: { for: box.id, dir: "auto" } }, name, " ", h("span.help", { text: inARow([language, formatAgo(updated)]) })));
  }

  // -- preview and restore -------------------------------------------------------------------------------------

  async #look(): Promise<void> {
    if (this.#how === "pieces" && !this.#chosen.size) return this.app.say(t("choose_pieces"));
    const request = this.#request;
    const job = await this.#progress.run(() => previewRestore(request));
    if (!job?.result?.restore || JSON.stringify(request) !== JSON.stringify(this.#request)) return;
    this.#preview.replaceChildren(this.#drawPreview(job.result.restore, request));
    this.#preview.querySelector<HTMLElement>("button")?.focus();
  }

  #drawPreview(found: RestorePreview, request: RestoreRequest): HTMLElement {
    const counts = [
      found.added && plural("would_add", found.added),
      found.updated && plural("would_update", found.updated),
      found.brought_back && plural("would_revive", found.brought_back),
      found.removed && plural("would_delete", found.removed),
      found.conflicts && plural("would_conflict", found.conflicts),
      found.missing && plural("would_lose", found.missing),
      found.newer && plural("would_revert", found.newer),
      ...memoryCounts(found, request),
    ].filter(Boolean);
    const lost = [...found.missing_pieces, ...found.newer_pieces].map(({ title }) => h("li", { text: reveal(title) || t("untitled"), attrs: { dir: "auto" } }));
    const isDangerous = found.how === "replace" && found.missing + found.newer + found.memory_newer > 0;
    const go = button({ label: t("restore_now"), icon: "restore", class: isDangerous ? "danger" : "primary", run: () => void whileBusy(go, () => this.#restore(request)) });
    const panel = h("div.panel", {}, h("p", {}, h("strong", { text: t("backup_of", { when: formatMoment(found.created), device: found.device }) })));
    append(panel, [
      h("ul.plain", {}, ...(counts.length ? counts : [t("nothing_would_change")]).map((text) => h("li", { text: String(text) }))),
      lost.length > 0 && h("details", {}, h("summary", { text: t("which_pieces") }), h("ul.plain", {}, ...lost)),
      found.warning !== "" && note(sentence(said(found.warning))),
      found.how === "replace" && h("p.help", { text: t("replace_help") }),
      go,
    ]);
    return panel;
  }

  /** Do what the preview showed. */
  async #restore(request: RestoreRequest): Promise<void> {
    const job = await this.#progress.run(() => startRestore(request));
    if (!job?.result) return;
    this.#dialog.close();
    this.app.say(summaryOf(job.result));
  }
}

/** What becomes of the memory in the backup, and of the one here. */
function memoryCounts({ how, memory_events: events, memory_replaced: replaced, memory_newer: newer, is_memory_unreadable: isUnreadable }: RestorePreview, request: RestoreRequest): (string | false)[] {
  if (how !== "replace" || events === null) return [];
  if (!request.with_memory) return [plural("would_leave_memory", events)];
  return [plural("would_restore_memory", events), replaced > 0 && plural("would_replace_memory", replaced), newer > 0 && plural("would_lose_events", newer), isUnreadable && t("memory_unreadable")];
}

function summaryOf({ merged, restored }: JobResult): string {
  if (merged) return plural("restored_pieces", merged.added + merged.updated + merged.restored);
  return plural("restored_pieces", restored?.pieces ?? 0) + (restored?.memory ? ` ${t("memory_restored")}` : "");
}
