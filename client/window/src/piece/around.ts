/** What stands beside a Piece: what models suggest, similar Pieces, and what goes with it. */

import { reveal } from "satchel-share-page/code/hidden-characters";
import { externalLink, h } from "satchel-share-page/view/dom";
import { acceptSuggestion, type OfferedSuggestion, type PieceView, refuseSuggestion, related, similar, suggestions } from "../api";
import type { App } from "../app";
import { pieceLinks } from "../find/view";
import { formatPercent, t } from "../i18n";
import { button } from "../parts/controls";
import { said } from "../server-lines";
import { fieldName } from "./diff";

const MAX_PIECES = 5;
/** The fields that hold one value: when it is accepted, no other is offered. */
const SINGLE: readonly string[] = ["title", "description", "language"];

type Suggestion = Pick<OfferedSuggestion, "field" | "value" | "model"> & { readonly confidence: number | null };

export class Around {
  readonly element: HTMLElement;
  readonly #suggested = h("section.suggested");
  readonly #similar = h("section");
  readonly #related = h("section");
  #asked = new AbortController();
  #shown: readonly Suggestion[] = [];
  #items: readonly HTMLElement[] = [];

  constructor(
    private readonly app: App,
    private readonly piece: () => PieceView,
    /** The Piece after a suggestion was accepted or refused. */
    private readonly changed: (piece: PieceView) => void,
  ) {
    this.element = h("aside.around", { attrs: { "aria-label": t("around") } }, this.#suggested, this.#similar, this.#related);
    for (const section of [this.#suggested, this.#similar, this.#related]) section.hidden = true;
  }

  /** Ask for everything; each part appears when it is there. */
  load(): void {
    this.stop();
    this.#asked = new AbortController();
    void this.#loadSuggestions();
    void this.#loadSimilar();
    void this.#loadRelated();
  }

  /** Wait for no answer any more. */
  stop(): void {
    this.#asked.abort();
  }

  /** Accept or refuse the suggestion that has the focus, else the first one. */
  decide(isAccepted: boolean): void {
    const at = this.#items.findIndex((item) => item.contains(document.activeElement));
    const suggestion = this.#shown[Math.max(0, at)];
    if (suggestion) void this.#decide(suggestion, isAccepted, Math.max(0, at));
  }

  // -- suggestions ---------------------------------------------------------------------------------------------

  async #loadSuggestions(): Promise<void> {
    const { signal } = this.#asked;
    const found = await suggestions({ id: this.piece().id }, signal).catch((error: unknown) => {
      if (!signal.aborted) this.app.connection.report(error);
    });
    if (!found || signal.aborted) return;
    const taken = found.suggested.filter(({ is_taken: isTaken }) => isTaken).map((one) => ({ ...one, confidence: null }));
    this.#drawSuggestions([...taken, ...found.offered]);
  }

  #drawSuggestions(shown: readonly Suggestion[]): void {
    this.#shown = shown;
    this.#items = shown.map((suggestion, index) => this.#item(suggestion, index));
    this.#suggested.hidden = !shown.length || this.app.hello.is_read_only;
    this.#suggested.replaceChildren(h("h2", { text: t("suggestions") }), h("p.help", { text: t("suggestions_help") }), h("ul", { attrs: { role: "list" } }, ...this.#items));
  }

  #item(suggestion: Suggestion, index: number): HTMLElement {
    const { field, value, confidence } = suggestion;
    const accept = button({ label: t("accept"), icon: "check", isIconOnly: true, class: "quiet", key: "a", run: () => void this.#decide(suggestion, true, index) });
    const refuse = button({ label: t("refuse"), icon: "close", isIconOnly: true, class: "quiet", key: "x", run: () => void this.#decide(suggestion, false, index) });
    for (const [control, label] of [[accept, t("accept")], [refuse, t("refuse")]] as const) control.setAttribute("aria-label", `${label}: ${fieldName(field)} ${reveal(value)}`); // prettier-ignore
    const state = confidence === null ? t("in_use") : formatPercent(confidence);
    return h("li", {}, h("div.words", {}, h("span.help", { text: `${fieldName(field)} · ${state}` }), h("span", { text: reveal(value), attrs: { dir: "auto" } })), accept, refuse);
  }

  async #decide({ field, value, model }: Suggestion, isAccepted: boolean, index: number): Promise<void> {
    const { id, revision } = this.piece();
    const decide = isAccepted ? acceptSuggestion : refuseSuggestion;
    const answer = await this.app.attempt(() => decide({ id, base: revision, field, value, model }));
    if (!answer) return;
    this.app.announce(`${t(isAccepted ? "accepted" : "refused")}: ${reveal(value)}`);
    this.changed(answer.piece);
    const isFull = isAccepted && SINGLE.includes(field);
    this.#drawSuggestions(this.#shown.filter((one, at) => at !== index && !(isFull && one.field === field)));
    this.#items[Math.min(index, this.#items.length - 1)]?.querySelector("button")?.focus();
  }

  // -- other Pieces --------------------------------------------------------------------------------------------

  async #loadSimilar(): Promise<void> {
    const { signal } = this.#asked;
    const found = await similar({ id: this.piece().id, limit: MAX_PIECES }, signal).catch(() => null);
    if (!found?.pieces.length || signal.aborted) return;
    this.#similar.hidden = false;
    this.#similar.replaceChildren(h("h2", { text: t("similar") }), pieceLinks(found.pieces, this.app));
  }

  async #loadRelated(): Promise<void> {
    const { signal } = this.#asked;
    const found = await related({ id: this.piece().id, limit: MAX_PIECES }, signal).catch(() => null);
    if (!found || signal.aborted || !(found.pieces.length + found.links.length)) return;
    const links = found.links.map(({ address, reason }) => h("li", {}, externalLink(address, reveal(address)), h("p.help", { text: said(reason), attrs: { dir: "auto" } })));
    this.#related.hidden = false;
    this.#related.replaceChildren(h("h2", { text: t("related") }), h("ul.links", { attrs: { role: "list" } }, ...links), pieceLinks(found.pieces, this.app));
  }
}
