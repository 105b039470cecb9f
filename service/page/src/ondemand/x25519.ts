/** Loaded only in browsers whose WebCrypto lacks X25519 (before Chrome 133, Firefox 130 and Safari 17). */
export { x25519 } from "@noble/curves/ed25519.js";
