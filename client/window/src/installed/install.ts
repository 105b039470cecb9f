/** An installed window: what its icon does while no server runs. */

const WORKER = "/installed.js";

/** Have a service worker answer for the server, if the window is installed or as soon as it is. */
export function answerWhenInstalled(): void {
  if (!("serviceWorker" in navigator)) return;
  if (matchMedia("(display-mode: standalone)").matches) register();
  else addEventListener("appinstalled", register, { once: true });
}

function register(): void {
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  const url = types ? types.createPolicy("satchel-installed", { createScriptURL: () => WORKER }).createScriptURL("") : WORKER;
  void navigator.serviceWorker.register(url as string).catch(() => undefined); // a browser that forbids it shows its own error
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): unknown };
}
