/** Settings: each with what it does and the command that does the same. */

import { Latest } from "satchel-share-page/latest";
import { h } from "satchel-share-page/view/dom";
import { memorySources, pauseMemory, type MemorySource, type MemorySources, type ServerEvent, setMemory, setSetting, type Setting, settings, setTelemetry, telemetry } from "../api";
import type { App, View } from "../app";
import { formatAgo, formatMoment, formatNumber, formatSize, inARow, nameOf, sentence, t } from "../i18n";
import { said } from "../server-lines";
import { button, input, labelled, note, select, toggle } from "../parts/controls";
import { confirm, openDialog } from "../parts/dialog";
import { redraw } from "../parts/redraw";
import { command, facts, page, section } from "../parts/table";
import { CloudPanel } from "./cloud";
import { ProcessingPanel } from "./processing";
import { SchedulePanel } from "./schedules";

export class SettingsView implements View {
  readonly element: HTMLElement;
  readonly title = t("settings");
  readonly #cloud: CloudPanel;
  readonly #processing: ProcessingPanel;
  readonly #schedules: SchedulePanel;
  readonly #telemetry = section(t("telemetry"));
  readonly #memory = section(t("memory"));
  readonly #defaults = section(t("defaults"));
  /** Whether changes wait until nothing is being typed. */
  #isBehind = false;
  readonly #memoryLoads = new Latest();
  readonly #telemetryLoads = new Latest();
  readonly #defaultsLoads = new Latest();

  constructor(private readonly app: App) {
    this.#cloud = new CloudPanel(app);
    this.#processing = new ProcessingPanel(app, false);
    this.#schedules = new SchedulePanel(app);
    const parts = [this.#cloud.element, this.#schedules.element, this.#processing.element, this.#memory, this.#telemetry, this.#defaults];
    this.element = page(t("settings"), t("settings_text"), ...(app.hello.is_read_only ? [note(t("read_only"), "info")] : []), ...parts);
    this.element.addEventListener("focusout", () => setTimeout(() => this.#isBehind && this.#loadUnlessUsed()));
  }

  async begin(): Promise<this> {
    await this.#load();
    return this;
  }

  hear({ kind, what }: ServerEvent): void {
    if (kind === "state" && ["cloud", "settings", "memory", "schedules"].includes(what)) this.#loadUnlessUsed();
  }

  resume(): void {
    this.#loadUnlessUsed();
  }

  #loadUnlessUsed(): void {
    this.#isBehind = this.#isUsed;
    if (!this.#isBehind) void this.#load();
  }

  /** Whether drawing again would take away what is being typed, or what was refused and can be corrected. */
  get #isUsed(): boolean {
    return this.element.querySelector("[aria-invalid=true], :is(input:not([type=checkbox]), select, textarea):focus") !== null;
  }

  async #load(): Promise<void> {
    await Promise.all([this.#cloud.load(), this.#schedules.load(), this.#processing.load(), this.#loadMemory(), this.#loadTelemetry(), this.#loadDefaults()]);
  }

  // -- memory --------------------------------------------------------------------------------------------------

  async #loadMemory(): Promise<void> {
    const isLatest = this.#memoryLoads.ask();
    const found = await this.app.attempt(memorySources);
    if (found && isLatest()) this.#drawMemory(found);
  }

  #drawMemory(found: MemorySources): void {
    const change = async (work: () => Promise<MemorySources>) => {
      await this.app.attempt(work);
      await this.#loadMemory();
    };
    const isOn = found.sources.some(({ is_on: on }) => on);
    const pause = found.paused_until
      ? button({ label: t("memory_resume"), run: () => void change(() => pauseMemory({ duration: null })) })
      : button({ label: t("memory_pause"), run: () => void change(() => pauseMemory({ duration: "1h" })) });
    const sources = found.sources.map((source) => this.#source(source, change));
    const held = found.oldest && facts([[t("oldest"), formatMoment(found.oldest)], [t("size"), formatSize(found.size_bytes)], [t("exclusions"), found.exclusions.join(", ")]]); // prettier-ignore
    redraw(this.#memory, [h("h2", { text: t("memory") }), h("p.help", { text: t("memory_text") }), ...sources, held, isOn && h("div.row-of", {}, pause, found.paused_until && h("span.help", { text: t("memory_paused") })), this.#command("satchel memory")]);
  }

  #source(source: MemorySource, change: (work: () => Promise<MemorySources>) => Promise<void>): HTMLElement {
    const { name, is_on: isOn, what, events, since } = source;
    const act = async (on: boolean) => {
      if (on && name === "files") return this.#chooseFolders(change);
      if (on && name === "shell" && !(await confirm(t("memory_shell"), t("memory_shell_text"), t("switch_on")))) return this.#loadMemory();
      await change(() => setMemory({ source: name as "shell", is_on: on }));
    };
    const state = isOn && since ? `${formatNumber(events)} · ${t("since", { when: formatAgo(since) })}` : "";
    return h("div.setting", {}, toggle(nameOf(`memory_of_${name}`, name), isOn, (on) => void act(on), inARow([sentence(said(what)), ...source.places, state])), this.#command(source.command));
  }

  async #chooseFolders(change: (work: () => Promise<MemorySources>) => Promise<void>): Promise<void> {
    const folders = input({ dir: "ltr", placeholder: "~/code" });
    let places: string[] = [];
    const go = button({
      label: t("switch_on"),
      class: "primary",
      run: () => {
        places = folders.value.split(",").map((place) => place.trim()).filter(Boolean); // prettier-ignore
        if (places.length) dialog.close();
        else folders.focus();
      },
    });
    const dialog = openDialog(t("memory_files"), { class: "narrow" }, labelled(t("folders"), folders, t("folders_help")), h("div.actions", {}, go));
    folders.focus();
    await dialog.closed;
    if (places.length) await change(() => setMemory({ source: "files", is_on: true, places }));
    else await this.#loadMemory();
  }

  // -- telemetry -----------------------------------------------------------------------------------------------

  async #loadTelemetry(): Promise<void> {
    const isLatest = this.#telemetryLoads.ask();
    const found = await this.app.attempt(telemetry);
    if (!found || !isLatest()) return;
    const change = async (isOn: boolean) => {
      await this.app.attempt(() => setTelemetry({ is_on: isOn }));
      await this.#loadTelemetry();
    };
    const waiting = found.document !== null && h("details", {}, h("summary", { text: t("telemetry_document") }), h("pre.document", { text: found.document, attrs: { dir: "ltr", tabindex: "0" } }));
    redraw(this.#telemetry, [h("h2", { text: t("telemetry") }), toggle(t("telemetry_switch"), found.is_on, (isOn) => void change(isOn), t("telemetry_text")), found.no_tracking && note(t("telemetry_off_by", { name: found.no_tracking }), "info"), waiting, this.#command(found.command)]);
  }

  // -- defaults of options -------------------------------------------------------------------------------------

  async #loadDefaults(): Promise<void> {
    const isLatest = this.#defaultsLoads.ask();
    const found = await this.app.attempt(settings);
    if (!found || !isLatest()) return;
    const items = found.settings.map((setting) => this.#setting(setting));
    redraw(this.#defaults, [h("h2", { text: t("defaults") }), h("p.help", { text: t("defaults_text") }), ...items]);
  }

  #setting({ name, value, help, default: standard, is_default: isDefault, command: same, set_by: setBy }: Setting): HTMLElement {
    const sets = new Latest();
    const set = async (next: string | null) => {
      const isLatest = sets.ask();
      const changed = await this.app.attempt(() => setSetting({ name, value: next }));
      if (!isLatest()) return;
      if (!changed) return field.setAttribute("aria-invalid", "true"); // what was typed stays
      this.app.announce(t("saved"));
      const again = this.#setting(changed.settings.find((one) => one.name === name)!);
      const hadFocus = element.contains(document.activeElement);
      element.replaceWith(again);
      if (hadFocus) again.querySelector<HTMLElement>("input, select")?.focus();
      if (name === "offline") await Promise.all([this.#cloud.load(), this.#processing.load()]);
    };
    const field = isSwitch(value, standard) ? select(["on", "off"].map((each) => ({ value: each, label: t(each as "on") })), value, undefined, { disabled: Boolean(setBy) }) : input({ value, dir: "ltr", disabled: Boolean(setBy) });
    field.addEventListener("change", () => void set(field.value));
    const reset = !isDefault && !setBy && button({ label: t("restore_default"), class: "quiet", run: () => void set(null) });
    const element = h("div.setting.default", {}, labelled(name, field, sentence(said(help))), h("div.stack", {}, this.#command(setBy || same), reset));
    return element;
  }

  #command(text: string): HTMLElement {
    return command(text, (said) => this.app.announce(said));
  }
}

/** Whether a setting is on or off. */
function isSwitch(...values: readonly string[]): boolean {
  return values.every((value) => value === "on" || value === "off");
}
