/**
 * Key derivation (docs/spec/share.md, section 3): from the secret in the link and an optional password to the age
 * identity of the share and the proof of knowing it. Only the proof leaves the browser.
 */

import { decodeBech32, encodeBech32 } from "./bech32";

const IDENTITY_PREFIX = "age-secret-key-";
const SECRET_BYTES = 32;
const PASSWORD_LABEL = "satchel/v1/share-password";
const OPEN_LABEL = "satchel/v1/share-open";
// scrypt parameters of the specification. The maximum keeps a hostile server from taking more than 256 MiB of memory.
const MIN_LOG_N = 16;
const MAX_LOG_N = 18;
const SCRYPT_R = 8;
const MAX_PASSWORD_BYTES = 1024;

export interface PasswordProfile {
  readonly salt: Uint8Array;
  readonly logN: number;
}

/** A password and the profile that derives a key from it. */
export interface Password {
  readonly text: string;
  readonly profile: PasswordProfile;
}

export interface ShareKey {
  /** The private X25519 key that opens the share. */
  readonly scalar: Uint8Array;
  readonly proof: Uint8Array;
}

/** Decode the key of a link to its 32 secret bytes; null if it is truncated or mistyped. */
export function parseKey(key: string): Uint8Array | null {
  const secret = decodeBech32(IDENTITY_PREFIX, key);
  return secret?.length === SECRET_BYTES ? secret : null;
}

/** Return the identity as the age program takes it: `AGE-SECRET-KEY-1…`. */
export function formatIdentity(scalar: Uint8Array): string {
  return encodeBech32(IDENTITY_PREFIX, scalar).toUpperCase();
}

/** Whether the text can be a password at all: 1 to 1024 bytes. */
export function isPossiblePassword(password: string): boolean {
  const size = passwordBytes(password).length;
  return size > 0 && size <= MAX_PASSWORD_BYTES;
}

/** Whether this page supports the profile's parameters. */
export function isSupported(profile: PasswordProfile): boolean {
  return profile.salt.length === 16 && profile.logN >= MIN_LOG_N && profile.logN <= MAX_LOG_N;
}

export async function deriveShareKey(secret: Uint8Array, password: Password | null): Promise<ShareKey> {
  const scalar = password ? await hkdf(concat(secret, await stretch(password)), NO_SALT, PASSWORD_LABEL) : secret;
  return { scalar, proof: await deriveProof(scalar) };
}

export function deriveProof(scalar: Uint8Array): Promise<Uint8Array> {
  return hkdf(scalar, NO_SALT, OPEN_LABEL);
}

export const NO_SALT = new Uint8Array(0);

/** HKDF-SHA256 with an output of 32 bytes. */
export async function hkdf(material: Uint8Array, salt: Uint8Array, label: string): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("raw", material.slice(), "HKDF", false, ["deriveBits"]);
  const parameters = { name: "HKDF", hash: "SHA-256", salt: salt.slice(), info: new TextEncoder().encode(label) };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, 256));
}

export function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

async function stretch({ text, profile }: Password): Promise<Uint8Array> {
  const { scryptAsync } = await import("../ondemand/scrypt");
  // asyncTick: the most milliseconds of work before yielding, so that the page stays responsive.
  const cost = { N: 2 ** profile.logN, r: SCRYPT_R, p: 1, dkLen: SECRET_BYTES, asyncTick: 30 };
  return scryptAsync(passwordBytes(text), profile.salt, cost);
}

function passwordBytes(password: string): Uint8Array {
  return new TextEncoder().encode(password.normalize("NFC"));
}
