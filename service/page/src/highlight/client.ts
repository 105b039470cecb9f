/** The page's side of colouring: asks the worker, and does without it when it fails or takes too long. */

import type { HighlightAnswer, HighlightRequest, Runs } from "./runs";

declare const __WORKER_URL__: string; // build.mjs: the hashed name of the worker's program

const PATIENCE_MS = 10_000;

export interface Listener {
  name?(name: string): void;
  runs(runs: Runs): void;
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: () => string }): { createScriptURL(url: string): string };
}

export class Highlighter {
  #worker: Worker | null | undefined;
  #last = 0;
  readonly #listeners = new Map<number, Listener>();
  #watchdog = 0;


  /** Ask for a text's colours; without a worker there are none. */
  highlight(text: string, language: string, listener: Listener): void {
    if (!language) return;
    if (this.#worker === undefined) this.#start();
    if (!this.#worker) return;
    const id = ++this.#last;
    this.#listeners.set(id, listener);
    this.#worker.postMessage({ id, text, language } satisfies HighlightRequest);
    this.#watch();
  }

  /** Only once there is something to colour: the text itself comes first. */
  #start(): void {
    this.#worker = startWorker();
    if (!this.#worker) return;
    this.#worker.onmessage = ({ data }: MessageEvent<HighlightAnswer>) => this.#hear(data);
    this.#worker.onerror = () => this.#giveUp();
  }

  #hear({ id, name, runs, done }: HighlightAnswer): void {
    const listener = this.#listeners.get(id);
    if (name) listener?.name?.(name);
    if (runs) listener?.runs(runs);
    if (done) this.#listeners.delete(id);
    this.#watch();
  }

  #watch(): void {
    clearTimeout(this.#watchdog);
    if (this.#listeners.size) this.#watchdog = window.setTimeout(() => this.#giveUp(), PATIENCE_MS);
  }

  #giveUp(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#listeners.clear();
  }
}

/** The page's only Trusted Types policy: it knows one address and gives nothing else. */
function startWorker(): Worker | null {
  try {
    const url = new URL(__WORKER_URL__, import.meta.url).href;
    const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
    const trusted = types ? types.createPolicy("satchel-worker", { createScriptURL: () => url }).createScriptURL("") : url;
    return new Worker(trusted, { type: "module" });
  } catch {
    return null;
  }
}
