// How the page asks its server: POST with JSON, cookies of the own origin, and failures as errors.

import type { Conflict } from "./api.ts";

/** A failure, as the server describes it. */
export interface Problem {
  code:
    | "conflict"
    | "failed"
    | "integrity"
    | "locked"
    | "not_found"
    | "refused"
    | "secrets"
    | "session"
    | "too_large"
    | "unreachable"
    | "usage";
  message: string;
  hint: string;
  exit_code: number;
}

/** The server refused a request or could not do it. `problem` says why. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
    this.name = "ProblemError";
  }
}

/** The Piece has changed since the page read it. Nothing was saved; the page still has what was typed. */
export class ConflictError extends Error {
  constructor(readonly conflict: Conflict) {
    super("the Piece has changed");
    this.name = "ConflictError";
  }
}

/** The server does not answer: it was stopped, or the computer sleeps. */
export class GoneError extends Error {
  constructor() {
    super("the window's server does not answer");
    this.name = "GoneError";
  }
}

async function send(name: string, body: BodyInit, type: string, signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`/api/${name}`, {
      method: "POST",
      body,
      headers: { "content-type": type },
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      signal: signal ?? null,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new GoneError();
  }
  if (response.ok) return response;
  const failure = (await response.json()) as Problem | Conflict;
  if (response.status === 409 && "current" in failure) throw new ConflictError(failure);
  throw new ProblemError(failure as Problem);
}

/** Ask for JSON. */
export async function ask<T>(name: string, request: object, signal?: AbortSignal): Promise<T> {
  const response = await send(name, JSON.stringify(request), "application/json", signal);
  return (await response.json()) as T;
}

/** Ask for bytes. */
export async function askBytes(name: string, request: object, signal?: AbortSignal): Promise<ArrayBuffer> {
  const response = await send(name, JSON.stringify(request), "application/json", signal);
  return response.arrayBuffer();
}

/** Send bytes, and get JSON. */
export async function sendBytes<T>(name: string, data: Blob, signal?: AbortSignal): Promise<T> {
  const response = await send(name, data, "application/octet-stream", signal);
  return (await response.json()) as T;
}
