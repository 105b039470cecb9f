/**
 * From the link's secret, and a password if there is one, to the share's age identity and the proof of holding it
 * (docs/spec/share.md, section 3). Nothing here leaves the browser but the proof.
 */

import { bech32 } from "@scure/base";

const IDENTITY_PREFIX = "age-secret-key-";
const SECRET_BYTES = 32;
const PASSWORD_LABEL = "satchel/v1/share-password";
const OPEN_LABEL = "satchel/v1/share-open";
// scrypt as the specification has it. The ceiling keeps a hostile server from taking more than 256 MiB of memory.
const MIN_LOG_N = 16;
const MAX_LOG_N = 18;
const SCRYPT_R = 8;
const MAX_PASSWORD_BYTES = 1024;

export interface PasswordProfile {
  readonly salt: Uint8Array;
  readonly logN: number;
}

export interface ShareKey {
  /** `AGE-SECRET-KEY-1…` */
  readonly identity: string;
  readonly proof: Uint8Array;
}

/** The link's 32 secret bytes; null when the checksum says that the key was cut off or mistyped. */
export function parseKey(key: string): Uint8Array | null {
  try {
    const { bytes, prefix } = bech32.decodeToBytes(`${IDENTITY_PREFIX}1${key}`);
    return prefix === IDENTITY_PREFIX && bytes.length === SECRET_BYTES ? bytes : null;
  } catch {
    return null;
  }
}

/** Whether a password can be used at all: 1 to 1024 bytes. */
export function isPossiblePassword(password: string): boolean {
  const size = passwordBytes(password).length;
  return size > 0 && size <= MAX_PASSWORD_BYTES;
}

export function isAcceptable(profile: PasswordProfile): boolean {
  return profile.salt.length === 16 && profile.logN >= MIN_LOG_N && profile.logN <= MAX_LOG_N;
}

export async function shareKey(
  secret: Uint8Array,
  password: { readonly text: string; readonly profile: PasswordProfile } | null,
): Promise<ShareKey> {
  const scalar = password
    ? await hkdf(joined(secret, await stretched(password.text, password.profile)), PASSWORD_LABEL)
    : secret;
  return {
    identity: bech32.encodeFromBytes(IDENTITY_PREFIX, scalar).toUpperCase(),
    proof: await hkdf(scalar, OPEN_LABEL),
  };
}

async function stretched(password: string, { salt, logN }: PasswordProfile): Promise<Uint8Array> {
  const { scryptAsync } = await import("./scrypt");
  // asyncTick: at most so many milliseconds at once, so that the page still answers.
  const cost = { N: 2 ** logN, r: SCRYPT_R, p: 1, dkLen: SECRET_BYTES, asyncTick: 30 };
  return scryptAsync(passwordBytes(password), salt, cost);
}

function passwordBytes(password: string): Uint8Array {
  return new TextEncoder().encode(password.normalize("NFC"));
}

async function hkdf(material: Uint8Array, label: string): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("raw", material.slice(), "HKDF", false, ["deriveBits"]);
  const parameters = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: new TextEncoder().encode(label) };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, SECRET_BYTES * 8));
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
