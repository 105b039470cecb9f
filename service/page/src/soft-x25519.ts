/** An X25519 age identity for browsers whose WebCrypto has no X25519 (the age specification, "The X25519 recipient type"). */

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { base64nopad, bech32 } from "@scure/base";
import type { Identity, Stanza } from "age-encryption";

const LABEL = new TextEncoder().encode("age-encryption.org/v1/X25519");

export class SoftX25519Identity implements Identity {
  readonly #scalar: Uint8Array;

  constructor(identity: string) {
    this.#scalar = bech32.decodeToBytes(identity).bytes;
  }

  unwrapFileKey(stanzas: Stanza[]): Uint8Array | null {
    for (const { args, body } of stanzas) {
      if (args[0] !== "X25519" || args.length !== 2 || body.length !== 32) continue;
      const fileKey = this.#unwrap(base64nopad.decode(args[1] as string), body);
      if (fileKey) return fileKey;
    }
    return null;
  }

  #unwrap(share: Uint8Array, body: Uint8Array): Uint8Array | null {
    const secret = x25519.scalarMult(this.#scalar, share);
    const salt = new Uint8Array(64);
    salt.set(share);
    salt.set(x25519.scalarMultBase(this.#scalar), 32);
    try {
      return chacha20poly1305(hkdf(sha256, secret, salt, LABEL, 32), new Uint8Array(12)).decrypt(body);
    } catch {
      return null;
    }
  }
}
