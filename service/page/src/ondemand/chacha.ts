/** Loaded only in browsers whose WebCrypto lacks ChaCha20-Poly1305. */
export { chacha20poly1305 } from "@noble/ciphers/chacha.js";
