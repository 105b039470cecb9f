/**
 * The owner's preferences for the window. They lie in the home, and the server writes them into the page, so that they
 * are the same in every browser and at every port. Until the home has kept one, it also lies in this browser, and counts
 * there: the page may be loaded again before, or the home may not be writable.
 */

import { keepPreferences, type PreferenceName, PREFERENCES } from "satchel-share-page/preferences";
import { setPreference } from "./api";

/** Take the preferences from the page, and keep each that is set from now on in the home. */
export function usePreferencesOfHome(): void {
  const ofHome = JSON.parse(document.documentElement.dataset["preferences"] ?? "{}") as Partial<Record<PreferenceName, string>>;
  keepPreferences({ ...ofHome, ...Object.fromEntries(stored()) }, (name, value) => void keep(name, value));
}

/** Hand over what this browser has kept itself, also by earlier versions of the page. */
export function handPreferencesBack(): void {
  for (const [name, value] of stored()) void keep(name, value);
}

async function keep(name: PreferenceName, value: string): Promise<void> {
  store(name, value);
  try {
    await setPreference({ name, value });
  } catch {
    return; // it stays in this browser
  }
  if (new Map(stored()).get(name) === value) unstore(name);
}

function stored(): [PreferenceName, string][] {
  try {
    return PREFERENCES.map((name) => [name, localStorage.getItem(`satchel.${name}`)] as const).filter((pair): pair is [PreferenceName, string] => pair[1] !== null);
  } catch {
    return [];
  }
}

function store(name: PreferenceName, value: string): void {
  try {
    localStorage.setItem(`satchel.${name}`, value);
  } catch {
    // kept as long as the page
  }
}

function unstore(name: PreferenceName): void {
  try {
    localStorage.removeItem(`satchel.${name}`);
  } catch {
    // there is none
  }
}
