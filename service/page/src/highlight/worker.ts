/**
 * The worker that highlights text and parses Markdown. It runs apart from the page, so that neither a long text nor a
 * grammar that a hostile text makes backtrack forever blocks the page.
 */

import hljs from "highlight.js/lib/core";
import { RunEmitter } from "./emitter";
import { loadLanguage, registerCore } from "./languages";
import type { HighlightRequest, HighlightResponse, MarkdownRequest, Runs } from "./protocol";

const FIRST_CHUNK_CHARS = 8 << 10; // small, so that the visible part is highlighted soon
const CHUNK_CHARS = 48 << 10;
const MAX_CHUNK_CHARS = 256 << 10;

/** The result of highlight.js, with the fields that its types leave out. */
interface Result {
  readonly _emitter: RunEmitter;
  /** The mode at the end of the text; one without a parent is the grammar's initial mode. */
  readonly _top?: { readonly parent?: unknown };
}

// `__emitter` replaces the HTML output of highlight.js.
hljs.configure({ __emitter: RunEmitter } as unknown as Parameters<typeof hljs.configure>[0]);
registerCore(hljs);

let queue: Promise<void> = Promise.resolve();

addEventListener("message", ({ data }: MessageEvent<HighlightRequest | MarkdownRequest>) => {
  const answer = "markdown" in data ? () => respondTokens(data) : () => respond(data);
  queue = queue.then(answer).catch(() => send({ id: data.id, done: true }));
});

async function respondTokens({ id, markdown }: MarkdownRequest): Promise<void> {
  const { parseMarkdown } = await import("./markdown-parser");
  send({ id, tokens: parseMarkdown(markdown), done: true });
}

async function respond({ id, text, language }: HighlightRequest): Promise<void> {
  if (await loadLanguage(hljs, language)) {
    send({ id, name: hljs.getLanguage(language.trim())?.name ?? language });
    for (const runs of highlight(text, language.trim())) send({ id, runs }, [runs.ends.buffer, runs.kinds.buffer]);
  }
  send({ id, done: true });
}

function send(message: HighlightResponse, transfer: Transferable[] = []): void {
  postMessage(message, { transfer });
}

// -- chunks ------------------------------------------------------------------------------------------------------

/** Highlight text chunk by chunk, with the same result as highlighting it at once. */
function* highlight(text: string, language: string): Generator<Runs> {
  for (let from = 0, size = FIRST_CHUNK_CHARS; from < text.length; size = CHUNK_CHARS) {
    const runs = highlightChunk(text, language, from, size);
    yield runs;
    from = runs.to;
  }
}

/** A chunk must end in the grammar's initial mode; it grows until it does. */
function highlightChunk(text: string, language: string, from: number, size: number): Runs {
  for (; ; size *= 2) {
    const to = chunkEnd(text, from + size);
    if (to - from > MAX_CHUNK_CHARS * 2) return plainRun(from, Math.min(text.length, from + MAX_CHUNK_CHARS)); // one endless line
    const result = hljs.highlight(text.slice(from, to), { language, ignoreIllegals: true }) as unknown as Result;
    const isComplete = to === text.length || result._top?.parent === undefined;
    if (isComplete || size >= MAX_CHUNK_CHARS) return toRuns(result._emitter, from, to);
  }
}

/** A likely boundary at or after `at`: an unindented line after an empty one, else an unindented line, else any line. */
function chunkEnd(text: string, at: number): number {
  if (at >= text.length) return text.length;
  const window = text.slice(at, at + CHUNK_CHARS);
  const match = /\n\r?\n(?=[^\s})\]])/.exec(window) ?? /\n(?=\S)/.exec(window) ?? /\n/.exec(window);
  if (match) return at + match.index + match[0].length;
  const next = text.indexOf("\n", at);
  return next < 0 ? text.length : next + 1;
}

function toRuns({ lengths, kinds }: RunEmitter, from: number, to: number): Runs {
  const ends = new Uint32Array(lengths.length);
  let at = from;
  lengths.forEach((length, i) => (ends[i] = at += length));
  return at === to ? { from, to, ends, kinds: Uint8Array.from(kinds) } : plainRun(from, to); // the grammar failed
}

function plainRun(from: number, to: number): Runs {
  return { from, to, ends: Uint32Array.of(to), kinds: Uint8Array.of(0) };
}
