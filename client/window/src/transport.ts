/**
 * How the page asks its server. Every request is a POST and sends the key of the session, which lies where only pages of
 * this address and port can read it; a cookie alone would be sent to every port.
 */

import type { Conflict, Problem, ServerEvent } from "./api.ts";

const KEY_NAME = "satchel.session";
const KEY_HEADER = "x-satchel-window";

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

/** Post a request. With `keepalive`, it is sent even if the page is left meanwhile. */
export async function send(path: string, body: BodyInit, type: string, { signal, keepalive = false }: { signal?: AbortSignal | undefined; keepalive?: boolean } = {}): Promise<Response> {
  let response: Response;
  try {
    const headers = { "content-type": type, [KEY_HEADER]: localStorage.getItem(KEY_NAME) ?? "" };
    response = await fetch(path, { method: "POST", body, headers, credentials: "same-origin", cache: "no-store", redirect: "error", keepalive, signal: signal ?? null });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new GoneError();
  }
  if (response.ok) return response;
  throw await failureOf(response);
}

async function failureOf(response: Response): Promise<Error> {
  const failure = (await response.json().catch(() => null)) as Problem | Conflict | null;
  if (!failure) return new GoneError();
  return response.status === 409 && "current" in failure ? new ConflictError(failure) : new ProblemError(failure as Problem);
}

/** Ask for JSON. */
export async function ask<T>(name: string, request: object, signal?: AbortSignal): Promise<T> {
  const response = await send(`/api/${name}`, JSON.stringify(request), "application/json", { signal });
  return (await response.json()) as T;
}

let lastInOrder: Promise<unknown> = Promise.resolve();

/** Ask for JSON when all earlier such requests are answered. It is sent even if the page is left meanwhile. */
export function askInOrder<T>(name: string, request: object): Promise<T> {
  const asked = lastInOrder.then(async () => {
    const response = await send(`/api/${name}`, JSON.stringify(request), "application/json", { keepalive: true });
    return (await response.json()) as T;
  });
  lastInOrder = asked.catch(() => undefined);
  return asked;
}

/** Ask for bytes. */
export async function askBytes(name: string, request: object, signal?: AbortSignal): Promise<ArrayBuffer> {
  const response = await send(`/api/${name}`, JSON.stringify(request), "application/json", { signal });
  return response.arrayBuffer();
}

/** Send bytes, and get JSON. */
export async function sendBytes<T>(name: string, data: Blob, signal?: AbortSignal): Promise<T> {
  const response = await send(`/api/${name}`, data, "application/octet-stream", { signal });
  return (await response.json()) as T;
}

/** Trade the one-time token in the address for a session, if there is one, and take it out of the address. */
export async function openSession(): Promise<void> {
  const token = location.hash.slice(1);
  if (!token) return;
  history.replaceState(null, "", location.pathname);
  const response = await send("/session", JSON.stringify({ token }), "application/json");
  localStorage.setItem(KEY_NAME, ((await response.json()) as { key: string }).key);
}

/** Hear of the server's events, one JSON object a line, until the stream ends or is aborted. */
export async function followEvents(hear: (event: ServerEvent) => void, opened: () => void, signal: AbortSignal): Promise<void> {
  const { body } = await send("/api/events", "{}", "application/json", { signal });
  opened();
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop()!;
    for (const line of lines) if (line.trim()) hear(JSON.parse(line) as ServerEvent);
  }
}
