/** The audit log: what happened in the cloud, and the proof that none of it was changed. */

import { reveal } from "satchel-share-page/code/hidden-characters";
import { Latest } from "satchel-share-page/latest";
import { h } from "satchel-share-page/view/dom";
import { auditLog, type AuditLog } from "../api";
import type { App, View } from "../app";
import { formatMoment, formatNumber, nameOf, plural, sentence, t } from "../i18n";
import { button, emptyState, note, select } from "../parts/controls";
import { redraw } from "../parts/redraw";
import { command, page, table } from "../parts/table";
import { said } from "../server-lines";

export class AuditView implements View {
  readonly element: HTMLElement;
  readonly title = t("audit");
  readonly #body = h("div");
  readonly #loads = new Latest();
  #event = "";

  constructor(private readonly app: App) {
    this.element = page(t("audit"), t("audit_text"), this.#body, command("satchel audit", (text) => app.announce(text)));
  }

  async begin(): Promise<this> {
    await this.#load();
    return this;
  }

  resume(): void {
    void this.#load();
  }

  async #load(): Promise<void> {
    if (!this.app.hello.cloud) return this.#body.replaceChildren(emptyState("audit", t("no_cloud"), t("audit_needs_cloud"), button({ label: t("connect_cloud"), class: "primary", run: () => this.app.go("settings") })));
    const isLatest = this.#loads.ask();
    const found = await this.app.attempt(() => auditLog({ events: this.#event ? [this.#event] : [], limit: 200 }));
    if (found && isLatest()) this.#draw(found);
  }

  #draw(found: AuditLog): void {
    const choices = [{ value: "", label: t("any_event") }, ...found.events.map((event) => ({ value: event, label: eventName(event) }))]; // prettier-ignore
    const choose = select(choices, this.#event, (event) => {
      this.#event = event;
      void this.#load();
    }, { "aria-label": t("event") }); // prettier-ignore
    const verdict = found.intact ? h("p.verdict.good", { text: plural("audit_intact", found.verified) }) : note(found.problem ? sentence(said(found.problem)) : t("audit_broken"), "bad");
    const rows = table(t("audit"), [
      { label: t("time"), class: "when", cell: ({ time }) => formatMoment(time) },
      { label: t("event"), cell: ({ event, occurrences }) => (occurrences > 1 ? `${eventName(event)} × ${formatNumber(occurrences)}` : eventName(event)) },
      { label: t("who"), cell: ({ actor, device }) => (device ? reveal(device) : nameOf(`actor_${actor}`, actor)) },
      { label: t("target"), cell: ({ target }) => target && h("code", { text: reveal(target), attrs: { dir: "ltr" } }) },
      { label: t("outcome"), cell: ({ outcome }) => nameOf(`outcome_${outcome}`, outcome) },
      { label: t("address"), cell: ({ address }) => address },
    ], found.entries); // prettier-ignore
    redraw(this.#body, [h("div.row-of", {}, choose, verdict), rows]);
  }
}

function eventName(event: string): string {
  return nameOf(`event_${event}`, event);
}
