/** Opens a share: from its key to the Piece. Nothing is returned before all of it has authenticated. */

import { prepareIdentity, unseal } from "./age";
import { CloudError, readBody, requestBody } from "./cloud";
import { deriveShareKey, type Password, type ShareKey } from "./identity";
import { type Piece, readPiece } from "./piece";

export interface OpenedShare {
  readonly piece: Piece;
  readonly key: ShareKey;
  readonly version: number;
}

export type Step = "password_checking" | "fetching" | "decrypting";

/**
 * Prove the key, fetch the body and open it. Takes a view of a limited share, unless `prefetched` is the response to
 * an earlier request.
 */
export async function openShare(
  secret: Uint8Array,
  password: Password | null,
  report: (step: Step) => void,
  prefetched: Promise<Response> | null = null,
): Promise<OpenedShare> {
  if (password) report("password_checking");
  const key = await deriveShareKey(secret, password);
  report("fetching");
  const identity = prepareIdentity(key.scalar);
  const body = await readBody(prefetched ?? requestBody(key.proof));
  report("decrypting");
  const piece = await readPiece(await unseal(body.bytes, await identity));
  performance.mark("satchel:piece");
  return { piece, key, version: body.version };
}

/**
 * Find out how a share ended. The cloud tells only those who prove the key; to everyone else an ended share looks like
 * one that never existed. Any other failure is returned as it is.
 */
export async function explainFailure(secret: Uint8Array, failure: unknown): Promise<unknown> {
  if (!(failure instanceof CloudError) || failure.code !== "not-found") return failure;
  try {
    const { proof } = await deriveShareKey(secret, null);
    await readBody(requestBody(proof));
  } catch (reason) {
    if (!(reason instanceof CloudError) || reason.code !== "wrong-proof") return reason;
  }
  return failure;
}
