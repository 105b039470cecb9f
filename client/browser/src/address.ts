/**
 * The address of a page as it is saved: without user names, passwords, and whatever looks like a secret. Reset links,
 * signed downloads and answers of sign-ins carry secrets in their queries and fragments.
 */

export interface TidyAddress {
  /** Empty if the page has no address that means anything later, such as `about:` or `data:`. */
  readonly address: string;
  /** Whether something was left out that may have been needed to find the page again. */
  readonly isShortened: boolean;
}

const MAX_CHARS = 2_000;
/** Names of parameters whose values are secrets, or lead to them. */
const SECRET_NAMES = /(?:^|[-_.\[])(?:access|api|auth|authorization|bearer|code|credentials?|hash|hmac|id_?token|jwt|key|nonce|otp|pass|passcode|passwd|password|pin|policy|pwd|refresh|sas|saml\w*|secret|session|sess|sid|sig|signature|state|ticket|token|x-amz-\w+)(?:$|[-_.\]])|(?:token|secret|signature|password|apikey|sessionid|credential)$|^(?:x-)?(?:amz|goog)-/i;
/** Parameters that only tell where a reader came from. They are left out, too, but nobody needs them. */
const TRACKING_NAMES = /^(?:utm_\w+|fbclid|gclid|dclid|msclkid|mc_eid|igshid|yclid|_ga|_gl)$/i;
/** Digits and letters without words: 20 characters or more, with digits among them, as ids of sessions and keys are. */
const RANDOM_VALUE = /^(?=.*\d)(?=.*[a-z])[\w.~+/=:-]{20,}$/i;
const WORDS = /^[a-z0-9]{1,14}(?:[-_.+/:][a-z0-9]{0,14})*$/i;
/** A fragment that names a place in the page. Others may be states of applications, with tokens. */
const PLACE = /^[\p{L}\p{N}_.:()/-]{1,100}$/u;

export function tidyAddress(address: string): TidyAddress {
  const url = parse(address);
  if (!url || !["http:", "https:", "file:"].includes(url.protocol)) return { address: "", isShortened: false };
  let isShortened = Boolean(url.username || url.password);
  url.username = url.password = "";
  const parameters = url.search.slice(1).split("&").filter(Boolean);
  const kept = parameters.filter((parameter) => !isSecret(parameter) && !TRACKING_NAMES.test(nameOf(parameter)));
  isShortened ||= parameters.some(isSecret);
  if (kept.length < parameters.length) url.search = kept.join("&");
  const fragment = url.hash.slice(1);
  if (fragment && !isPlace(fragment)) {
    url.hash = "";
    isShortened ||= !fragment.startsWith(":~:");
  }
  if (url.href.length > MAX_CHARS) {
    url.search = url.hash = "";
    isShortened = true;
  }
  return url.href.length > MAX_CHARS ? { address: url.origin, isShortened: true } : { address: url.href, isShortened };
}

function isSecret(parameter: string): boolean {
  const value = decode(parameter.slice(nameOf(parameter, false).length + 1));
  return SECRET_NAMES.test(nameOf(parameter)) || looksRandom(value) || /^\w[\w+.-]*:\/\/[^/]*@/.test(value);
}

function looksRandom(value: string): boolean {
  return RANDOM_VALUE.test(value) && !WORDS.test(value);
}

function isPlace(fragment: string): boolean {
  const text = decode(fragment);
  return PLACE.test(text) && !looksRandom(text);
}

function nameOf(parameter: string, isDecoded = true): string {
  const name = parameter.split("=", 1)[0]!;
  return isDecoded ? decode(name) : name;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

function parse(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}
