/** What a reader chose for the page itself, kept in the browser. Nothing about a share is ever kept. */

type Name = "theme" | "wrap" | "language" | "markdown";

/** Storage may be off or full: then the choice lasts as long as the page. */
const session = new Map<Name, string>();

export function preference(name: Name): string | null {
  try {
    return session.get(name) ?? localStorage.getItem(`satchel.${name}`);
  } catch {
    return session.get(name) ?? null;
  }
}

export function prefer(name: Name, value: string): void {
  session.set(name, value);
  try {
    localStorage.setItem(`satchel.${name}`, value);
  } catch {
    // kept for this page only
  }
}
