/** What the retention keeps: a calendar with a mark for every backup, and the rules, tried out before they are set. */

import { Latest } from "satchel-share-page/latest";
import { h } from "satchel-share-page/view/dom";
import { calendar, type Calendar, type KeptBackup, type Retention, setRetention } from "../api";
import type { App } from "../app";
import { formatDay, formatMoment, locale, plural, t } from "../i18n";
import { button, input, labelled, note, whileBusy } from "../parts/controls";
import { confirm } from "../parts/dialog";

const RULES = ["last", "daily", "weekly", "monthly"] as const;
const TRY_MS = 300;
const MAX_MONTHS = 12;

export class RetentionPanel {
  readonly element = h("div.retention");
  readonly #months = h("div.months");
  readonly #effect = h("div", { attrs: { "aria-live": "polite" } });
  readonly #inputs = new Map<keyof Retention, HTMLInputElement>();
  readonly #tries = new Latest();
  #timer = 0;

  constructor(
    private readonly app: App,
    private current: Calendar,
  ) {
    const fields = RULES.map((rule) => {
      const field = input({ type: "number", min: "0", max: "10000", value: String(current.retention[rule]) }, () => this.#changed());
      this.#inputs.set(rule, field);
      return labelled(t(`keep_${rule}`), field);
    });
    const save = button({ label: t("set_retention"), class: "primary", run: () => void whileBusy(save, () => this.#save()) });
    this.element.append(h("p.help", { text: t("calendar_text") }), this.#months, h("div.field-row", {}, ...fields), this.#effect, h("div.row-of", {}, save));
    this.#draw(current);
  }

  get #values(): Retention {
    const value = (rule: keyof Retention) => Math.max(0, Math.floor(Number(this.#inputs.get(rule)!.value) || 0));
    return { last: value("last"), daily: value("daily"), weekly: value("weekly"), monthly: value("monthly") };
  }

  /** Whether there is something in the fields that is not set. */
  get isChanged(): boolean {
    return RULES.some((rule) => this.#values[rule] !== this.current.retention[rule]);
  }

  #changed(): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#try(), TRY_MS);
  }

  async #try(): Promise<void> {
    const isLatest = this.#tries.ask();
    const tried = await this.app.attempt(() => calendar(this.#values));
    if (tried && isLatest()) this.#draw(tried);
  }

  /** Set what is in the fields now, if the owner agrees to what that removes. */
  async #save(): Promise<void> {
    clearTimeout(this.#timer);
    this.#tries.ask(); // an earlier answer would show other values
    const values = this.#values;
    const tried = await this.app.attempt(() => calendar(values));
    if (!tried) return;
    this.#draw(tried);
    const { removed } = tried;
    if (removed.length && !(await confirm(t("set_retention"), plural("would_remove", removed.length), t("set_retention"), { isDangerous: true }))) return;
    const set = await this.app.attempt(() => setRetention(values));
    if (!set) return;
    this.current = set;
    this.#draw(set);
    this.app.say(t("saved"));
  }

  #draw({ backups, removed, restored }: Calendar): void {
    const gone = new Set(removed);
    const byDay = grouped(backups);
    const months = [...new Set(backups.map((backup) => dayOf(backup).slice(0, 7)))].sort().reverse().slice(0, MAX_MONTHS);
    this.#months.replaceChildren(...months.map((month) => drawMonth(month, byDay, gone)));
    this.#effect.replaceChildren(...(removed.length ? [note(plural("would_remove", removed.length))] : []), ...(restored.length ? [note(plural("would_bring_back", restored.length), "info")] : []));
  }
}

function grouped(backups: readonly KeptBackup[]): Map<string, KeptBackup[]> {
  const groups = new Map<string, KeptBackup[]>();
  for (const backup of backups) groups.set(dayOf(backup), [...(groups.get(dayOf(backup)) ?? []), backup]);
  return groups;
}

/** The local day of a backup, as YYYY-MM-DD. */
function dayOf({ created }: KeptBackup): string {
  const time = new Date(created);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

function drawMonth(month: string, byDay: ReadonlyMap<string, readonly KeptBackup[]>, gone: ReadonlySet<string>): HTMLElement {
  const first = new Date(`${month}-01T12:00:00`);
  const days = new Date(first.getFullYear(), first.getMonth() + 1, 0).getDate();
  const name = new Intl.DateTimeFormat(locale(), { month: "long", year: "numeric" }).format(first);
  const blanks = Array.from({ length: (first.getDay() + 6) % 7 }, () => h("li.blank", { attrs: { "aria-hidden": "true" } }));
  const cells = Array.from({ length: days }, (_, index) => drawDay(`${month}-${String(index + 1).padStart(2, "0")}`, index + 1, byDay, gone));
  return h("div.month", {}, h("h3", { text: name }), h("ol.days", { attrs: { role: "list", "aria-label": name } }, ...blanks, ...cells));
}

function drawDay(day: string, number: number, byDay: ReadonlyMap<string, readonly KeptBackup[]>, gone: ReadonlySet<string>): HTMLElement {
  const backups = byDay.get(day) ?? [];
  if (!backups.length) return h("li", { attrs: { "aria-hidden": "true" } }, String(number));
  const lines = backups.map(({ id, created, kept_by: rules }) => `${formatMoment(created)}: ${gone.has(id) || !rules.length ? t("not_kept") : rules.map((rule) => t(`kept_${rule}`)).join(", ")}`);
  const isGone = backups.every(({ id, kept_by: rules }) => gone.has(id) || !rules.length);
  const strongest = ["held", "monthly", "weekly", "daily", "last", "expires"].find((rule) => backups.some(({ kept_by: rules }) => rules.includes(rule as never))) ?? "";
  return h("li.has-backup", { class: isGone ? "is-gone" : strongest, attrs: { title: lines.join("\n") } }, h("span", { text: String(number), attrs: { "aria-hidden": "true" } }), h("span.visually-hidden", { text: `${formatDay(backups[0]!.created)}: ${lines.join("; ")}` }));
}
