/** Processing as a view of its own: the same table as in the settings. */

import type { App, View } from "../app";
import { t } from "../i18n";
import { page } from "../parts/table";
import { ProcessingPanel } from "../settings/processing";

export class ProcessingView implements View {
  readonly element: HTMLElement;
  readonly title = t("processing");
  readonly #panel: ProcessingPanel;

  constructor(app: App) {
    this.#panel = new ProcessingPanel(app);
    this.element = page(t("processing"), "", this.#panel.element);
  }

  async begin(): Promise<this> {
    await this.#panel.load();
    return this;
  }

  resume(): void {
    void this.#panel.load();
  }
}
