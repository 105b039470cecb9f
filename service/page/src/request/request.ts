/**
 * The page under the link of a request: it shows what is asked for, takes a text or files, seals them in the browser and
 * sends them. Loading it reads what is asked for and changes nothing; only sending does.
 */

import { missingSupport, whenActivated } from "../browser";
import { formatDate, isLanguage, useLanguage } from "../i18n";
import { preference } from "../preferences";
import { SealError } from "../share/age";
import { CloudError } from "../share/cloud";
import { parseFragment } from "../share/fragment";
import { NewerFormatError } from "../share/piece";
import { card, field, retryButton } from "../view/card";
import { h } from "../view/dom";
import type { IconName } from "../view/icons";
import { Shell } from "../view/shell";
import { type AnswerFile, packAnswer } from "./answer";
import { openRequest, receiptOf, REQUEST_ID, type RequestSheet, sendAnswer } from "./cloud";
import { AnswerForm, Draft } from "./form";
import { deriveProof, parsePastedRecipient, parseRecipient } from "./link";
import { RecipientError, seal } from "./sealing";
import { openSheet } from "./sheet";
import { counted, word } from "./words";

const ID_BYTES = 16;

/** The states in which nothing can be sent, with their icons. Their messages are named after them. */
const STATES = { not_found: "empty", expired: "clock", answered: "check", revoked: "close", blocked: "close", wrong_key: "key", damaged: "alert", newer: "alert", insecure: "lock", old: "alert" } as const;
type State = keyof typeof STATES;

const STATE_OF_CODE: Record<string, State> = { "not-found": "not_found", expired: "expired", answered: "answered", revoked: "revoked", blocked: "blocked", "wrong-proof": "wrong_key" };

/** An answer that is sealed and on its way. It keeps its id, so that sending it again is harmless. */
interface Sealed {
  readonly id: string;
  readonly bytes: Uint8Array;
}

class Page {
  readonly #shell = new Shell();
  readonly #draft = new Draft();
  #recipient: Uint8Array = new Uint8Array(0);
  #form: AnswerForm | null = null;
  #isSent = false;

  start(): void {
    addEventListener("hashchange", () => location.reload());
    addEventListener("beforeunload", (event) => {
      if (!this.#isSent && !this.#draft.isEmpty) event.preventDefault();
    });
    this.#begin();
  }

  #begin(): void {
    const missing = missingSupport();
    if (missing) return this.#shell.show(() => stateCard(missing));
    const { key } = parseFragment(location.hash);
    const recipient = key ? parseRecipient(key) : null;
    if (!recipient) return this.#shell.show(() => keyCard(key ? "bad_key" : "no_key"));
    this.#recipient = recipient;
    void this.#load();
  }

  async #load(): Promise<void> {
    try {
      const sheet = await openRequest(await deriveProof(this.#recipient));
      const asked = await openSheet(sheet.sheet, this.#recipient, REQUEST_ID);
      this.#shell.show(() => this.#drawForm(asked, sheet));
      performance.mark("satchel:request");
    } catch (error) {
      this.#shell.show(() => failureCard(error, () => void this.#load()));
    }
  }

  #drawForm(asked: string, sheet: RequestSheet): Node {
    this.#form = new AnswerForm(this.#draft, {
      asked,
      expires: sheet.expires ? word("asked_until", { date: formatDate(sheet.expires) }) : "",
      maxBytes: sheet.answerBytes,
      key: parseFragment(location.hash).key,
      send: (files) => void this.#send(files),
      announce: (text) => this.#shell.announce(text),
    });
    if (this.#step) this.#form.setBusy(word(this.#step)); // it is drawn in another language
    return this.#form.element;
  }

  // -- sending -----------------------------------------------------------------------------------------------

  #sealed: (Sealed & { readonly of: string }) | null = null;

  #step: "sealing" | "sending" | null = null;

  async #send(files: readonly AnswerFile[]): Promise<void> {
    try {
      this.#report("sealing");
      const { id, bytes } = await this.#seal(files);
      this.#report("sending");
      await sendAnswer(id, bytes, await deriveProof(this.#recipient));
      this.#finish(await receiptOf(bytes), files.length);
    } catch (error) {
      this.#step = null;
      this.#form!.setBusy("");
      this.#form!.showProblem(problemOf(error));
    }
  }

  #report(step: "sealing" | "sending"): void {
    this.#step = step;
    this.#form!.setBusy(word(step));
  }

  /** Seal the files, or take what an earlier attempt with the same files has sealed. */
  async #seal(files: readonly AnswerFile[]): Promise<Sealed> {
    const of = await fingerprint(files);
    if (this.#sealed?.of !== of) {
      const id = Array.from(crypto.getRandomValues(new Uint8Array(ID_BYTES)), (byte) => byte.toString(16).padStart(2, "0")).join("");
      this.#sealed = { id, of, bytes: await seal(packAnswer(REQUEST_ID, id, files, new Date()), this.#recipient) };
    }
    return this.#sealed;
  }

  #finish(receipt: string, count: number): void {
    this.#isSent = true;
    this.#shell.show(() =>
      card(
        { icon: "check", title: word("sent_title"), text: counted("sent_text", count) },
        h("p.receipt", { text: receipt, attrs: { dir: "ltr", id: "receipt" } }),
        h("p.help", { text: word("receipt_help") }),
      ),
    );
    this.#shell.announce(word("sent_title"));
    document.title = `${word("sent_title")} · satchel`;
  }
}

/** Tell two answers apart, without keeping a copy of them. */
async function fingerprint(files: readonly AnswerFile[]): Promise<string> {
  const digests = await Promise.all(files.map(({ content }) => crypto.subtle.digest("SHA-256", content.slice())));
  return JSON.stringify(files.map(({ name }, index) => [name, [...new Uint8Array(digests[index]!)]]));
}

// -- states ------------------------------------------------------------------------------------------------------

function stateCard(state: State, ...children: Node[]): HTMLElement {
  return card({ icon: STATES[state], title: word(`${state}_title`), text: word(`${state}_text`) }, ...children);
}

function failureCard(error: unknown, retry: () => void): HTMLElement {
  const state = stateOf(error);
  if (state) return stateCard(state);
  const name: IconName = error instanceof CloudError && error.code === "offline" ? "offline" : "alert";
  return card({ icon: name, title: word("failed_title"), text: problemOf(error) }, retryButton(retry));
}

function stateOf(error: unknown): State | null {
  if (error instanceof CloudError) return STATE_OF_CODE[error.code] ?? null;
  if (error instanceof NewerFormatError) return "newer";
  return error instanceof SealError || error instanceof RecipientError ? "damaged" : null;
}

/** Why nothing was sent, in one sentence. What was typed stays in the form. */
function problemOf(error: unknown): string {
  const state = stateOf(error);
  if (state) return word(`${state}_text`);
  if (!(error instanceof CloudError)) console.error(error); // a bug of this page
  const code = error instanceof CloudError ? error.code : "";
  if (code === "too-large") return word("refused_size");
  if (code === "quota") return word("refused_full");
  if (code === "too-many") return word("refused_busy");
  return code === "offline" ? word("refused_offline") : word("refused_failed");
}

/** The card for a missing or truncated key, with a field to enter it. Shown before any request is made. */
function keyCard(name: "no_key" | "bad_key"): HTMLElement {
  const attrs = { type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false", dir: "ltr", enterkeyhint: "go" };
  const key = field({ id: "key", label: word("key_label"), attrs });
  const submit = (event: Event) => {
    event.preventDefault();
    const entered = parsePastedRecipient(key.input.value);
    if (parseRecipient(entered)) return void (location.hash = entered);
    key.showError(word("key_bad"));
    key.input.focus();
  };
  const button = h("button.button.primary.large", { text: word("key_use"), attrs: { type: "submit" } });
  const form = h("form", { attrs: { novalidate: true }, on: { submit } }, key.element, button);
  return card({ icon: "key", title: word(`${name}_title`), text: word(`${name}_text`) }, form);
}

async function start(): Promise<void> {
  await whenActivated();
  const requested = preference("language") ?? document.documentElement.lang;
  await useLanguage(isLanguage(requested) ? requested : "en");
  new Page().start();
}

void start();
