/**
 * The service worker of an installed window. It answers where the server does not run: the owner clicked the icon, and
 * would see the browser's own error. Its page says how to start the window. It stores nothing, and passes every other
 * request on untouched.
 */

interface Texts {
  readonly title: string;
  readonly text: string;
  readonly again: string;
}

interface NavigationEvent extends Event {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

declare const __TEXTS__: Readonly<Record<string, Texts>>;
declare const __STYLE__: string;
/** The digest of the style for the page's policy. */
declare const __STYLE_DIGEST__: string;

addEventListener("install", () => void (self as unknown as { skipWaiting(): Promise<void> }).skipWaiting());
addEventListener("fetch", (event) => {
  const navigation = event as NavigationEvent;
  if (navigation.request.mode === "navigate") navigation.respondWith(fetch(navigation.request).catch(notRunning));
});

function notRunning(): Response {
  const language = navigator.languages.map((tag) => tag.split("-")[0]!).find((code) => Object.hasOwn(__TEXTS__, code)) ?? "en";
  const { title, text, again } = __TEXTS__[language]!;
  const body = `<main><h1>${title}</h1><p>${text}</p><p><code dir="ltr" translate="no">satchel open --port ${location.port}</code></p><p><a href="/">${again}</a></p></main>`;
  const page = `<!doctype html><html lang="${language}" dir="${language === "ar" ? "rtl" : "ltr"}"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>${title}</title><style>${__STYLE__}</style>${body}</html>`;
  const policy = `default-src 'none'; style-src '${__STYLE_DIGEST__}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  const headers = { "content-type": "text/html; charset=utf-8", "content-security-policy": policy, "referrer-policy": "no-referrer", "x-content-type-options": "nosniff" };
  return new Response(page, { status: 503, headers });
}
