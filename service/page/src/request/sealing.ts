/**
 * Seals age files (age-encryption.org/v1) to one X25519 recipient, as `share/age.ts` opens them: native WebCrypto where
 * it has the primitives, and the same chunks on demand elsewhere.
 */

import { concat, hkdf, NO_SALT } from "../share/identity";
import { BASE_POINT, x25519 } from "../share/primitives";

const WRAP_LABEL = "age-encryption.org/v1/X25519";
const FILE_KEY_BYTES = 16;
const NONCE_BYTES = 16;
const CHUNK_BYTES = 64 << 10;
const TAG_BYTES = 16;

type Encrypt = (nonce: Uint8Array, plain: Uint8Array) => Promise<Uint8Array>;

/** The recipient is not a key to which anything can be sealed: a point of low order. */
export class RecipientError extends Error {}

/** Return an age file with this content. Raises RecipientError. */
export async function seal(content: Uint8Array, recipient: Uint8Array): Promise<Uint8Array> {
  const fileKey = crypto.getRandomValues(new Uint8Array(FILE_KEY_BYTES));
  const header = await makeHeader(fileKey, recipient);
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const encrypt = await chacha20Poly1305(await hkdf(fileKey, nonce, "payload"));
  const count = Math.max(1, Math.ceil(content.length / CHUNK_BYTES));
  const file = new Uint8Array(header.length + NONCE_BYTES + content.length + count * TAG_BYTES);
  file.set(header);
  file.set(nonce, header.length);
  let at = header.length + NONCE_BYTES;
  for (let index = 0; index < count; index++) {
    const chunk = content.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
    const sealed = await encrypt(chunkNonce(index, index === count - 1), chunk);
    file.set(sealed, at);
    at += sealed.length;
  }
  return file;
}

/** The length of an age file for one X25519 recipient, with so much content. */
export function sealedSize(contentBytes: number): number {
  return HEADER_BYTES + NONCE_BYTES + contentBytes + Math.max(1, Math.ceil(contentBytes / CHUNK_BYTES)) * TAG_BYTES;
}

// version, stanza of 43 base64 digits, body of 43, MAC of 43, and their line ends
const HEADER_BYTES = 22 + (10 + 43 + 1) + 44 + (4 + 43 + 1);

async function makeHeader(fileKey: Uint8Array, recipient: Uint8Array): Promise<Uint8Array> {
  const agree = await x25519(crypto.getRandomValues(new Uint8Array(32)));
  const share = await agree(BASE_POINT);
  const shared = await agree(recipient).catch(() => new Uint8Array(32));
  if (shared.every((byte) => byte === 0)) throw new RecipientError();
  const encrypt = await chacha20Poly1305(await hkdf(shared, concat(share, recipient), WRAP_LABEL));
  const body = await encrypt(new Uint8Array(12), fileKey);
  const covered = `age-encryption.org/v1\n-> X25519 ${encodeBase64(share)}\n${encodeBase64(body)}\n---`;
  const mac = await sign(await hkdf(fileKey, NO_SALT, "header"), new TextEncoder().encode(covered));
  return new TextEncoder().encode(`${covered} ${encodeBase64(mac)}\n`);
}

async function sign(macKey: Uint8Array, data: Uint8Array): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("raw", macKey.slice(), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, data.slice()));
}

/** ChaCha20-Poly1305 under a key. */
async function chacha20Poly1305(key: Uint8Array): Promise<Encrypt> {
  const name = "ChaCha20-Poly1305";
  try {
    const native = await crypto.subtle.importKey("raw-secret" as "raw", key.slice(), { name }, false, ["encrypt"]);
    return async (iv, plain) => new Uint8Array(await crypto.subtle.encrypt({ name, iv: iv.slice() } as AesGcmParams, native, plain.slice()));
  } catch {
    const { chacha20poly1305 } = await import("../ondemand/chacha");
    return async (nonce, plain) => chacha20poly1305(key, nonce).encrypt(plain);
  }
}

/** Base64 without padding. */
function encodeBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replace(/=+$/, "");
}

/** Eleven bytes of counter and one that marks the last chunk. */
function chunkNonce(index: number, isLast: boolean): Uint8Array {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(7, index);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}
