/**
 * Runs in the pages of 127.0.0.1, beside their own scripts, and does something only in a page that calls itself a window
 * of satchel: it carries challenges and selections from the background to the page, and answers back. Whether the page
 * is a window is for the background to find out.
 */

import type { FromTab, Taken, ToTab } from "./protocol";

const ANSWER_MS = 3_000;
/** A long text takes the page some seconds to show. */
const TAKE_MS = 60_000;

interface Answer {
  readonly proof?: { readonly public_key?: unknown; readonly signature?: unknown; readonly home?: unknown };
  readonly taken?: unknown;
}

const shared = globalThis as { satchelWindowScript?: true };
if (document.querySelector('meta[name="satchel-window"]') && !shared.satchelWindowScript) {
  shared.satchelWindowScript = true;
  start();
}

function start(): void {
  const instance = crypto.randomUUID();
  const pending = new Map<string, (answer: Answer | null) => void>();

  const ask = (message: object, timeoutMs: number): Promise<Answer | null> =>
    new Promise((resolve) => {
      const id = crypto.randomUUID();
      pending.set(id, resolve);
      setTimeout(() => resolve(null), timeoutMs);
      postMessage({ satchel: "window", id, ...message }, location.origin);
    });

  addEventListener("message", ({ data, origin, source }: MessageEvent<unknown>) => {
    if (source !== window || origin !== location.origin || typeof data !== "object" || data === null) return;
    const { satchel, id, tell } = data as Record<string, unknown>;
    if (satchel !== "extension") return;
    if (tell === "free") void tellBackground();
    if (typeof id !== "string") return;
    pending.get(id)?.(data as Answer);
    pending.delete(id);
  });

  const answerTo = async (asked: ToTab): Promise<FromTab> => {
    if (asked.ask === "prove") {
      const answer = await ask({ ask: "prove", challenge: asked.challenge }, ANSWER_MS);
      const { public_key: publicKey, signature, home } = answer?.proof ?? {};
      const proof = { publicKey: lineOf(publicKey), signature: lineOf(signature), path: lineOf(home) };
      return proof.publicKey ? { instance, proof } : { instance };
    }
    const answer = await ask({ ask: "take", selection: asked.selection }, TAKE_MS);
    return ["shown", "busy", "refused"].includes(String(answer?.taken)) ? { instance, taken: answer!.taken as Taken } : { instance };
  };

  chrome.runtime.onMessage.addListener((asked: ToTab, sender, respond) => {
    if (sender.id !== chrome.runtime.id || sender.tab) return false;
    if (asked.ask === "take" && asked.instance !== instance) return false; // meant for an earlier page of this tab
    void answerTo(asked).then(respond);
    return true; // the answer comes later
  });
}

async function tellBackground(): Promise<void> {
  try {
    await chrome.runtime.sendMessage({ tell: "free" });
  } catch {
    // the extension was replaced or removed since this page was loaded
  }
}

/** A value of the page that should be a short text. */
function lineOf(value: unknown): string {
  return typeof value === "string" ? value.slice(0, 1_000) : "";
}
