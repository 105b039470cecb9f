/** The reader's preferences for the page, in local storage. Nothing about a share is stored. */

type Name = "theme" | "wrap" | "language" | "markdown" | "keys";

/** Preferences last as long as the page where storage is disabled or full. */
const session = new Map<Name, string>();

export function preference(name: Name): string | null {
  try {
    return session.get(name) ?? localStorage.getItem(`satchel.${name}`);
  } catch {
    return session.get(name) ?? null;
  }
}

export function setPreference(name: Name, value: string): void {
  session.set(name, value);
  try {
    localStorage.setItem(`satchel.${name}`, value);
  } catch {
    // kept in `session` only
  }
}
