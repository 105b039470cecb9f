/** Processing as a view of its own: where every model runs. The settings show those that leave a choice. */

import type { App, View } from "../app";
import { t } from "../i18n";
import { page } from "../parts/table";
import { ProcessingPanel } from "../settings/processing";

export class ProcessingView implements View {
  readonly element: HTMLElement;
  readonly title = t("processing");
  readonly #panel: ProcessingPanel;

  constructor(app: App) {
    this.#panel = new ProcessingPanel(app, true);
    this.element = page(t("processing"), t("processing_text"), this.#panel.element);
  }

  async begin(): Promise<this> {
    await this.#panel.load();
    return this;
  }

  resume(): void {
    void this.#panel.load();
  }
}
