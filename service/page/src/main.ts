/**
 * The share page, from the key in the link to the Piece. No request is made before the key is complete, nothing is
 * opened on load where opening costs a view, and nothing is shown before all of it has authenticated.
 */

import { missingSupport, whenActivated } from "./browser";
import { Highlighter } from "./highlight/client";
import { isLanguage, t, translation, useLanguage } from "./i18n";
import { Latest } from "./latest";
import { preference } from "./preferences";
import { CloudError, fetchInfo, parseInfo, type ShareInfo } from "./share/cloud";
import { formatFragment, type LineRange, parseFragment, type Place } from "./share/fragment";
import { isSupported, parseKey, type Password } from "./share/identity";
import { explainFailure, type OpenedShare, openShare, type Step } from "./share/opening";
import { failureCard, finalCard, keyCard, stateOf } from "./view/failures";
import { titleOf } from "./view/names";
import { lockedCard, type OpeningCard, type Preview, progressCard } from "./view/opening-card";
import { PieceView } from "./view/piece";
import { Shell } from "./view/shell";

const ADDRESS = location.origin + location.pathname;
/** Most shares are open by then; an earlier spinner would only delay them. */
const SPINNER_DELAY_MS = 200;

interface Opened {
  readonly share: OpenedShare;
  readonly info: ShareInfo;
}

class Page {
  readonly #shell = new Shell();
  readonly #highlighter = new Highlighter();
  #place: Place = parseFragment(location.hash);
  #secret: Uint8Array | null = null;
  #opened: Opened | null = null;
  #view: PieceView | null = null;
  #card: OpeningCard | null = null;
  /** What is being done to open the share. */
  #step: Step | null = null;
  readonly #attempts = new Latest();

  start(): void {
    addEventListener("hashchange", () => this.#hashChanged());
    void this.#begin();
  }

  // -- the key -----------------------------------------------------------------------------------------------

  async #begin(): Promise<void> {
    const missing = missingSupport();
    if (missing) return this.#shell.show(() => finalCard(missing));
    const { key } = this.#place;
    this.#secret = key ? parseKey(key) : null;
    if (this.#secret) return this.#load();
    this.#shell.show(() => keyCard(key ? "bad_key" : "no_key", (entered) => this.#enterKey(entered)));
  }

  #enterKey(key: string): void {
    this.#goTo({ ...this.#place, key });
    void this.#begin();
  }

  /** The reader edited the address: show other lines or another file; start over with another key. */
  #hashChanged(): void {
    const before = this.#place;
    this.#place = parseFragment(location.hash);
    if (this.#place.key !== before.key) return location.reload();
    if (this.#view && this.#place.file === before.file) this.#view.file.select(this.#place.lines, true);
    else if (this.#view) this.#shell.show(() => this.#draw());
  }

  // -- opening -----------------------------------------------------------------------------------------------

  async #load(): Promise<void> {
    const isLatest = this.#attempts.ask();
    try {
      const info = takeEmbeddedInfo() ?? (await fetchInfo());
      if (!isLatest()) return;
      if (info.password && !isSupported(info.password)) return this.#shell.show(() => finalCard("newer"));
      if (info.limited || info.password) this.#lock(info);
      else {
        this.#card = progressCard();
        await this.#open(info, null);
      }
    } catch (error) {
      const reason = await explainFailure(this.#secret!, error);
      if (isLatest()) this.#fail(reason);
    }
  }

  #lock(info: ShareInfo): void {
    this.#shell.show(() => {
      this.#card = lockedCard(info, embeddedPreview(), (password) => void this.#open(info, password));
      if (this.#step) this.#card.setBusy(t(this.#step)); // it is drawn in another language
      return this.#card.element;
    });
  }

  async #open(info: ShareInfo, text: string | null): Promise<void> {
    const { element } = this.#card!;
    const spinner = element.isConnected ? 0 : setTimeout(() => this.#shell.show(() => element), SPINNER_DELAY_MS);
    const password: Password | null = info.password && text !== null ? { text, profile: info.password } : null;
    try {
      const report = (step: Step) => {
        this.#step = step;
        this.#card!.setBusy(t(step));
      };
      const share = await openShare(this.#secret!, password, report, takePrefetch()).finally(() => clearTimeout(spinner));
      this.#show({ share, info });
    } catch (error) {
      this.#step = null;
      this.#card!.setBusy("");
      if (password && error instanceof CloudError && error.code === "wrong-proof") this.#card!.showError(t("password_wrong"));
      else this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (stateOf(error) === "failed" && !(error instanceof CloudError)) console.error(error); // a bug of this page
    this.#shell.show(() => failureCard(error, () => void this.#load()));
  }

  // -- the Piece ---------------------------------------------------------------------------------------------

  #show(opened: Opened): void {
    this.#opened = opened;
    const title = titleOf(opened.share.piece);
    this.#shell.show(() => this.#draw());
    performance.mark("satchel:text");
    this.#shell.announce(t("ready", { title }));
    document.title = `${title} · satchel`;
    if (this.#place.lines) this.#view?.file.select(this.#place.lines, true);
  }

  #draw(): Node {
    const { share, info } = this.#opened!;
    this.#view?.file.dispose();
    this.#view = new PieceView(share.piece, {
      highlighter: this.#highlighter,
      address: ADDRESS,
      key: this.#place.key,
      scalar: share.key.scalar,
      version: share.version,
      file: this.#fileIndex,
      lines: this.#place.lines,
      isLimited: info.limited,
      hasPassword: info.password !== null,
      announce: (text) => this.#shell.announce(text),
      selectLines: (lines) => this.#selectLines(lines),
      openLinkDialog: () => void this.#openLinkDialog(),
      showFile: (index) => this.#showFile(index),
    });
    this.#view.file.select(this.#place.lines, false);
    return this.#view.element;
  }

  get #fileIndex(): number {
    return Math.min(this.#place.file, this.#opened!.share.piece.files.length) - 1;
  }

  #selectLines(lines: LineRange | null): void {
    this.#goTo({ ...this.#place, lines });
    this.#view?.file.select(lines, false);
    if (!lines) this.#shell.announce(t("lines_deselected"));
    else if (lines.from === lines.to) this.#shell.announce(t("line_selected", { from: lines.from }));
    else this.#shell.announce(t("lines_selected", { from: lines.from, to: lines.to }));
  }

  #showFile(index: number): void {
    this.#goTo({ ...this.#place, file: index + 1, lines: null });
    this.#shell.show(() => this.#draw());
    document.getElementById(`tab-${index}`)?.focus();
  }

  #goTo(place: Place): void {
    this.#place = place;
    history.replaceState(null, "", formatFragment(place));
  }

  async #openLinkDialog(): Promise<void> {
    const { openLinkDialog } = await import("./view/link-dialog").catch(() => ({ openLinkDialog: () => alert(t("offline_title")) }));
    if (document.querySelector("dialog[open]")) return; // it was pressed twice
    openLinkDialog({
      address: ADDRESS,
      key: this.#place.key,
      file: this.#place.file,
      lines: this.#place.lines,
      hasLines: this.#opened!.share.piece.files[this.#fileIndex]?.kind === "text",
      translation: translation(),
      announce: (text) => this.#shell.announce(text),
      selectLines: (lines) => this.#selectLines(lines),
    });
  }
}

/** The facts that the server embeds in the page of a live share. Valid once: a later attempt requests them again. */
function takeEmbeddedInfo(): ShareInfo | null {
  const info = isInfoTaken ? undefined : document.documentElement.dataset["info"];
  isInfoTaken = true;
  return info ? parseInfo(JSON.parse(info)) : null;
}

let isInfoTaken = false;

function takePrefetch(): Promise<Response> | null {
  const response = window.satchelPrefetch ?? null;
  window.satchelPrefetch = null;
  return response;
}

function embeddedPreview(): Preview | null {
  const { previewTitle, previewLanguage, previewLines } = document.getElementById("main")!.dataset;
  if (!previewTitle) return null;
  return { title: previewTitle, language: previewLanguage ?? "", lines: Number(previewLines ?? 0) };
}

async function start(): Promise<void> {
  await whenActivated();
  const requested = preference("language") ?? document.documentElement.lang;
  await useLanguage(isLanguage(requested) ? requested : "en");
  new Page().start();
}

void start();
