/** Processing: where every model runs, what it sends, and whether it may ask the endpoint. */

import { Latest } from "satchel-share-page/latest";
import { h } from "satchel-share-page/view/dom";
import { processing, type Processing, type ProcessingRow, setProcessing } from "../api";
import type { App } from "../app";
import { inARow, sentence, t } from "../i18n";
import { said } from "../server-lines";
import { button, note, select } from "../parts/controls";
import { redraw } from "../parts/redraw";
import { command, facts, table } from "../parts/table";

export class ProcessingPanel {
  readonly element = h("section.panel");
  readonly #loads = new Latest();

  /** Without `isWhole`, only the models that leave a choice are shown. */
  constructor(
    private readonly app: App,
    private readonly isWhole: boolean,
  ) {}

  async load(): Promise<void> {
    const isLatest = this.#loads.ask();
    const found = await this.app.attempt(processing);
    if (found && isLatest()) this.#draw(found);
  }

  #draw(found: Processing): void {
    const { endpoint } = found;
    const where = endpoint && inARow([endpoint.origin, endpoint.model, endpoint.is_on_this_device && t("on_this_device")]);
    const rows = table(t("processing"), [
      { label: t("model"), class: "when", cell: ({ name }) => h("code", { text: name, attrs: { dir: "ltr" } }) },
      { label: t("purpose"), cell: ({ purpose }) => sentence(said(purpose)) },
      { label: t("where"), class: "when", cell: ({ where: place }) => said(place) },
      { label: t("sends"), cell: ({ sends }) => said(sends) },
      { label: t("choice"), cell: (row) => this.#choice(row) },
    ], found.models.filter((row) => this.isWhole || row.may_be_blended)); // prettier-ignore
    const head = this.isWhole ? [] : [h("h2", { text: t("processing") }), h("p.help", { text: `${t("processing_text")} ${t("processing_choose")}` })];
    const all = !this.isWhole && button({ label: t("all_models"), icon: "processing", run: () => this.app.go("processing") });
    redraw(this.element, [...head, found.offline && note(t("offline_setting"), "info"), facts([[t("endpoint"), where ?? t("no_endpoint")]]), rows, all, command("satchel processing", (text) => this.app.announce(text))]);
  }

  #choice(row: ProcessingRow): HTMLElement {
    if (!row.may_be_blended || this.app.hello.is_read_only) return h("span.help", { text: row.only_here ? said(row.only_here) : t("local") });
    const set = async (how: string) => {
      await this.app.attempt(() => setProcessing({ model: row.name, how: how as "local" }));
      await this.load();
    };
    const choices = [{ value: "local", label: t("local") }, { value: "blended", label: t("blended") }]; // prettier-ignore
    return select(choices, row.runs === "blended" ? "blended" : "local", (how) => void set(how), { "aria-label": `${t("choice")}: ${row.name}` });
  }
}
