/** Texts of pages, which may hold anything, as they are kept and shown. */

/** More characters than these are no selection but a file. The store's own limit is 64 MiB. */
export const MAX_TEXT_CHARS = 16 * 2 ** 20;
const MAX_TITLE_CHARS = 300;
/** Controls, and the marks that turn the direction of text or hide in it: they have no use in a title. */
const UNSEEN = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+/gu;

/** The selected text, unchanged but for what UTF-8 and the store cannot hold. */
export function cleanText(text: string): string {
  return text.replaceAll("\0", "\ufffd").toWellFormed();
}

/** A line that a page wrote, such as its title, short enough to show. */
export function cleanLine(text: string): string {
  const line = text.slice(0, 4 * MAX_TITLE_CHARS).toWellFormed().replace(UNSEEN, " ").replace(/\s+/g, " ").trim();
  const characters = [...line];
  return characters.length > MAX_TITLE_CHARS ? `${characters.slice(0, MAX_TITLE_CHARS - 1).join("")}…` : line;
}
