/** What stands beside a Piece: what models suggest, similar Pieces, and what goes with it. */

import { reveal } from "satchel-share-page/code/hidden-characters";
import { externalLink, h } from "satchel-share-page/view/dom";
import { acceptSuggestion, type OfferedSuggestion, type PieceView, refuseSuggestion, related, similar, suggestions } from "../api";
import type { App } from "../app";
import { pieceLinks } from "../find/view";
import { formatPercent, t } from "../i18n";
import { button, OneAtATime } from "../parts/controls";
import { said } from "../server-lines";
import { ConflictError } from "../transport";
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
  readonly #deciding = new OneAtATime();

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
    if (suggestion) this.#begin(suggestion, isAccepted);
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
    this.#items = shown.map((suggestion) => this.#item(suggestion));
    this.#suggested.hidden = !shown.length || this.app.hello.is_read_only;
    this.#suggested.replaceChildren(h("h2", { text: t("suggestions") }), h("p.help", { text: t("suggestions_help") }), h("ul", { attrs: { role: "list" } }, ...this.#items));
  }

  #item(suggestion: Suggestion): HTMLElement {
    const { field, value, confidence } = suggestion;
    const accept = button({ label: t("accept"), icon: "check", isIconOnly: true, class: "quiet", key: "a", run: () => this.#begin(suggestion, true) });
    const refuse = button({ label: t("refuse"), icon: "close", isIconOnly: true, class: "quiet", key: "x", run: () => this.#begin(suggestion, false) });
    for (const [control, label] of [[accept, t("accept")], [refuse, t("refuse")]] as const) control.setAttribute("aria-label", `${label}: ${fieldName(field)} ${reveal(value)}`); // prettier-ignore
    const state = confidence === null ? t("in_use") : formatPercent(confidence);
    return h("li", {}, h("div.words", {}, h("span.help", { text: `${fieldName(field)} · ${state}` }), h("span", { text: reveal(value), attrs: { dir: "auto" } })), accept, refuse);
  }

  /** Decide, unless the one before is still being decided: it makes a new revision. */
  #begin(suggestion: Suggestion, isAccepted: boolean): void {
    void this.#deciding.run(() => this.app.attempt(() => this.#decide(suggestion, isAccepted)));
  }

  async #decide({ field, value, model }: Suggestion, isAccepted: boolean): Promise<void> {
    const { id, revision } = this.piece();
    try {
      const answer = await (isAccepted ? acceptSuggestion : refuseSuggestion)({ id, base: revision, field, value, model });
      this.changed(answer.piece);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      this.changed(error.conflict.current);
      this.app.say(t("changed_meanwhile"));
      this.#drawSuggestions([]);
      return this.#loadSuggestions();
    }
    this.app.announce(`${t(isAccepted ? "accepted" : "refused")}: ${reveal(value)}`);
    const isFull = isAccepted && SINGLE.includes(field);
    const index = this.#shown.findIndex((one) => one.field === field && one.value === value);
    this.#drawSuggestions(this.#shown.filter((one) => !(one.field === field && (isFull || one.value === value))));
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
