/** Selections that no window has taken yet. They are kept in memory alone, and end with the browser. */

import type { Selection } from "./reading";

export interface Waiting extends Selection {
  readonly id: string;
}

const PREFIX = "waiting.";
/** More than these are refused: nobody looks after so many, and memory is bounded. */
const MAX_WAITING = 20;
/** The browser keeps 10 MiB in memory for an extension, counted as JSON. */
export const MAX_KEPT_CHARS = 9 * 2 ** 20;

let last = 0;

/** All of them, the oldest first. */
export async function waiting(): Promise<readonly Waiting[]> {
  const kept: Record<string, unknown> = await chrome.storage.session.get(null);
  const keys = Object.keys(kept).filter((key) => key.startsWith(PREFIX));
  return keys.sort().map((key) => kept[key] as Waiting);
}

/** Keep a selection. False if it is too long for what the browser keeps in memory. */
export async function keep(selection: Selection): Promise<Waiting | null> {
  if (selection.text.length > MAX_KEPT_CHARS || (await waiting()).length >= MAX_WAITING) return null;
  last = Math.max(Date.now(), last + 1); // ids are in the order of time
  const kept = { ...selection, id: String(last).padStart(15, "0") };
  try {
    await chrome.storage.session.set({ [PREFIX + kept.id]: kept });
    return kept;
  } catch {
    return null; // over the browser's limit, together with the others
  }
}

export async function drop(id: string): Promise<void> {
  await chrome.storage.session.remove(PREFIX + id);
}
