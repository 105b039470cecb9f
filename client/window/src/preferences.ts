/**
 * The owner's preferences for the window. They lie in the home, and the server writes them into the page, so that they
 * are the same in every browser and at every port. Where the home cannot keep one, the browser does.
 */

import { keepPreferences, type PreferenceName, PREFERENCES } from "satchel-share-page/preferences";
import { send } from "./transport";

/** Take the preferences from the page, and keep each that is set from now on in the home. */
export function usePreferencesOfHome(): void {
  keepPreferences(ofHome(), (name, value) => void keep(name, value));
}

/** Hand over what this browser has kept itself, also by earlier versions of the page. */
export function handPreferencesBack(): void {
  const known = ofHome();
  for (const name of PREFERENCES) {
    const value = stored(name);
    if (value === null) continue;
    if (name in known) unstore(name);
    else void keep(name, value);
  }
}

function ofHome(): Partial<Record<PreferenceName, string>> {
  return JSON.parse(document.documentElement.dataset["preferences"] ?? "{}") as Partial<Record<PreferenceName, string>>;
}

async function keep(name: PreferenceName, value: string): Promise<void> {
  try {
    await send("/api/set_preference", JSON.stringify({ name, value }), "application/json", { keepalive: true });
    unstore(name);
  } catch {
    store(name, value);
  }
}

function stored(name: PreferenceName): string | null {
  try {
    return localStorage.getItem(`satchel.${name}`);
  } catch {
    return null;
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
