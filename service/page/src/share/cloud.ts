/**
 * The two requests that the page makes (docs/spec/wire.md): the facts of a share, and its sealed body in exchange for
 * a proof. The key is never part of a request: not of its path, its headers or its body.
 */

import type { PasswordProfile } from "./identity";

export interface ShareInfo {
  readonly limited: boolean;
  readonly password: PasswordProfile | null;
}

/** The sealed body. Each update by the owner increments the version. */
export interface SealedBody {
  readonly version: number;
  readonly bytes: Uint8Array;
}

/** A request failed. Codes are those of docs/reference/problems.md, and two more. */
export class CloudError extends Error {
  constructor(
    /** `not-found`, `expired`, `wrong-proof`, …; `offline`: no response; `invalid`: not a response of satchel. */
    readonly code: string,
    readonly retryAfterS = 0,
  ) {
    super(code);
  }
}

// The largest zip that is read, plus what age adds: a header, and 16 bytes for each 64 KiB.
const MAX_BODY_BYTES = 65 << 20;
const PROBLEM_PREFIX = "urn:satchel:problem:";
const OPTIONS = { credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store", redirect: "error" } as const;

/** The id of the share whose page this is. */
export const SHARE_ID = location.pathname.split("/")[2] ?? "";

export async function fetchInfo(): Promise<ShareInfo> {
  const response = await checked(fetch(`/v1/shares/${SHARE_ID}/info`, OPTIONS));
  return parseInfo(await response.json().catch(invalid));
}

/** Parse the message `ShareInfo`. The page of a live share embeds it. */
export function parseInfo(value: unknown): ShareInfo {
  const { limited, password } = value as { limited: boolean; password: { salt: string; log_n: number } | null };
  return { limited, password: password ? { salt: fromBase64(password.salt), logN: password.log_n } : null };
}

/** Send the proof. Takes a view of a limited share. */
export function requestBody(proof: Uint8Array): Promise<Response> {
  const body = JSON.stringify({ proof: btoa(String.fromCharCode(...proof)) });
  return fetch(`/v1/shares/${SHARE_ID}/open`, { ...OPTIONS, method: "POST", headers: { "Content-Type": "application/json" }, body });
}

/** Read the response to a proof. */
export async function readBody(request: Promise<Response>): Promise<SealedBody> {
  const response = await checked(request);
  const bytes = await readBytes(response, MAX_BODY_BYTES);
  performance.mark("satchel:body");
  return { version: Number(response.headers.get("Satchel-Share-Version")) || 1, bytes };
}

async function checked(request: Promise<Response>): Promise<Response> {
  let response: Response;
  try {
    response = await request;
  } catch {
    throw new CloudError("offline");
  }
  if (!response.ok) throw await parseProblem(response);
  return response;
}

async function parseProblem(response: Response): Promise<CloudError> {
  const problem = (await response.json().catch(() => ({}))) as { type?: unknown };
  const type = String(problem.type ?? "");
  const code = type.startsWith(PROBLEM_PREFIX) ? type.slice(PROBLEM_PREFIX.length) : "invalid";
  const wait = Number(response.headers.get("Retry-After"));
  return new CloudError(code, Number.isFinite(wait) ? wait : 0);
}

async function readBytes(response: Response, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (const reader = response.body!.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      if ((size += value.length) > limit) invalid();
    }
  } catch (error) {
    throw error instanceof CloudError ? error : new CloudError("offline");
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return invalid();
  }
}

function invalid(): never {
  throw new CloudError("invalid");
}
