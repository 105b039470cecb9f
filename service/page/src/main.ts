/**
 * The share page. From the link's key to the Piece: nothing is asked of the server before the key is whole, nothing
 * is opened by loading where opening takes a view, and nothing is shown before all of it has authenticated.
 */

import { ask, type Step } from "./asking";
import { CloudError, ShareClient, type ShareInfo } from "./cloud";
import { begin, earlyAnswer, earlyInfo, inability, SHARE_ID } from "./early";
import { formatFragment, type LineRange, parseFragment, type Place } from "./fragment";
import { Highlighter } from "./highlight/client";
import { isLanguage, t, useLanguage, words } from "./i18n";
import { isAcceptable, parseKey } from "./identity";
import { openAnswer, type Opened, whyAbsent } from "./opening";
import { preference } from "./preferences";
import { type LockedCard, lockedCard, type Preview } from "./view/locked";
import { PieceView, titleOf } from "./view/piece";
import { progressCard } from "./view/progress";
import { Shell } from "./view/shell";
import { endCard, failureCard, keyCard, stateOf } from "./view/states";

const ADDRESS = location.origin + location.pathname;

const PATIENCE_MS = 200;

class Page {
  readonly #shell = new Shell();
  readonly #client = new ShareClient(SHARE_ID);
  readonly #highlighter = new Highlighter();
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
    const secret = this.#secret!;
    const attempt = ++this.#attempt;
    try {
      const info = earlyInfo() ?? (await this.#client.info());
      if (attempt !== this.#attempt) return;
      if (info.password && !isAcceptable(info.password)) return this.#shell.show(() => endCard("newer"));
      if (info.limited || info.password) this.#lock(info);
      else await this.#open(info, null, progressCard());
    } catch (error) {
      this.#fail(await whyAbsent(this.#client, secret, error));
    }
  }

  #lock(info: ShareInfo): void {
    this.#shell.show(() => {
      const card = lockedCard(info, preview(), (password) => void this.#open(info, password, card));
      return card.element;
    });
  }

  async #open(info: ShareInfo, text: string | null, card: LockedCard): Promise<void> {
    // What opens by itself is mostly there before a card could be read; drawing one first would only delay it.
    const waiting = card.element.isConnected ? 0 : setTimeout(() => this.#shell.show(() => card.element), PATIENCE_MS);
    const password = info.password && text !== null ? { text, profile: info.password } : null;
    try {
      const tell = (step: Step) => card.busy(t(step));
      const answer = earlyAnswer() ?? ask(this.#client, this.#secret!, password, tell);
      this.#show(await openAnswer(answer, info, tell).finally(() => clearTimeout(waiting)));
    } catch (error) {
      card.busy("");
      if (password && error instanceof CloudError && error.code === "wrong-proof") card.complain(t("password_wrong"));
      else this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (stateOf(error) === "failed" && !(error instanceof CloudError)) console.error(error); // a fault of this page
    this.#shell.show(() => failureCard(error, () => void this.#ask()));
  }

  // -- the Piece ---------------------------------------------------------------------------------------------

  #opened: Opened | null = null;

  #show(opened: Opened): void {
    this.#opened = opened;
    const title = titleOf(opened.piece);
    this.#shell.show(() => this.#draw());
    performance.mark("satchel:text");
    this.#shell.say(t("ready", { title }));
    document.title = `${title} · satchel`;
    if (this.#place.lines) this.#view?.file.pick(this.#place.lines, true);
  }

  #draw(): Node {
    const { piece, info, key, version } = this.#opened!;
    const file = Math.min(this.#place.file, piece.files.length);
    this.#view?.file.dispose();
    this.#view = new PieceView(piece, {
      highlighter: this.#highlighter,
      address: ADDRESS,
      key: this.#place.key,
      identity: key.identity,
      version,
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
    const { openPassOn } = await import("./view/pass-on").catch(() => ({ openPassOn: () => alert(t("offline_title")) }));
    const { piece } = this.#opened!;
    openPassOn({
      address: ADDRESS,
      key: this.#place.key,
      file: this.#place.file,
      lines: this.#place.lines,
      hasLines: piece.files[Math.min(this.#place.file, piece.files.length) - 1]?.kind === "text",
      words: words(),
      say: (text) => this.#shell.say(text),
      pickLines: (lines) => this.#pick(lines),
    });
  }
}

function preview(): Preview | null {
  const { previewTitle, previewLanguage, previewLines } = document.getElementById("main")!.dataset;
  if (!previewTitle) return null;
  return { title: previewTitle, language: previewLanguage ?? "", lines: Number(previewLines ?? 0) };
}

/** Wait until somebody looks: a browser may have prepared the page in advance. */
function whenShown(): Promise<void> {
  if (!(document as { prerendering?: boolean }).prerendering) return Promise.resolve();
  return new Promise((resolve) => document.addEventListener("prerenderingchange", () => resolve(), { once: true }));
}

async function start(): Promise<void> {
  await whenShown();
  begin();
  const chosen = preference("language") ?? document.documentElement.lang;
  await useLanguage(isLanguage(chosen) ? chosen : "en");
  new Page().start();
}

void start();
