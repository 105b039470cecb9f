/**
 * What the build puts in the place of primitives that age-encryption imports and no share needs there (build.mjs):
 * post-quantum and NIST-curve recipients, passphrases, and the curve that WebCrypto has. They would be a third of
 * the program.
 */

function absent(): never {
  throw new Error("not part of a share");
}

export const scrypt = absent;
export const x25519 = { scalarMult: absent, scalarMultBase: absent, GuBytes: new Uint8Array(32).fill(9, 0, 1) };
export const MLKEM768X25519 = { encapsulate: absent, decapsulate: absent, getPublicKey: absent };
export const MLKEM768P256 = MLKEM768X25519;
export const p256 = { lengths: {}, Point: { fromBytes: absent }, utils: {}, getPublicKey: absent, getSharedSecret: absent };
