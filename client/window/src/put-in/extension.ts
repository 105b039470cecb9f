/**
 * What the browser extension says in this page. Its script in this tab posts messages to the window and gets answers the
 * same way; messages of any other window or origin are not looked at.
 *
 *     { satchel: "window", id, ask: "prove", challenge }       { satchel: "extension", id, proof } or { …, id, failed }
 *     { satchel: "window", id, ask: "take", selection }        { satchel: "extension", id, taken: "shown" | "busy" | "refused" }
 *                                                              { satchel: "extension", tell: "free" }
 *
 * The extension hands a selection over only after a proof that it has verified (docs/adr/0026).
 */

import { proveWindow, type WindowProof } from "../api";

/**
 * A text that the owner selected on a page of the web. `isShortened` tells that parts of the address were left out,
 * `isOneOfSeveral` that other windows are open.
 */
export interface Selection {
  readonly text: string;
  readonly title: string;
  readonly address: string;
  readonly isShortened: boolean;
  readonly isOneOfSeveral: boolean;
}

/** `busy`: the form holds another text, and the extension keeps the selection until it hears that the form is free. */
export type Taken = "shown" | "busy" | "refused";

type Answer = { readonly proof: WindowProof } | { readonly taken: Taken } | { readonly failed: true };

const MAX_LINE_CHARS = 4_000;

export function listenToExtension(take: (selection: Selection) => Promise<Taken>): void {
  addEventListener("message", ({ data, origin, source }: MessageEvent<unknown>) => {
    if (source !== window || origin !== location.origin || !isRecord(data) || data["satchel"] !== "window") return;
    const { id } = data;
    if (typeof id !== "string") return;
    const answer = (found: Answer) => post({ id, ...found });
    void answerTo(data, take).then(answer, () => answer({ failed: true }));
  });
}

/** Tell the extension that the form can take the next selection. */
export function tellFree(): void {
  post({ tell: "free" });
}

async function answerTo(data: Record<string, unknown>, take: (selection: Selection) => Promise<Taken>): Promise<Answer> {
  const { ask, challenge, selection } = data;
  if (ask === "prove" && typeof challenge === "string") return { proof: await proveWindow({ challenge }) };
  if (ask === "take" && isSelection(selection)) return { taken: await take(selection) };
  return { failed: true };
}

function post(message: object): void {
  postMessage({ satchel: "extension", ...message }, location.origin);
}

function isSelection(value: unknown): value is Selection {
  if (!isRecord(value)) return false;
  const { text, title, address, isShortened, isOneOfSeveral } = value;
  return typeof text === "string" && isLine(title) && isLine(address) && typeof isShortened === "boolean" && typeof isOneOfSeveral === "boolean";
}

function isLine(value: unknown): boolean {
  return typeof value === "string" && value.length <= MAX_LINE_CHARS;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
