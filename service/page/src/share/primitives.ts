/** The two primitives of age that not every WebCrypto has, native where possible and loaded on demand elsewhere. */

/** Decrypt and authenticate one message; rejects if it is not genuine. */
export type Decrypt = (nonce: Uint8Array, sealed: Uint8Array) => Promise<Uint8Array>;

/** A private X25519 key: the shared secret with a public key. Rejects points of low order. */
export type Agree = (publicKey: Uint8Array) => Promise<Uint8Array>;

/** The base point: agreeing with it gives the public key. */
export const BASE_POINT = new Uint8Array(32).fill(9, 0, 1);

// WebCrypto takes a private X25519 key only as PKCS #8 or JWK; RFC 8410 gives this prefix.
const PKCS8_PREFIX = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20];

/** ChaCha20-Poly1305 under a key. */
export async function chacha20Poly1305(key: Uint8Array): Promise<Decrypt> {
  const name = "ChaCha20-Poly1305";
  const native = await supported(() =>
    crypto.subtle.importKey("raw-secret" as "raw", key.slice(), { name }, false, ["decrypt"]),
  );
  if (native) return async (iv, sealed) => new Uint8Array(await crypto.subtle.decrypt({ name, iv: iv.slice() } as AesGcmParams, native, sealed.slice()));
  const { chacha20poly1305 } = await import("../ondemand/chacha");
  return async (nonce, sealed) => chacha20poly1305(key, nonce).decrypt(sealed);
}

/** X25519 with a private key. */
export async function x25519(scalar: Uint8Array): Promise<Agree> {
  const pkcs8 = Uint8Array.from([...PKCS8_PREFIX, ...scalar]);
  const native = await supported(() => crypto.subtle.importKey("pkcs8", pkcs8, { name: "X25519" }, false, ["deriveBits"]));
  if (!native) {
    const { x25519: software } = await import("../ondemand/x25519");
    return async (point) => software.getSharedSecret(scalar, point);
  }
  return async (point) => {
    const peer = await crypto.subtle.importKey("raw", point.slice(), { name: "X25519" }, false, []);
    return new Uint8Array(await crypto.subtle.deriveBits({ name: "X25519", public: peer }, native, 256));
  };
}

/** The key, or null if the browser does not know the algorithm or the format. */
async function supported(importKey: () => Promise<CryptoKey>): Promise<CryptoKey | null> {
  try {
    return await importKey();
  } catch {
    return null;
  }
}
