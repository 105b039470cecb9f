/** Reading the selection of a page. */

import { tidyAddress } from "./address";
import { cleanLine, cleanText, MAX_TEXT_CHARS } from "./text";

/** A selection as it is handed to the window. */
export interface Selection {
  readonly text: string;
  readonly title: string;
  readonly address: string;
  readonly isShortened: boolean;
}

/** `plain`: the text is there, but the browser has dropped its line breaks. */
export type Read = { readonly selection: Selection; readonly isPlain: boolean } | { readonly problem: "nothing_selected" | "not_readable" | "password_field" | "too_long" };

/** What a frame of a page has selected. */
interface Found {
  readonly text: string;
  readonly isPassword: boolean;
  readonly hasFocus: boolean;
}

/** The selection as the context menu knows it, and the frame that it is in. */
export type Clicked = Pick<chrome.contextMenus.OnClickData, "selectionText" | "frameId" | "frameUrl">;

export async function readSelection(tabId: number, clicked: Clicked = {}): Promise<Read> {
  const { selectionText = "", frameId, frameUrl } = clicked;
  const [tab, found] = await Promise.all([chrome.tabs.get(tabId), readFrames(tabId, frameId)]);
  const best = found.find(({ text, hasFocus }) => text && hasFocus) ?? found.find(({ text }) => text);
  const text = best?.text || (found.some(({ isPassword }) => isPassword) ? "" : selectionText);
  if (!text) return { problem: found.some(({ isPassword }) => isPassword) ? "password_field" : found.length ? "nothing_selected" : "not_readable" };
  if (text.length > MAX_TEXT_CHARS) return { problem: "too_long" };
  const isPlain = !best?.text;
  // A frame of another site is where the text is from; the page around it only shows it.
  const place = tidyAddress((isPlain && frameUrl) || tab.url || "");
  return { selection: { text: cleanText(text), title: cleanLine(tab.title ?? ""), ...place }, isPlain };
}

/** What the frames hold that the browser lets this extension read; none if it may read none of them. */
async function readFrames(tabId: number, frameId: number | undefined): Promise<readonly Found[]> {
  const target = frameId === undefined ? { tabId, allFrames: true } : { tabId, frameIds: [frameId] };
  try {
    const results = await chrome.scripting.executeScript({ target, func: selectedText });
    return results.map(({ result }) => result).filter((found) => found !== null && found !== undefined);
  } catch {
    return [];
  }
}

/**
 * Runs in the page, apart from its scripts: the selected text as the page shows it, with the line breaks of its blocks and
 * the indentation of its code. It is sent to the page as source, so it uses nothing outside itself.
 */
export function selectedText(): Found {
  const hasFocus = document.hasFocus();
  let root: Document | ShadowRoot = document;
  while (root.activeElement?.shadowRoot) root = root.activeElement.shadowRoot;
  const active = root.activeElement;
  if (active instanceof HTMLInputElement && active.type === "password") return { text: "", isPassword: true, hasFocus };
  if (active instanceof HTMLTextAreaElement || active instanceof HTMLInputElement) {
    const { selectionStart: start, selectionEnd: end } = active; // null for inputs without text
    if (start !== null && end !== null && end > start) return { text: active.value.slice(start, end), isPassword: false, hasFocus };
  }
  const own = root as (Document | ShadowRoot) & { getSelection?: () => Selection | null };
  const selection = (own.getSelection?.() ?? document.getSelection()) as globalThis.Selection | null;
  if (!selection || selection.rangeCount < 2) return { text: selection?.toString() ?? "", isPassword: false, hasFocus };
  // Firefox lets a reader select several parts, and joins them without a line break: take each by itself.
  const ranges = Array.from({ length: selection.rangeCount }, (_, at) => selection.getRangeAt(at));
  const texts = ranges.map((range) => {
    selection.removeAllRanges();
    selection.addRange(range);
    return selection.toString();
  });
  selection.removeAllRanges();
  for (const range of ranges) selection.addRange(range);
  return { text: texts.join("\n"), isPassword: false, hasFocus };
}
