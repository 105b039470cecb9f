/** Devices: which are connected, a code for another one, and the way to lock one out. */

import { reveal } from "satchel-share-page/code/hidden-characters";
import { Latest } from "satchel-share-page/latest";
import { h } from "satchel-share-page/view/dom";
import { qrCode } from "satchel-share-page/view/qr-code";
import { devices, type DeviceView, startAddDevice, startRevokeDevice } from "../api";
import type { App, View } from "../app";
import { formatAgo, formatMoment, t } from "../i18n";
import { button, emptyState } from "../parts/controls";
import { confirm, openDialog } from "../parts/dialog";
import { JobProgress } from "../parts/job";
import { redraw } from "../parts/redraw";
import { command, page, table } from "../parts/table";

export class DevicesView implements View {
  readonly element: HTMLElement;
  readonly title = t("devices");
  readonly #body = h("div");
  readonly #progress: JobProgress;
  readonly #loads = new Latest();

  constructor(private readonly app: App) {
    this.#progress = new JobProgress(app);
    this.element = page(t("devices"), t("devices_text"), this.#progress.element, this.#body, command("satchel devices", (text) => app.announce(text)));
  }

  async begin(): Promise<this> {
    await this.#load();
    return this;
  }

  resume(): void {
    void this.#load();
  }

  async #load(): Promise<void> {
    if (!this.app.hello.cloud) return this.#body.replaceChildren(emptyState("devices", t("no_cloud"), t("devices_need_cloud"), button({ label: t("connect_cloud"), class: "primary", run: () => this.app.go("settings") })));
    const isLatest = this.#loads.ask();
    const found = await this.app.attempt(devices);
    if (!found || !isLatest()) return;
    const add = button({ label: t("add_device"), icon: "plus", class: "primary", run: () => void this.#add() });
    redraw(this.#body, [h("div.row-of", {}, add), this.#table(found.devices)]);
  }

  #table(all: readonly DeviceView[]): HTMLElement {
    return table(t("devices"), [
      { label: t("device"), cell: ({ label, current }) => `${reveal(label)}${current ? ` (${t("this_device")})` : ""}` },
      { label: t("connected"), cell: ({ created }) => formatMoment(created) },
      { label: t("last_seen"), cell: ({ last_seen: seen }) => formatAgo(seen) },
      { label: t("actions"), class: "actions", cell: (device) => !device.current && button({ label: t("revoke_device"), class: "danger-quiet", run: () => void this.#revoke(device) }) },
    ], all); // prettier-ignore
  }

  async #add(): Promise<void> {
    const job = await this.#progress.run(startAddDevice);
    const made = job?.result?.code;
    if (!made) return;
    const text = `satchel connect ${made.url} --pair ${made.code}`;
    openDialog(t("add_device"), { class: "share" }, h("p", { text: t("add_device_text", { when: formatAgo(made.expires) }) }), command(text, (said) => this.app.announce(said)), h("figure.qr", {}, qrCode(text, t("add_device"))));
  }

  async #revoke({ id, label }: DeviceView): Promise<void> {
    if (!(await confirm(t("revoke_device"), t("revoke_device_text", { device: reveal(label) }), t("revoke_device"), { isDangerous: true }))) return;
    const job = await this.#progress.run(() => startRevokeDevice({ id }));
    if (job) await this.#load();
  }
}
