/** Schedules: what the system runs regularly, shown exactly before it is installed. */

import { Latest } from "satchel-share-page/latest";
import { append, h } from "satchel-share-page/view/dom";
import { addSchedule, previewSchedule, removeSchedule, type SchedulePlan, type ScheduleRequest, schedules, type ScheduleView } from "../api";
import type { App } from "../app";
import { formatAgo, formatSpan, sentence, t } from "../i18n";
import { button, input, labelled, note, select, whileBusy } from "../parts/controls";
import { confirm, openDialog } from "../parts/dialog";
import { redraw } from "../parts/redraw";
import { command, facts, section } from "../parts/table";
import { said } from "../server-lines";

const INTERVALS = ["1h", "6h", "1d", "1w"] as const;

export class SchedulePanel {
  readonly element = section(t("schedule"));
  readonly #loads = new Latest();

  constructor(private readonly app: App) {}

  async load(): Promise<void> {
    const isLatest = this.#loads.ask();
    const found = await this.app.attempt(schedules);
    if (!found || !isLatest()) return;
    const items = found.schedules.map((schedule) => this.#item(schedule));
    redraw(this.element, [h("h2", { text: t("schedule") }), h("p.help", { text: t("schedule_text") }), ...items, !this.app.hello.is_read_only && button({ label: t("add_schedule"), icon: "plus", run: () => this.#openForm() }), command("satchel schedule backup", (text) => this.app.announce(text))]);
  }

  #item(schedule: ScheduleView): HTMLElement {
    const remove = async () => {
      if (!(await confirm(t("remove_schedule_title"), t("remove_schedule_text", { name: schedule.name }), t("remove_schedule"), { isDangerous: true }))) return;
      if (await this.app.attempt(() => removeSchedule({ name: schedule.name }))) await this.load();
    };
    const failed = schedule.exit_code ? note(schedule.message ? sentence(said(schedule.message)) : t("last_run_failed"), "bad") : false;
    const list = facts([
      [t("every"), formatSpan(schedule.every_s)],
      [t("last_run"), schedule.last_run ? formatAgo(schedule.last_run) : t("never")],
      [t("next_run"), schedule.next_run && formatAgo(schedule.next_run)],
      [t("by"), schedule.using],
    ]);
    const item = h("div.setting", {}, h("h3", { text: schedule.name }));
    append(item, [list, failed, schedule.installed === false && note(t("not_installed")), !this.app.hello.is_read_only && button({ label: t("remove_schedule"), class: "danger-quiet", run: () => void remove() }), command(schedule.command.join(" "), (text) => this.app.announce(text))]);
    return item;
  }

  #openForm(): void {
    const what = select((["backup", "sync", "verify"] as const).map((value) => ({ value, label: t(`schedule_${value}`) })), "backup"); // prettier-ignore
    const every = select(INTERVALS.map((value) => ({ value, label: t(`every_${value}`) })), "1d"); // prettier-ignore
    const file = input({ dir: "ltr", placeholder: "~/satchel.backup" });
    const shown = h("div", { attrs: { "aria-live": "polite" } });
    const request = (): ScheduleRequest => ({ what: what.value as "backup", every: every.value, to_file: what.value === "backup" ? file.value.trim() || null : null });
    const install = async (seen: ScheduleRequest) => {
      if (!(await this.app.attempt(() => addSchedule(seen)))) return;
      dialog.close();
      this.app.say(t("schedule_added"));
      await this.load();
    };
    const look = async () => {
      const seen = request();
      const plan = await this.app.attempt(() => previewSchedule(seen));
      if (!plan || JSON.stringify(seen) !== JSON.stringify(request())) return;
      const go = button({ label: t("install"), class: "primary", run: () => void whileBusy(go, () => install(seen)) });
      shown.replaceChildren(drawPlan(plan), h("div.actions", {}, go));
    };
    for (const control of [what, every, file]) control.addEventListener("input", () => shown.replaceChildren()); // it showed something else
    what.addEventListener("input", () => (place.hidden = what.value !== "backup"));
    const place = labelled(t("backup_file"), file, t("schedule_file_help"));
    const preview = button({ label: t("preview"), class: "primary", run: () => void whileBusy(preview, look) });
    const fields = h("div.field-row", {}, labelled(t("what"), what), labelled(t("every"), every));
    const dialog = openDialog(t("add_schedule"), {}, fields, place, h("div.row-of", {}, preview), shown);
  }
}

function drawPlan(plan: SchedulePlan): HTMLElement {
  const files = plan.files.map(({ path, content }) => h("details", {}, h("summary", {}, h("code", { text: path, attrs: { dir: "ltr" } })), h("pre.document", { text: content, attrs: { dir: "ltr", tabindex: "0" } })));
  const lines = plan.lines.length > 0 && h("pre.document", { text: plan.lines.join("\n"), attrs: { dir: "ltr", tabindex: "0" } });
  const content = h("div.panel", {}, h("p", {}, `${t("runs")} `, h("code", { text: plan.command.join(" "), attrs: { dir: "ltr" } })));
  append(content, [lines, ...files]);
  return content;
}
