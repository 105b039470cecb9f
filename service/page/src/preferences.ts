/** The reader's preferences for the page, in local storage. Nothing about a share is stored. */

export const PREFERENCES = ["theme", "wrap", "language", "markdown", "keys"] as const;
export type PreferenceName = (typeof PREFERENCES)[number];

/** Preferences last as long as the page where storage is disabled or full. */
const session = new Map<PreferenceName, string>();
let keep = (name: PreferenceName, value: string): void => localStorage.setItem(`satchel.${name}`, value);

/** Begin with these preferences, and keep them elsewhere than in local storage, as the window does. */
export function keepPreferences(found: Partial<Record<PreferenceName, string>>, elsewhere: typeof keep): void {
  for (const name of PREFERENCES) if (found[name]) session.set(name, found[name]);
  keep = elsewhere;
}

export function preference(name: PreferenceName): string | null {
  try {
    return session.get(name) ?? localStorage.getItem(`satchel.${name}`);
  } catch {
    return session.get(name) ?? null;
  }
}

export function setPreference(name: PreferenceName, value: string): void {
  session.set(name, value);
  try {
    keep(name, value);
  } catch {
    // kept in `session` only
  }
}
