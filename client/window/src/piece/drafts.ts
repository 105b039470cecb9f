/**
 * Drafts: what was typed and is not saved yet. They lie in the browser's storage for this address until they are saved
 * or discarded, so that neither a reload nor a server that is gone loses them.
 */

export interface Draft {
  /** The revision that was edited; 0 for a new Piece. */
  readonly base: number;
  readonly title: string;
  readonly description: string;
  readonly language: string;
  readonly tags: readonly string[];
  readonly links: readonly string[];
  /** The text of each text file, by its number. */
  readonly texts: Readonly<Record<number, string>>;
  readonly typed: string;
  /** The address of the page that a new Piece is from. */
  readonly source?: string;
}

const PREFIX = "satchel.draft.";
export const NEW = "new";

/** Drafts last as long as the page where storage is disabled or full. */
const session = new Map<string, Draft>();

export function readDraft(id: string): Draft | null {
  try {
    const text = localStorage.getItem(PREFIX + id);
    return session.get(id) ?? (text ? (JSON.parse(text) as Draft) : null);
  } catch {
    return session.get(id) ?? null;
  }
}

/** Keep a draft. False if it lasts only as long as the page. */
export function keepDraft(id: string, draft: Draft): boolean {
  session.set(id, draft);
  try {
    localStorage.setItem(PREFIX + id, JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

export function dropDraft(id: string): void {
  session.delete(id);
  try {
    localStorage.removeItem(PREFIX + id);
  } catch {
    // there is none
  }
}
