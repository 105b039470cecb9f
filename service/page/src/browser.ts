/** What the page must know of its browser before it does anything. */

/** Why this browser cannot decrypt, if it cannot. */
export function missingSupport(): "insecure" | "old" | null {
  if (!isSecureContext) return "insecure";
  return typeof DecompressionStream === "function" && crypto.subtle ? null : "old";
}

/** Whether the browser is preparing the page in advance; nothing may be opened then. */
export function isPrerendering(): boolean {
  return Boolean((document as { prerendering?: boolean }).prerendering);
}

/** Resolves once the page is on display. */
export function whenActivated(): Promise<void> {
  if (!isPrerendering()) return Promise.resolve();
  return new Promise((resolve) => document.addEventListener("prerenderingchange", () => resolve(), { once: true }));
}
