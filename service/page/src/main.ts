/**
 * The share page. From the link's key to the Piece: nothing is asked of the server before the key is whole, nothing
 * is opened by loading where opening takes a view, and nothing is shown before all of it has authenticated.
 */

import { CloudError, ShareClient, type ShareInfo } from "./cloud";
import { formatFragment, type LineRange, parseFragment, type Place } from "./fragment";
import { Highlighter } from "./highlight/client";
import { isLanguage, t, useLanguage } from "./i18n";
import { isAcceptable, parseKey, type ShareKey, shareKey } from "./identity";
import { MAX_BODY_BYTES, type Piece, readPiece } from "./piece";
import { preference } from "./preferences";
import { unseal } from "./sealed";
import { type LockedCard, lockedCard, type Preview } from "./view/locked";
import { PieceView, titleOf } from "./view/piece";
import { progressCard } from "./view/progress";
import { Shell } from "./view/shell";
import { endCard, failureCard, keyCard, stateOf } from "./view/states";

const ADDRESS = location.origin + location.pathname;

class Page {
  readonly #shell = new Shell();
  readonly #client = new ShareClient(location.pathname.split("/")[2] ?? "");
  #highlighter: Highlighter | null = null;
  #place: Place = parseFragment(location.hash);
  #secret: Uint8Array | null = null;
  #view: PieceView | null = null;
  /** Counts the openings, so that a late answer to an earlier one changes nothing. */
  #attempt = 0;

  start(): void {
    addEventListener("hashchange", () => this.#follow());
    void this.#begin();
  }

  // -- the key -----------------------------------------------------------------------------------------------

  async #begin(): Promise<void> {
    const unable = inability();
    if (unable) return this.#shell.show(() => endCard(unable));
    const { key } = this.#place;
    this.#secret = key ? parseKey(key) : null;
    if (!this.#secret) return this.#shell.show(() => keyCard(key ? "bad_key" : "no_key", (entered) => this.#use(entered)));
    this.#highlighter ??= new Highlighter();
    await this.#ask();
  }

  #use(key: string): void {
    this.#place = { ...this.#place, key };
    history.replaceState(null, "", formatFragment(this.#place));
    void this.#begin();
  }

  /** The reader changed the address: other lines or another file are shown, another key starts over. */
  #follow(): void {
    const before = this.#place;
    this.#place = parseFragment(location.hash);
    if (this.#place.key !== before.key) return location.reload();
    if (this.#view && this.#place.file === before.file) this.#view.file.pick(this.#place.lines, true);
    else if (this.#view) this.#shell.show(() => this.#draw());
  }

  // -- opening -----------------------------------------------------------------------------------------------

  async #ask(): Promise<void> {
    const attempt = ++this.#attempt;
    try {
      const info = await this.#client.info();
      if (attempt !== this.#attempt) return;
      if (info.password && !isAcceptable(info.password)) return this.#shell.show(() => endCard("newer"));
      if (info.limited || info.password) this.#lock(info);
      else await this.#open(info, null, progressCard());
    } catch (error) {
      this.#fail(await this.#reason(error));
    }
  }

  /** A share that has ended looks to strangers as if it had never been; who proves the key is told that it ended. */
  async #reason(error: unknown): Promise<unknown> {
    if ((error as CloudError).code !== "not-found") return error;
    try {
      await this.#client.open((await shareKey(this.#secret!, null)).proof, MAX_BODY_BYTES);
    } catch (told) {
      if ((told as CloudError).code !== "wrong-proof") return told;
    }
    return error;
  }

  #lock(info: ShareInfo): void {
    this.#shell.show(() => {
      const card = lockedCard(info, preview(), (password) => void this.#open(info, password, card));
      return card.element;
    });
  }

  async #open(info: ShareInfo, password: string | null, card: LockedCard): Promise<void> {
    if (!card.element.isConnected) this.#shell.show(() => card.element);
    try {
      const key = await this.#shareKey(info, password, card);
      card.busy(t("fetching"));
      const body = await this.#client.open(key.proof, MAX_BODY_BYTES);
      card.busy(t("decrypting"));
      performance.mark("satchel:body");
      this.#show(await readPiece(await unseal(body, key.identity)), info, key);
    } catch (error) {
      card.busy("");
      if (password !== null && (error as CloudError).code === "wrong-proof") card.complain(t("password_wrong"));
      else this.#fail(error);
    }
  }

  async #shareKey(info: ShareInfo, password: string | null, card: LockedCard): Promise<ShareKey> {
    if (!info.password || password === null) return shareKey(this.#secret!, null);
    card.busy(t("password_checking"));
    return shareKey(this.#secret!, { text: password, profile: info.password });
  }

  #fail(error: unknown): void {
    if (stateOf(error) === "failed" && !(error instanceof CloudError)) console.error(error); // a fault of this page
    this.#shell.show(() => failureCard(error, () => void this.#ask()));
  }

  // -- the Piece ---------------------------------------------------------------------------------------------

  #opened: { piece: Piece; info: ShareInfo; key: ShareKey } | null = null;

  #show(piece: Piece, info: ShareInfo, key: ShareKey): void {
    performance.mark("satchel:piece");
    this.#opened = { piece, info, key };
    this.#shell.show(() => this.#draw());
    performance.mark("satchel:text");
    this.#shell.say(t("ready", { title: titleOf(piece) }));
    document.title = `${titleOf(piece)} · satchel`;
    if (this.#place.lines) this.#view?.file.pick(this.#place.lines, true);
  }

  #draw(): Node {
    const { piece, info, key } = this.#opened!;
    const file = Math.min(this.#place.file, piece.files.length);
    this.#view?.file.dispose();
    this.#view = new PieceView(piece, {
      highlighter: this.#highlighter!,
      address: ADDRESS,
      key: this.#place.key,
      identity: key.identity,
      file: file - 1,
      lines: this.#place.lines,
      isLimited: info.limited,
      hasPassword: info.password !== null,
      say: (text) => this.#shell.say(text),
      pickLines: (lines) => this.#pick(lines),
      passOn: () => void this.#passOn(),
      showFile: (index) => this.#showFile(index),
    });
    this.#view.file.pick(this.#place.lines, false);
    return this.#view.element;
  }

  #pick(lines: LineRange | null): void {
    this.#goTo({ ...this.#place, lines });
    this.#view?.file.pick(lines, false);
    if (!lines) this.#shell.say(t("lines_unpicked"));
    else if (lines.from === lines.to) this.#shell.say(t("line_picked", { from: lines.from }));
    else this.#shell.say(t("lines_picked", { from: lines.from, to: lines.to }));
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

  async #passOn(): Promise<void> {
    const { openPassOn } = await import("./view/pass-on");
    const { piece } = this.#opened!;
    openPassOn({
      address: ADDRESS,
      key: this.#place.key,
      file: this.#place.file,
      lines: this.#place.lines,
      hasLines: piece.files[Math.min(this.#place.file, piece.files.length) - 1]?.kind === "text",
      say: (text) => this.#shell.say(text),
      pickLines: (lines) => this.#pick(lines),
    });
  }
}

/** What this browser lacks, if anything, before it is relied on. */
function inability(): "insecure" | "old" | null {
  if (!isSecureContext) return "insecure";
  return typeof DecompressionStream === "function" && crypto.subtle ? null : "old";
}

function preview(): Preview | null {
  const { previewTitle, previewLanguage, previewLines } = document.getElementById("main")!.dataset;
  if (!previewTitle) return null;
  return { title: previewTitle, language: previewLanguage ?? "", lines: Number(previewLines ?? 0) };
}

/** A browser that prepares pages in advance must not open anything yet. */
function whenShown(): Promise<void> {
  if (!(document as { prerendering?: boolean }).prerendering) return Promise.resolve();
  return new Promise((resolve) => document.addEventListener("prerenderingchange", () => resolve(), { once: true }));
}

async function start(): Promise<void> {
  const chosen = preference("language") ?? document.documentElement.lang;
  await useLanguage(isLanguage(chosen) ? chosen : "en");
  await whenShown();
  new Page().start();
}

void start();
