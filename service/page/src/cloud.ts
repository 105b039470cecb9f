/**
 * The two questions that the page asks its server (docs/spec/wire.md): what must be known before opening, and the
 * sealed body for a proof. Nothing here may carry the key: neither a path, a header nor a body.
 */

import type { PasswordProfile } from "./identity";

export interface ShareInfo {
  readonly limited: boolean;
  readonly password: PasswordProfile | null;
}

/** What is under the link now; an owner's update counts the version up. */
export interface SealedBody {
  readonly version: number;
  readonly bytes: Uint8Array;
}

/** Why the server did not give what was asked; the codes of docs/reference/problems.md, and two of our own. */
export class CloudError extends Error {
  constructor(
    /** `not-found`, `expired`, `wrong-proof`, `too-many`, …; `offline`: no answer; `odd`: not an answer of satchel's. */
    readonly code: string,
    readonly detail = "",
    readonly retryAfterS = 0,
  ) {
    super(code);
  }
}

const PROBLEM_PREFIX = "urn:satchel:problem:";

export class ShareClient {
  constructor(private readonly id: string) {}

  async info(): Promise<ShareInfo> {
    const response = await ask(`/v1/shares/${this.id}/info`, {});
    return readInfo(await response.json().catch(odd));
  }

  /** The sealed body, of at most `limit` bytes. Takes a view of a limited share. */
  async open(proof: Uint8Array, limit: number): Promise<SealedBody> {
    const response = await ask(`/v1/shares/${this.id}/open`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ proof: toBase64(proof) }),
    });
    return { version: Number(response.headers.get("Satchel-Share-Version")) || 1, bytes: await readAll(response, limit) };
  }
}

/** Read the message `ShareInfo`; the page of a live share also brings it along. */
export function readInfo(value: unknown): ShareInfo {
  const { limited, password } = value as { limited: boolean; password: { salt: string; log_n: number } | null };
  return { limited, password: password ? { salt: fromBase64(password.salt), logN: password.log_n } : null };
}

async function ask(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store", redirect: "error", ...init });
  } catch {
    throw new CloudError("offline");
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function problemOf(response: Response): Promise<CloudError> {
  const problem = (await response.json().catch(() => ({}))) as { type?: unknown; detail?: unknown };
  const type = String(problem.type ?? "");
  const code = type.startsWith(PROBLEM_PREFIX) ? type.slice(PROBLEM_PREFIX.length) : "odd";
  const wait = Number(response.headers.get("Retry-After"));
  return new CloudError(code, String(problem.detail ?? ""), Number.isFinite(wait) ? wait : 0);
}

async function readAll(response: Response, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (const reader = response.body!.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      if ((size += value.length) > limit) throw odd();
    }
  } catch (error) {
    throw error instanceof CloudError ? error : new CloudError("offline");
  }
  const body = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

function odd(): never {
  throw new CloudError("odd");
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  } catch {
    return odd();
  }
}
