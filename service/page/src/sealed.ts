/** Opening an age file in the browser: nothing is returned before all of it has authenticated. */

import { Decrypter } from "age-encryption";

/** It does not authenticate under this key, or is damaged. */
export class SealError extends Error {}

export async function unseal(body: Uint8Array, identity: string): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  decrypter.addIdentity((await hasX25519()) ? identity : await softIdentity(identity));
  try {
    return await decrypter.decrypt(body);
  } catch {
    throw new SealError();
  }
}

/** WebCrypto's X25519 came with Chrome 133, Firefox 130 and Safari 17; the program for older ones is loaded on demand. */
async function hasX25519(): Promise<boolean> {
  try {
    await crypto.subtle.importKey("raw", new Uint8Array(32).fill(9), { name: "X25519" }, false, []);
    return true;
  } catch {
    return false;
  }
}

async function softIdentity(identity: string) {
  const { SoftX25519Identity } = await import("./soft-x25519");
  return new SoftX25519Identity(identity);
}
