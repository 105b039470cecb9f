/**
 * The two requests that the page makes (docs/spec/wire.md, section 10): what is asked for, in exchange for a proof, and
 * the sealed answer. The key is never part of a request.
 */

import { CloudError } from "../share/cloud";

/** The sealed sheet and the limits of a request. */
export interface RequestSheet {
  readonly sheet: Uint8Array;
  readonly answerBytes: number;
  readonly expires: string | null;
}

const PROBLEM_PREFIX = "urn:satchel:problem:";
const OPTIONS = { credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store", redirect: "error" } as const;

/** The id of the request whose page this is. */
export const REQUEST_ID = location.pathname.split("/")[2] ?? "";

/** Read what is asked for. Uses nothing up. Raises CloudError. */
export async function openRequest(proof: Uint8Array): Promise<RequestSheet> {
  const body = JSON.stringify({ proof: toBase64(proof) });
  const headers = { "Content-Type": "application/json" };
  const response = await checked(fetch(`/v1/requests/${REQUEST_ID}/open`, { ...OPTIONS, method: "POST", headers, body }));
  const message = (await response.json().catch(() => null)) as { sheet?: unknown; answer_bytes?: unknown; expires?: unknown } | null;
  if (typeof message?.sheet !== "string" || typeof message.answer_bytes !== "number") throw new CloudError("invalid");
  const expires = typeof message.expires === "string" ? message.expires : null;
  return { sheet: fromBase64(message.sheet), answerBytes: message.answer_bytes, expires };
}

/** Send a sealed answer. Sending the same bytes under the same id again is harmless. Raises CloudError. */
export async function sendAnswer(answerId: string, sealed: Uint8Array, proof: Uint8Array): Promise<void> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", sealed.slice()));
  const headers = {
    "Content-Type": "application/octet-stream",
    "Content-Digest": `sha-256=:${toBase64(digest)}:`,
    "Satchel-Proof": toBase64(proof),
  };
  const path = `/v1/requests/${REQUEST_ID}/answers/${answerId}`;
  const response = await checked(fetch(path, { ...OPTIONS, method: "PUT", headers, body: sealed.slice() }));
  const receipt = (await response.json().catch(() => null)) as { sha256?: unknown } | null;
  if (receipt?.sha256 !== toBase64(digest)) throw new CloudError("invalid");
}

/** The receipt that sender and owner compare. */
export async function receiptOf(sealed: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", sealed.slice()));
  const digits = Array.from(digest.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.match(/.{4}/g)!.join("-");
}

async function checked(request: Promise<Response>): Promise<Response> {
  const response = await request.catch(() => null);
  if (!response) throw new CloudError("offline");
  if (response.ok) return response;
  const problem = (await response.json().catch(() => ({}))) as { type?: unknown };
  const type = String(problem.type ?? "");
  const wait = Number(response.headers.get("Retry-After"));
  throw new CloudError(type.startsWith(PROBLEM_PREFIX) ? type.slice(PROBLEM_PREFIX.length) : "invalid", Number.isFinite(wait) ? wait : 0);
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    throw new CloudError("invalid");
  }
}
