/** From a key to an opened share: one question, one answer, and nothing returned before all of it has authenticated. */

import { CloudError, type ShareClient, type ShareInfo } from "./cloud";
import { type PasswordProfile, type ShareKey, shareKey } from "./identity";
import { MAX_BODY_BYTES, type Piece, readPiece } from "./piece";
import { unseal } from "./sealed";

export interface Opened {
  readonly piece: Piece;
  readonly info: ShareInfo;
  readonly key: ShareKey;
  readonly version: number;
}

export type Step = "password_checking" | "fetching" | "decrypting";

/** A password with the way to stretch it. */
export interface Password {
  readonly text: string;
  readonly profile: PasswordProfile;
}

/** Open a share; takes a view of a limited one. `tell` hears what is going on. */
export async function openShare(
  client: ShareClient,
  secret: Uint8Array,
  info: ShareInfo,
  password: Password | null,
  tell: (step: Step) => void,
): Promise<Opened> {
  if (password) tell("password_checking");
  const key = await shareKey(secret, password);
  tell("fetching");
  const body = await client.open(key.proof, MAX_BODY_BYTES);
  performance.mark("satchel:body");
  tell("decrypting");
  const piece = await readPiece(await unseal(body.bytes, key.identity));
  performance.mark("satchel:piece");
  return { piece, info, key, version: body.version };
}

/**
 * Why a share is not there: one that has ended looks to strangers as if it had never been, but who proves the key is
 * told that it ended. Any other failure stays what it is.
 */
export async function whyAbsent(client: ShareClient, secret: Uint8Array, failure: unknown): Promise<unknown> {
  if (!(failure instanceof CloudError) || failure.code !== "not-found") return failure;
  try {
    await client.open((await shareKey(secret, null)).proof, MAX_BODY_BYTES);
  } catch (told) {
    if (!(told instanceof CloudError) || told.code !== "wrong-proof") return told;
  }
  return failure;
}
