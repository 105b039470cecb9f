/**
 * The keys of a request's link (docs/spec/request.md, sections 2 and 3): the recipient in the fragment, and what is
 * derived from it. Only the proof leaves the browser.
 */

import { decodeBech32 } from "../share/bech32";
import { parseFragment } from "../share/fragment";
import { hkdf, NO_SALT } from "../share/identity";

const RECIPIENT_PREFIX = "age";
const KEY_BYTES = 32;
const ANSWER_LABEL = "satchel/v1/request-answer";
const SHEET_LABEL = "satchel/v1/request-sheet";

/** Decode the key of a link to the recipient of the answers; null if it is truncated or mistyped. */
export function parseRecipient(key: string): Uint8Array | null {
  const recipient = decodeBech32(RECIPIENT_PREFIX, key);
  return recipient?.length === KEY_BYTES ? recipient : null;
}

/** Find the key in pasted text: a whole link, an age recipient, or the key alone. */
export function parsePastedRecipient(text: string): string {
  const fragment = text.trim().replace(/%23/g, "#").replace(/^.*?#/s, "");
  return parseFragment(fragment.replace(/^age1/i, "")).key;
}

/** The proof of knowing the link, which the cloud compares with a hash. */
export function deriveProof(recipient: Uint8Array): Promise<Uint8Array> {
  return hkdf(recipient, NO_SALT, ANSWER_LABEL);
}

/** The private X25519 key that opens the sheet. */
export function deriveSheetScalar(recipient: Uint8Array): Promise<Uint8Array> {
  return hkdf(recipient, NO_SALT, SHEET_LABEL);
}
