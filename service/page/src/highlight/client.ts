/** Highlights text and parses Markdown in a worker. Text stays plain if the worker fails or takes too long. */

import type { Token } from "marked";
import type { HighlightRequest, HighlightResponse, MarkdownRequest, Runs } from "./protocol";

declare const __WORKER_URL__: string; // build.mjs: the hashed file name of the worker

/** For one text, and for all texts of the page together. */
const TIMEOUT_MS = 10_000;
const TOTAL_MS = 60_000;

export interface Listener {
  name?(name: string): void;
  runs?(runs: Runs): void;
  tokens?(tokens: Token[]): void;
  /** There is no more to come. */
  ended?(): void;
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: () => string }): { createScriptURL(url: string): string };
}

export class Highlighter {
  /** Started by the first request; null if it cannot run. */
  #worker: Worker | null | undefined;
  #lastId = 0;
  /** In the order of the requests, which the worker answers one after another. */
  readonly #listeners = new Map<number, Listener>();
  #timeout = 0;
  #started = 0;
  #leftMs = TOTAL_MS;

  /** Request the runs of a text. Without a worker the listener never hears of any. */
  highlight(text: string, language: string, listener: Listener): void {
    if (language) this.#request((id) => ({ id, text, language }) satisfies HighlightRequest, listener);
  }

  /** Return the tokens of a text in Markdown, null if that fails or takes too long. */
  parseMarkdown(markdown: string): Promise<Token[] | null> {
    return new Promise((resolve) => {
      const listener = { tokens: resolve, ended: () => resolve(null) };
      this.#request((id) => ({ id, markdown }) satisfies MarkdownRequest, listener);
    });
  }

  #request(message: (id: number) => HighlightRequest | MarkdownRequest, listener: Listener): void {
    if (this.#worker === undefined) this.#start();
    if (!this.#worker) {
      listener.ended?.();
      return;
    }
    const id = ++this.#lastId;
    this.#listeners.set(id, listener);
    this.#worker.postMessage(message(id));
    if (this.#listeners.size === 1) this.#startTimeout();
  }

  #start(): void {
    this.#worker = startWorker();
    if (!this.#worker) return;
    this.#worker.onmessage = ({ data }: MessageEvent<HighlightResponse>) => this.#receive(data);
    this.#worker.onerror = () => this.#stop();
  }

  #receive({ id, name, runs, tokens, done }: HighlightResponse): void {
    const listener = this.#listeners.get(id);
    if (name) listener?.name?.(name);
    if (runs) listener?.runs?.(runs);
    if (tokens) listener?.tokens?.(tokens);
    if (!done) return;
    this.#listeners.delete(id);
    clearTimeout(this.#timeout);
    this.#leftMs -= performance.now() - this.#started;
    if (this.#listeners.size) this.#startTimeout();
    listener?.ended?.();
  }

  /** Stop the worker if the text at hand takes too long. */
  #startTimeout(): void {
    this.#started = performance.now();
    this.#timeout = window.setTimeout(() => this.#stop(), Math.min(TIMEOUT_MS, Math.max(this.#leftMs, 0)));
  }

  #stop(): void {
    this.#worker?.terminate();
    this.#worker = null;
    clearTimeout(this.#timeout);
    const waiting = [...this.#listeners.values()];
    this.#listeners.clear();
    for (const listener of waiting) listener.ended?.();
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
