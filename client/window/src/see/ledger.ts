/** The ledger: everything that left this device, with the exact text of every prompt. */

import { reveal } from "satchel-share-page/code/hidden-characters";
import { Latest } from "satchel-share-page/latest";
import { h } from "satchel-share-page/view/dom";
import { forgetLedger, ledger, type LedgerEntry, ledgerText, type ServerEvent, verifyLedger } from "../api";
import type { App, View } from "../app";
import { formatMoment, formatSize, nameOf, plural, t } from "../i18n";
import { button, emptyState, select, whileBusy } from "../parts/controls";
import { confirm, openDialog } from "../parts/dialog";
import { redraw } from "../parts/redraw";
import { command, page, table } from "../parts/table";
import { said } from "../server-lines";

const PAGE = 100;

export class LedgerView implements View {
  readonly element: HTMLElement;
  readonly title = t("ledger");
  readonly #filter = h("div.row-of");
  readonly #body = h("div");
  readonly #loads = new Latest();
  #kind = "";
  #entries: LedgerEntry[] = [];

  constructor(private readonly app: App) {
    this.element = page(t("ledger"), t("ledger_text"), this.#filter, this.#body, command("satchel ledger", (text) => app.announce(text)));
  }

  async begin(): Promise<this> {
    await this.#load();
    return this;
  }

  hear({ kind, what }: ServerEvent): void {
    if (kind === "state" && what === "ledger" && this.#entries.length <= PAGE) void this.#load();
  }

  resume(): void {
    void this.#load();
  }

  async #load(before: number | null = null): Promise<void> {
    const isLatest = this.#loads.ask();
    const found = await this.app.attempt(() => ledger({ before, kinds: this.#kind ? [this.#kind] : [], limit: PAGE }));
    if (!found || !isLatest()) return;
    this.#entries = before === null ? [...found.entries] : [...this.#entries, ...found.entries];
    this.#drawFilter(found.kinds);
    if (!this.#entries.length) return this.#body.replaceChildren(emptyState("ledger", t("ledger_empty"), t("ledger_empty_text")));
    redraw(this.#body, [this.#table(), found.has_more && button({ label: t("show_more"), run: () => void this.#load(this.#entries.at(-1)!.number) })]);
  }

  #drawFilter(kinds: readonly string[]): void {
    if (this.#filter.contains(document.activeElement)) return;
    const choices = [{ value: "", label: t("any_kind") }, ...kinds.map((kind) => ({ value: kind, label: kindName(kind) }))]; // prettier-ignore
    const choose = select(choices, this.#kind, (kind) => {
      this.#kind = kind;
      void this.#load();
    }, { "aria-label": t("kind") }); // prettier-ignore
    const verify = button({ label: t("verify_ledger"), icon: "check", run: () => void whileBusy(verify, () => this.#verify()) });
    this.#filter.hidden = !this.#entries.length && !this.#kind;
    this.#filter.replaceChildren(choose, verify);
  }

  #table(): HTMLElement {
    return table(t("ledger"), [
      { label: t("time"), class: "when", cell: ({ time }) => formatMoment(time) },
      { label: t("kind"), cell: ({ kind }) => kindName(kind) },
      { label: t("to"), cell: ({ to }) => reveal(to) },
      { label: t("why"), cell: reasonOf },
      { label: t("size"), class: "number", cell: ({ bytes }) => formatSize(bytes) },
      { label: t("outcome"), cell: ({ outcome, status }) => (status ? t("answered", { status }) : outcome ? said(outcome) : t("unknown")) },
      { label: t("text"), class: "actions", cell: (entry) => entry.has_text && button({ label: t("show_text"), run: () => void this.#showText(entry) }) },
    ], this.#entries); // prettier-ignore
  }

  async #verify(): Promise<void> {
    const found = await this.app.attempt(verifyLedger);
    if (found) this.app.say(plural("ledger_whole", found.records));
  }

  async #showText({ number, time }: LedgerEntry): Promise<void> {
    const found = await this.app.attempt(() => ledgerText({ number }));
    if (!found) return;
    const forget = async () => {
      if (!(await confirm(t("forget_text"), t("forget_text_help"), t("forget_text"), { isDangerous: true }))) return;
      if (!(await this.app.attempt(() => forgetLedger({ numbers: [number] })))) return;
      dialog.close();
      await this.#load();
    };
    const text = found.text === null ? h("p", { text: t("text_forgotten") }) : h("pre.document", { text: found.text, attrs: { tabindex: "0", dir: "auto" } });
    const actions = found.text !== null && !this.app.hello.is_read_only && h("div.actions", {}, button({ label: t("forget_text"), class: "danger-quiet", run: () => void forget() }));
    const dialog = openDialog(`${t("sent_text")} · ${formatMoment(time)}`, { class: "wide" }, text, actions);
  }
}

function kindName(kind: string): string {
  return nameOf(`left_${kind}`, kind);
}

/** Why something left: the command or the agent; for a click in the window, the command that does the same. */
function reasonOf({ command: why, agent, same_command: same, is_from_window: isFromWindow }: LedgerEntry): HTMLElement {
  const code = (text: string) => h("code", { text: reveal(text), attrs: { dir: "ltr" } });
  if (!isFromWindow) return code(agent || why);
  const reason = h("span", { text: t("in_window") });
  if (same) reason.append(" · ", code(same));
  return reason;
}
