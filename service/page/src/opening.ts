/** From a sealed body to an opened share: nothing returned before all of it has authenticated. */

import { type Answered, MAX_BODY_BYTES, type Step } from "./asking";
import { CloudError, type ShareClient, type ShareInfo } from "./cloud";
import { type ShareKey, shareKey } from "./identity";
import { type Piece, readPiece } from "./piece";
import { unseal } from "./sealed";

export interface Opened {
  readonly piece: Piece;
  readonly info: ShareInfo;
  readonly key: ShareKey;
  readonly version: number;
}

/** Open what a cloud has answered. `tell` hears what is going on. */
export async function openAnswer(answer: Promise<Answered>, info: ShareInfo, tell: (step: Step) => void): Promise<Opened> {
  const { key, body } = await answer;
  tell("decrypting");
  const piece = await readPiece(await unseal(body.bytes, key.identity));
  performance.mark("satchel:piece");
  return { piece, info, key, version: body.version };
}

/**
 * Why a share is not there: one that has ended looks to strangers as if it had never been, but who proves the key is
 * told how it ended. Any other failure stays what it is.
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
