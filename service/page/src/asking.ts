/** The one request that opens a share: from the secret and a password to the sealed body, and the key that opens it. */

import type { SealedBody, ShareClient } from "./cloud";
import { type PasswordProfile, type ShareKey, shareKey } from "./identity";

/** age adds a header and 16 bytes for every 64 KiB to the largest zip that is read. */
export const MAX_BODY_BYTES = 65 << 20;

/** A password with the way to stretch it. */
export interface Password {
  readonly text: string;
  readonly profile: PasswordProfile;
}

/** What a cloud gave for the proof; nothing of it is decrypted yet. */
export interface Answered {
  readonly key: ShareKey;
  readonly body: SealedBody;
}

export type Step = "password_checking" | "fetching" | "decrypting";

/** Prove the key and take the body; takes a view of a limited share. `tell` hears what is going on. */
export async function ask(
  client: ShareClient,
  secret: Uint8Array,
  password: Password | null,
  tell: (step: Step) => void,
): Promise<Answered> {
  if (password) tell("password_checking");
  const key = await shareKey(secret, password);
  tell("fetching");
  const body = await client.open(key.proof, MAX_BODY_BYTES);
  performance.mark("satchel:body");
  return { key, body };
}
