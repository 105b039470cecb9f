/** The dialog that asks somebody for something: what, the limits of the link, then the link with its QR code. */

import { h } from "satchel-share-page/view/dom";
import { makeRequest, type RequestMade } from "../api";
import type { App } from "../app";
import { formatMoment, formatSize, plural, t } from "../i18n";
import { button, input, labelled, select, whileBusy } from "../parts/controls";
import { type Dialog, openDialog } from "../parts/dialog";
import { command } from "../parts/table";
import { EXPIRIES, linkPanel } from "../share/dialog";

const SIZES = { "100K": 100 << 10, "1M": 1 << 20, "10M": 10 << 20, "30M": 30 << 20 } as const;
const MAX_ANSWERS = 100;

/** The text of a request that was not made, for the next time the dialog is opened. */
let unsent = "";

/** Open the dialog. Resolves when it is closed, to whether a request was made. */
export async function openRequestDialog(app: App): Promise<boolean> {
  const dialog = openDialog(t("request_new"), { class: "share" });
  const form = new RequestForm(app, dialog);
  const keep = (event: BeforeUnloadEvent) => unsent && event.preventDefault();
  addEventListener("beforeunload", keep);
  await dialog.closed;
  removeEventListener("beforeunload", keep);
  return form.isMade;
}

class RequestForm {
  isMade = false;
  readonly #text = h("textarea.input.small", { attrs: { rows: "3", dir: "auto" }, on: { input: () => (unsent = this.#text.value) } });
  readonly #expires = select(EXPIRIES.map((expiry) => ({ value: expiry, label: t(`expires_${expiry}`) })), "7d"); // prettier-ignore
  readonly #answers = input({ type: "number", value: "1", min: "1", max: String(MAX_ANSWERS), required: true, inputmode: "numeric" });
  readonly #size = select(Object.entries(SIZES).map(([value, bytes]) => ({ value, label: formatSize(bytes) })), "10M"); // prettier-ignore

  constructor(
    private readonly app: App,
    private readonly dialog: Dialog,
  ) {
    this.#text.value = unsent;
    const make = button({ label: t("create_link"), icon: "request", class: "primary", run: () => void whileBusy(make, () => this.#make()) });
    const limits = h("div.field-row", {}, labelled(t("expires"), this.#expires), labelled(t("request_answers"), this.#answers, t("request_answers_help")), labelled(t("request_size"), this.#size));
    dialog.body.append(labelled(t("request_what"), this.#text, t("request_what_help")), limits, h("div.actions", {}, make), h("p.help", { text: t("request_sealed") }));
    this.#text.focus();
  }

  async #make(): Promise<void> {
    if (!this.#answers.reportValidity()) return;
    const request = { text: this.#text.value.trim(), expires: this.#expires.value, answers: this.#answers.valueAsNumber, size: this.#size.value };
    const made = await this.app.attempt(() => makeRequest(request));
    if (!made) return; // the text stays in the form
    unsent = "";
    this.isMade = true;
    this.#show(made);
  }

  #show(made: RequestMade): void {
    this.dialog.body.replaceChildren(...linkOfRequest(this.app, made.id, made.link), h("p.help", { text: limitsOf(made) }));
    this.dialog.body.querySelector("input")?.select();
    this.app.announce(t("link_ready"));
  }
}

/** The link of a request, and the command that prints it again. */
export function linkOfRequest(app: App, id: string, link: string): HTMLElement[] {
  return [linkPanel(app, link, t("request_link_help")), command(`satchel requests link ${id.slice(0, 8)}`, (text) => app.announce(text))];
}

function limitsOf({ answers, answer_bytes: bytes, expires }: RequestMade): string {
  return [plural("request_takes", answers, { size: formatSize(bytes) }), expires ? t("until", { when: formatMoment(expires) }) : t("expires_never")].join(" · ");
}
