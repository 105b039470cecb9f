/**
 * The colouring worker. It runs apart from the page, so that neither a long text nor a grammar that a hostile text
 * drives into endless search can hold the page up.
 */

import hljs from "highlight.js/lib/core";
import { RunEmitter } from "./emitter";
import { loadLanguage, registerCore } from "./languages";
import { colour } from "./pieces";
import type { HighlightAnswer, HighlightRequest } from "./runs";

// `__emitter` is how highlight.js is told to write something other than HTML.
hljs.configure({ __emitter: RunEmitter } as unknown as Parameters<typeof hljs.configure>[0]);
registerCore(hljs);

let queue: Promise<void> = Promise.resolve();

addEventListener("message", ({ data }: MessageEvent<HighlightRequest>) => {
  queue = queue.then(() => answer(data)).catch(() => tell({ id: data.id, done: true }));
});

async function answer({ id, text, language }: HighlightRequest): Promise<void> {
  if (await loadLanguage(hljs, language)) {
    tell({ id, name: hljs.getLanguage(language.trim())?.name ?? language });
    for (const runs of colour(hljs, text, language.trim())) {
      tell({ id, runs }, [runs.ends.buffer, runs.kinds.buffer]);
    }
  }
  tell({ id, done: true });
}

function tell(message: HighlightAnswer, transfer: Transferable[] = []): void {
  postMessage(message, { transfer });
}
