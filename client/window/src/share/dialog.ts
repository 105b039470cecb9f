/** The dialog that shares a Piece: what looks like a secret first, then limits, then the link with its QR code. */

import { copyButton } from "satchel-share-page/view/export";
import { h } from "satchel-share-page/view/dom";
import { qrCode } from "satchel-share-page/view/qr-code";
import { reveal } from "satchel-share-page/code/hidden-characters";
import { checkShare, type Finding, type PieceView, type Published, publishShare, type ShareCheck, type ShareRequest } from "../api";
import type { App } from "../app";
import { formatMoment, formatNumber, formatSize, inARow, plural, sentence, t } from "../i18n";
import { button, checkbox, input, labelled, loading, note, select, whileBusy } from "../parts/controls";
import { type Dialog, openDialog } from "../parts/dialog";
import { JobProgress } from "../parts/job";
import { command } from "../parts/table";
import { fieldName } from "../piece/diff";
import { said } from "../server-lines";

export const EXPIRIES = ["1h", "1d", "7d", "30d", "never"] as const;

/** Open the dialog at once; its form appears when the Piece has been checked for secrets. */
export async function openShareDialog(app: App, piece: PieceView): Promise<void> {
  const dialog = openDialog(t("share_piece"), { class: "share" }, loading());
  const check = await app.attempt(() => checkShare({ id: piece.id }));
  if (check && dialog.element.isConnected) new ShareDialog(app, piece, check, dialog);
  else dialog.close();
}

class ShareDialog {
  readonly #expires: HTMLSelectElement;
  readonly #views = input({ inputmode: "numeric", placeholder: t("unlimited"), maxlength: "4", pattern: "[0-9]*" });
  readonly #password = input({ type: "password", autocomplete: "new-password", maxlength: "1000" });
  readonly #progress: JobProgress;
  #hasCard = false;
  #allowsSecrets = false;

  constructor(
    private readonly app: App,
    private readonly piece: PieceView,
    private readonly check: ShareCheck,
    private readonly dialog: Dialog,
  ) {
    const preferred = EXPIRIES.find((expiry) => expiry === check.default_expires) ?? "7d";
    this.#expires = select(EXPIRIES.map((expiry) => ({ value: expiry, label: t(`expires_${expiry}`) })), preferred); // prettier-ignore
    if (/^\d+$/.test(check.default_views)) this.#views.value = check.default_views;
    this.#progress = new JobProgress(app);
    dialog.body.replaceChildren(...(check.cloud ? this.#form() : this.#notConnected()));
    dialog.body.querySelector<HTMLElement>("select, button")?.focus();
  }

  #notConnected(): Node[] {
    const connect = () => {
      this.dialog.close();
      this.app.go("settings");
    };
    return [h("p", { text: t("share_needs_cloud") }), h("div.actions", {}, button({ label: t("connect_cloud"), icon: "cloud", class: "primary", run: connect }))];
  }

  #form(): Node[] {
    const share = button({ label: t("create_link"), icon: "share", class: "primary", run: () => void whileBusy(share, () => this.#publish()) });
    const what = h("p.help", { text: inARow([reveal(this.piece.title) || t("untitled"), formatSize(this.check.size_bytes), new URL(this.check.cloud!).host]) });
    const limits = h("div.field-row", {}, labelled(t("expires"), this.#expires), labelled(t("views"), this.#views, t("views_help")));
    const { title, language, lines } = this.check.card;
    const cardText = inARow([title, language, plural("line_count", lines)]);
    const card = h("div", {}, checkbox(t("share_card"), false, (isOn) => (this.#hasCard = isOn)), h("p.help", { text: t("share_card_help", { card: cardText }), attrs: { dir: "auto" } }));
    return [what, ...this.#secrets(share), limits, labelled(t("password"), this.#password, t("share_password_help")), card, this.#progress.element, h("div.actions", {}, share), h("p.help", { text: t("share_sealed") })];
  }

  /** The warning about secrets: the link is made only after the owner says so. */
  #secrets(share: HTMLButtonElement): Node[] {
    const { findings } = this.check;
    if (!findings.length) return [];
    share.hidden = true;
    const items = findings.map((finding) => h("li", { text: `${sentence(placeOf(finding))}: ${kindOf(finding)}`, attrs: { dir: "auto" } }));
    const allow = checkbox(t("share_anyway"), false, (isOn) => {
      this.#allowsSecrets = isOn;
      share.hidden = !isOn;
    });
    return [note(plural("secrets_found", findings.length), "bad", h("ul.plain", {}, ...items), allow)];
  }

  async #publish(): Promise<void> {
    const views = Number(this.#views.value || 0);
    if (!Number.isInteger(views) || views < 0) return this.#views.focus();
    const request: ShareRequest = { id: this.piece.id, expires: this.#expires.value, views: views || null, password: this.#password.value || null, card: this.#hasCard, allow_secrets: this.#allowsSecrets };
    const job = await this.#progress.run(() => publishShare(request));
    if (job?.result?.published) this.#show(job.result.published);
  }

  #show(published: Published): void {
    this.dialog.body.replaceChildren(linkPanel(this.app, published.link), h("p.help", { text: limitsOf(published) }), command(`satchel shares link ${published.id.slice(0, 8)}`, (text) => this.app.announce(text)));
    this.dialog.body.querySelector("input")?.select();
    this.app.announce(t("link_ready"));
  }
}

/** A link to copy, and its QR code. `help` says what anyone with it can do. */
export function linkPanel(app: App, link: string, help = t("share_whole_help")): HTMLElement {
  const field = input({ value: link, readonly: true, dir: "ltr", "aria-label": t("share_whole"), class: "small mono" });
  field.addEventListener("focus", () => field.select());
  const copy = copyButton({ label: t("copy"), class: "primary", accessibleName: t("copy_named", { what: t("share_whole") }), text: () => link, announce: (text) => app.announce(text) });
  const code = h("figure.qr", {}, qrCode(link, t("share_qr")), h("figcaption", { text: t("share_qr") }));
  return h("div.link-panel", {}, h("div.stack", {}, h("div.entry", {}, field, copy), h("p.help", { text: help })), code);
}

/** Where a secret is: a line of the content or of a further file, or another part of the Piece. */
function placeOf({ place, file, line }: Finding): string {
  if (!place.endsWith(`line ${line}`)) return fieldName(place);
  return [file && reveal(file), t("place_line", { n: formatNumber(line) })].filter(Boolean).join(", ");
}

/** What kind of secret it is, with the published beginning of its value if there is one. */
function kindOf({ message }: Finding): string {
  const [, kind = message, shown = ""] = /^(.+?)(, \S+…)?$/.exec(message) ?? [];
  return said(kind, "secret") + shown;
}

function limitsOf({ expires, views, has_password: hasPassword }: Published): string {
  const parts = [expires ? t("until", { when: formatMoment(expires) }) : t("expires_never"), views ? plural("view_count", views) : "", hasPassword ? t("with_password") : ""];
  return inARow(parts);
}
