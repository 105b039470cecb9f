/** Highlights text in a worker, and leaves it plain if the worker fails or takes too long. */

import type { HighlightRequest, HighlightResponse, Runs } from "./protocol";

declare const __WORKER_URL__: string; // build.mjs: the hashed file name of the worker

const TIMEOUT_MS = 10_000;

export interface Listener {
  name?(name: string): void;
  runs(runs: Runs): void;
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: () => string }): { createScriptURL(url: string): string };
}

export class Highlighter {
  /** Started by the first request; null if it cannot run. */
  #worker: Worker | null | undefined;
  #lastId = 0;
  readonly #listeners = new Map<number, Listener>();
  #timeout = 0;

  /** Request the runs of a text. Without a worker the listener never hears of any. */
  highlight(text: string, language: string, listener: Listener): void {
    if (!language) return;
    if (this.#worker === undefined) this.#start();
    if (!this.#worker) return;
    const id = ++this.#lastId;
    this.#listeners.set(id, listener);
    this.#worker.postMessage({ id, text, language } satisfies HighlightRequest);
    this.#restartTimeout();
  }

  #start(): void {
    this.#worker = startWorker();
    if (!this.#worker) return;
    this.#worker.onmessage = ({ data }: MessageEvent<HighlightResponse>) => this.#receive(data);
    this.#worker.onerror = () => this.#stop();
  }

  #receive({ id, name, runs, done }: HighlightResponse): void {
    const listener = this.#listeners.get(id);
    if (name) listener?.name?.(name);
    if (runs) listener?.runs(runs);
    if (done) this.#listeners.delete(id);
    this.#restartTimeout();
  }

  #restartTimeout(): void {
    clearTimeout(this.#timeout);
    if (this.#listeners.size) this.#timeout = window.setTimeout(() => this.#stop(), TIMEOUT_MS);
  }

  #stop(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#listeners.clear();
  }
}

/** The page's only Trusted Types policy: it returns the worker's URL, whatever it is given. */
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
