/** Back up: the state at a glance, a backup now, a proof, restoring, and the calendar of what retention keeps. */

import { Latest } from "satchel-share-page/latest";
import { append, h } from "satchel-share-page/view/dom";
import { backups, type BackupView, calendar, type Calendar, deleteBackups, type Protection, protection, type ServerEvent, settings, startBackup, startVerify, undeleteBackups, undoRestore } from "../api";
import type { App, Key, View } from "../app";
import { icon } from "../frame/icons";
import { formatAgo, formatMoment, formatNumber, formatSize, plural, sentence, t } from "../i18n";
import { said } from "../server-lines";
import { button, checkbox, input, labelled, note, whileBusy } from "../parts/controls";
import { confirm, openDialog } from "../parts/dialog";
import { JobProgress } from "../parts/job";
import { redraw } from "../parts/redraw";
import { command, facts, page, section, table } from "../parts/table";
import { RetentionPanel } from "./calendar";
import { openRestore } from "./restore";

export class BackupsView implements View {
  readonly element: HTMLElement;
  readonly title = t("backups");
  readonly #state = h("section.panel.protection");
  readonly #list = h("div.backup-list");
  readonly #calendar = h("div");
  readonly #progress: JobProgress;
  /** Whether the next backup includes the memory; null if there is none. */
  #withMemory: boolean | null = null;
  #retention: RetentionPanel | null = null;
  readonly #stateLoads = new Latest();
  readonly #cloudLoads = new Latest();

  constructor(private readonly app: App) {
    this.#progress = new JobProgress(app);
    this.element = page(t("backups"), t("backups_text"), this.#state, this.#progress.element, this.#list, this.#calendar);
  }

  readonly keys: readonly Key[] = [{ key: "b", label: "backup_now", run: () => void this.#backup(null) }];

  async begin(): Promise<this> {
    if (this.app.hello.has_memory) {
      const all = await this.app.attempt(settings);
      this.#withMemory = all?.settings.find(({ name }) => name === "backup.with-memory")?.value === "on";
    }
    await this.#loadState();
    void this.#loadCloud();
    return this;
  }

  hear({ kind, what }: ServerEvent): void {
    if (kind !== "state" || (what !== "backups" && what !== "cloud")) return;
    void this.#loadState();
    void this.#loadCloud();
  }

  resume(): void {
    void this.#loadState();
  }

  // -- the state -----------------------------------------------------------------------------------------------

  async #loadState(): Promise<void> {
    const isLatest = this.#stateLoads.ask();
    const state = await this.app.attempt(() => protection({}));
    if (state && isLatest()) this.#drawState(state);
  }

  #drawState(state: Protection): void {
    const isGood = state.healthy && state.last_backup !== null;
    const verdict = isGood ? t("protected") : t(state.last_backup === null ? "no_backup_yet" : "not_protected");
    const isEmpty = !state.pieces && state.last_backup === null; // nothing can be lost yet
    const title = h("div.verdict", { class: isGood ? "good" : isEmpty ? "" : "warn" }, icon(isGood ? "check" : isEmpty ? "backup" : "alert"), h("h2", { text: verdict }));
    const hasNone = state.last_backup === null; // the heading says so
    const findings = state.findings.filter(({ verdict, name }) => verdict !== "ok" && !(hasNone && name === "backup")).map(({ detail, hint, verdict }) => note(sentence(said(detail)), verdict === "failed" ? "bad" : "warn", hint ? h("p.help", { text: sentence(said(hint)), attrs: { dir: "auto" } }) : null));
    const [last] = state.backups;
    const list = facts([
      [t("last_backup"), state.last_backup ? `${formatAgo(state.last_backup)} (${formatMoment(state.last_backup)})` : t("never")],
      [t("where"), last && (last.kind === "cloud" ? new URL(last.destination).host : last.destination)],
      [t("proven"), state.proof ? `${formatAgo(state.proof.at)} · ${t(state.proof.whole ? "proven_whole" : "proven_sample", { n: formatNumber(state.proof.checked), of: formatNumber(state.proof.pieces) })}` : t("never")],
      [t("next_backup"), state.next_backup ? formatAgo(state.next_backup) : t("no_schedule")],
      [t("pieces"), formatNumber(state.pieces)],
      [t("size"), formatSize(state.store_bytes)],
    ]);
    const how = !this.app.hello.cloud && hasNone ? [h("p", { text: t("backup_how") })] : [];
    const memory = this.#withMemory === null ? [] : [checkbox(t("include_memory"), this.#withMemory, (isOn) => (this.#withMemory = isOn))];
    redraw(this.#state, [title, ...how, ...findings, list, ...memory, this.#actions(state), command("satchel backup", (text) => this.app.announce(text))]);
  }

  #actions(state: Protection): HTMLElement {
    const hasCloud = Boolean(this.app.hello.cloud);
    const now = button({ label: t("backup_now"), icon: "backup", class: "primary", key: "b", run: () => void whileBusy(now, () => this.#backup(null)) });
    const actions = h("div.row-of");
    append(actions, [
      hasCloud ? now : button({ label: t("backup_to_file"), icon: "file", class: "primary", key: "b", run: () => void this.#backupToFile() }),
      hasCloud ? button({ label: t("backup_to_file"), icon: "file", run: () => void this.#backupToFile() }) : button({ label: t("connect_cloud"), icon: "cloud", run: () => this.app.go("settings") }),
      state.backups.length > 0 && button({ label: t("verify"), icon: "check", run: () => void this.#verify(state) }),
      (hasCloud || state.backups.length > 0) && !this.app.hello.is_read_only && button({ label: t("restore"), icon: "restore", run: () => this.#restore("latest", fileOf(state)) }),
      state.can_undo_restore && !this.app.hello.is_read_only && button({ label: t("undo_restore"), class: "quiet", run: () => void this.#undo() }),
    ]);
    return actions;
  }

  async #backup(toFile: string | null): Promise<void> {
    if (!toFile && !this.app.hello.cloud) return this.#backupToFile();
    const job = await this.#progress.run(() => startBackup({ to_file: toFile, with_memory: this.#withMemory }));
    const made = job?.result?.backup;
    if (!made) return;
    this.app.say([plural("backed_up", made.pieces), made.memory && t("with_the_memory"), formatSize(made.size_bytes)].filter(Boolean).join(" · "));
    await this.#loadState();
    void this.#loadCloud();
  }

  /** Ask for the file. Without a cloud, this is how to back up. */
  async #backupToFile(): Promise<void> {
    const path = input({ dir: "ltr", placeholder: "~/satchel.backup" });
    const go = button({ label: t("backup_now"), class: "primary", run: () => (path.value.trim() ? dialog.close() : path.focus()) });
    let isChosen = false;
    go.addEventListener("click", () => (isChosen = Boolean(path.value.trim())));
    path.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault(); // else it would press the button that gets the focus back
      go.click();
    });
    const dialog = openDialog(t("backup_to_file"), { class: "narrow" }, labelled(t("path_on_device"), path, t("backup_file_help")), h("div.actions", {}, go));
    path.focus();
    await dialog.closed;
    if (isChosen) await this.#backup(path.value.trim());
  }

  async #verify(state: Protection): Promise<void> {
    const job = await this.#progress.run(() => startVerify({ from_file: this.app.hello.cloud ? null : fileOf(state) }));
    if (!job?.result?.verified) return;
    this.app.say(plural("verified", job.result.verified.checked ?? job.result.verified.pieces));
    await this.#loadState();
  }

  #restore(backup: string, fromFile: string | null): void {
    openRestore(this.app, { backup, fromFile: this.app.hello.cloud && backup !== "latest" ? null : this.app.hello.cloud ? null : fromFile });
  }

  async #undo(): Promise<void> {
    if (!(await confirm(t("undo_restore"), t("undo_restore_text"), t("undo_restore")))) return;
    const job = await this.#progress.run(undoRestore);
    if (job) this.app.say(t("restore_undone"));
  }

  // -- backups in the cloud ------------------------------------------------------------------------------------

  async #loadCloud(): Promise<void> {
    if (!this.app.hello.cloud) return;
    const isLatest = this.#cloudLoads.ask();
    const [all, kept] = await Promise.all([this.app.attempt(backups), this.app.attempt(() => calendar({}))]);
    if (!all || !isLatest()) return;
    redraw(this.#list, [section(t("backups_in_cloud"), this.#table(all.backups, kept), this.#deleted(all.deleted))]);
    if (!kept || this.#retention?.isChanged) return;
    this.#retention = new RetentionPanel(this.app, kept);
    this.#calendar.replaceChildren(section(t("calendar"), this.#retention.element));
  }

  #table(all: readonly BackupView[], kept: Calendar | undefined): HTMLElement {
    if (!all.length) return h("p.help", { text: t("no_backups") });
    const keptBy = new Map(kept?.backups.map((backup) => [backup.id, backup.kept_by]));
    return table(t("backups_in_cloud"), [
      { label: t("made"), class: "when", cell: ({ created }) => h("span", { text: formatMoment(created), attrs: { title: formatAgo(created) } }) },
      { label: t("device"), cell: ({ device }) => device ?? "" },
      { label: t("pieces"), class: "number", cell: ({ pieces, authentic }) => (authentic && pieces !== null ? formatNumber(pieces) : t("damaged")) },
      { label: t("memory"), cell: ({ memory }) => (memory ? t("included") : "") },
      { label: t("size"), class: "number", cell: ({ size_bytes: size }) => formatSize(size) },
      { label: t("kept_by"), cell: ({ id }) => (keptBy.get(id) ?? []).map((rule) => t(`kept_${rule}`)).join(", ") },
      { label: t("actions"), class: "actions", cell: (backup) => this.#backupActions(backup) },
    ], all); // prettier-ignore
  }

  #backupActions({ id, created }: BackupView): HTMLElement {
    const actions = h("div.row-of", { attrs: { role: "group", "aria-label": `${t("actions")}: ${formatMoment(created)}` } });
    append(actions, [!this.app.hello.is_read_only && button({ label: t("restore"), run: () => this.#restore(id, null) }), button({ label: t("delete_backup"), icon: "trash", isIconOnly: true, class: "quiet", run: () => void this.#delete(id, created) })]);
    return actions;
  }

  async #delete(id: string, created: string): Promise<void> {
    if (!(await confirm(t("delete_backup"), t("delete_backup_text", { when: formatMoment(created) }), t("delete_backup"), { isDangerous: true }))) return;
    if (await this.app.attempt(() => deleteBackups({ ids: [id] }))) await this.#loadCloud();
  }

  #deleted(deleted: readonly { readonly id: string; readonly created: string; readonly final: string }[]): HTMLElement | false {
    if (!deleted.length) return false;
    const bringBack = async (id: string) => {
      if (await this.app.attempt(() => undeleteBackups({ ids: [id] }))) await this.#loadCloud();
    };
    const rows = deleted.map(({ id, created, final }) => h("li.row-of", {}, h("span", { text: `${formatMoment(created)} · ${t("deleted_for_good", { when: formatAgo(final) })}` }), button({ label: t("bring_back"), run: () => void bringBack(id) })));
    return h("details", {}, h("summary", { text: plural("deleted_backups", deleted.length) }), h("ul.plain", {}, ...rows));
  }
}

/** The file of the last backup to a file, if there is one. */
function fileOf({ backups: all }: Protection): string | null {
  return all.find(({ kind }) => kind === "file")?.destination ?? null;
}
