/**
 * Drafts: what was typed and is not saved yet. The server keeps them in the home until they are saved or discarded, so
 * that they outlive the page, the browser and the server. While the server is gone or cannot keep one, it lies in the
 * browser's storage for this address, and is handed over as soon as that is possible. The files of a new Piece go to the
 * server alone (`put-in/attached`); the draft names them.
 *
 * Each form has a draft of its own. A form that goes on with an earlier draft replaces it, unless another tab or window
 * has changed that one meanwhile.
 */

import { dropDraft, drafts, type DraftText, type DraftVersion, type DraftView, type KeptDraft, readDraft, type UnsavedDraft } from "../api";
import { t } from "../i18n";
import { said } from "../server-lines";
import { GoneError, ProblemError, send } from "../transport";

export type { DraftText, DraftView, UnsavedDraft };

/** A draft as it was read; `missing` are the ids of files that were not kept with it. */
export type OpenedDraft = UnsavedDraft & { readonly missing?: readonly string[] };

/** What a form holds. */
export type DraftContent = Omit<UnsavedDraft, "id" | "version" | "typed">;

/** Whether the home has a draft, or only this browser, or only this page; then with the server's reason, if it gave one. */
export interface Kept {
  readonly where: "home" | "browser" | "page";
  readonly files?: KeptDraft;
  readonly reason?: string;
}

/** Where a draft is, in one line. `atRisk` are names of files that are not kept with it. */
export function keptLine({ where, reason }: Kept, atRisk: readonly string[] = []): string {
  if (reason) return t(where === "browser" ? "draft_refused_in_browser" : "draft_refused", { reason });
  if (atRisk.length) return t("draft_without_files", { names: atRisk.join(", ") });
  return t(({ home: "draft_kept", browser: "draft_in_browser", page: "draft_not_kept" } as const)[where]);
}

interface Waiting {
  readonly draft: UnsavedDraft;
  readonly replaces: DraftVersion | null;
}

const PREFIX = "satchel.draft.";
const TAB = "satchel.draft-of-tab";
/** Browsers send at most 64 KiB for pages that are being left. */
const MAX_LEAVING_BYTES = 60_000;
const EXCERPT_CHARS = 120;
/** A hint of the server that says nothing about what to do. */
const NOTHING_LOST = "nothing was lost";

/** What the home does not have yet. */
const waiting = new Map<string, Waiting>();
/** Drafts that were saved, discarded or replaced. A late request may keep one again. */
const dropped = new Map<string, DraftVersion>();
/** Those of them that the home may still have. */
const toDrop = new Map<string, DraftVersion>();

/** The draft of one form. */
export class FormDraft {
  readonly #id = newId();
  readonly #sending = new Set<Promise<unknown>>();
  #version = 0;

  /** `before` is the draft with which the form began. */
  constructor(private readonly before: UnsavedDraft | null) {}

  /** Whether a version is on its way: until it is kept, what was kept before is not all. */
  get isSending(): boolean {
    return this.#sending.size > 0;
  }

  /** Keep what the form holds. With `isLeaving`, the request outlives the page. */
  async keep(content: DraftContent, isLeaving = document.visibilityState === "hidden"): Promise<Kept> {
    const draft: UnsavedDraft = { ...content, id: this.#id, version: ++this.#version, typed: new Date().toISOString() };
    const replaces = this.before && { id: this.before.id, version: this.before.version };
    const sent = handOver({ draft, replaces }, isLeaving);
    this.#sending.add(sent);
    rememberTab(this.#id);
    try {
      return await sent;
    } finally {
      this.#sending.delete(sent);
    }
  }

  /** The form was saved or discarded. */
  async drop(): Promise<void> {
    const versions = [...(this.before ? [this.before] : []), ...(this.#version ? [{ id: this.#id, version: this.#version }] : [])];
    for (const each of versions) forget(each);
    await Promise.allSettled(this.#sending);
    for (const each of versions) await drop(each);
  }
}

/** All drafts, the latest first, with those that only this browser has; and files that are no drafts any more. */
export async function listDrafts(): Promise<{ drafts: readonly DraftView[]; damaged: readonly string[]; newer: readonly string[] }> {
  const asked = new Map(waiting); // what is kept meanwhile may be missing in the answer
  const found = await drafts().catch((error: unknown) => {
    if (error instanceof GoneError || waiting.size) return { drafts: [], damaged: [], newer: [] };
    throw error;
  });
  const here = [...new Map([...asked, ...waiting]).values()].filter(({ draft: { id, version } }) => (dropped.get(id)?.version ?? -1) < version);
  const replaced = new Set(here.flatMap(({ draft, replaces }) => [draft.id, ...(replaces ? [replaces.id] : [])]));
  const kept = found.drafts.filter(({ id, version }) => !replaced.has(id) && (dropped.get(id)?.version ?? -1) < version);
  const own = here.map(({ draft }) => viewOf(draft));
  return { ...found, drafts: [...own, ...kept].sort((a, b) => (a.typed < b.typed ? 1 : -1)) };
}

/** The draft of a Piece, or of a new one: that of this tab before its reload, or the latest; null if there is none. */
export async function findDraft(piece: string | null): Promise<OpenedDraft | null> {
  const { drafts: found } = await listDrafts();
  const own = ofTab();
  const view = found.find((each) => each.piece === piece && each.id === own) ?? found.find((each) => each.piece === piece);
  return view ? openDraft(view.id) : null;
}

/** A whole draft; null if another window has saved or discarded it. */
export async function openDraft(id: string): Promise<OpenedDraft | null> {
  const own = waiting.get(id);
  if (own) return own.draft;
  const found = await readDraft({ id }).catch(() => null);
  return found && { ...found.draft, missing: found.missing };
}

/** Discard a draft, unless it was changed after it was listed. */
export async function discardDraft({ id, version }: DraftVersion): Promise<void> {
  forget({ id, version });
  await drop({ id, version });
}

/** Hand over what this browser kept while the server was gone, also by earlier versions of the page. */
export async function handBack(): Promise<void> {
  for (const each of stored()) if (!waiting.has(each.draft.id)) waiting.set(each.draft.id, each);
  for (const each of [...waiting.values()]) await handOver(each, false);
  for (const each of [...toDrop.values()]) await drop(each);
}

async function handOver(one: Waiting, isLeaving: boolean): Promise<Kept> {
  const { id, version } = one.draft;
  const isUnsure = waiting.has(id);
  waiting.set(id, one);
  const body = JSON.stringify(one);
  const keepalive = isLeaving && new Blob([body]).size <= MAX_LEAVING_BYTES;
  if (isLeaving && (isUnsure || !keepalive)) store(one);
  let files: KeptDraft;
  try {
    files = (await (await send("/api/keep_draft", body, "application/json", { keepalive })).json()) as KeptDraft;
  } catch (error) {
    const isCurrent = waiting.get(id) === one;
    const where = !isCurrent || store(one) ? "browser" : "page";
    if (isCurrent && where === "browser") supersede(one.replaces);
    return error instanceof ProblemError && error.problem.code !== "session" ? { where, reason: reasonOf(error) } : { where };
  }
  if ((waiting.get(id)?.draft.version ?? 0) <= version) waiting.delete(id);
  if (!waiting.has(id)) unstore(id);
  supersede(one.replaces);
  if ((dropped.get(id)?.version ?? -1) >= version) await drop(dropped.get(id)!);
  return { where: "home", files };
}

/** A draft of this browser has been replaced, unless it was changed meanwhile. */
function supersede(replaced: DraftVersion | null): void {
  const before = replaced && waiting.get(replaced.id);
  if (before && before.draft.version <= replaced.version) forget(replaced);
}

function reasonOf({ problem: { message, hint } }: ProblemError): string {
  return [message, ...(hint && hint !== NOTHING_LOST ? [hint] : [])].map((line) => said(line)).join("; ");
}

/** Take a draft out of this page and browser. */
function forget({ id, version }: DraftVersion): void {
  waiting.delete(id);
  unstore(id);
  dropped.set(id, { id, version });
  toDrop.set(id, { id, version });
}

async function drop(one: DraftVersion): Promise<void> {
  const { id, version } = one;
  try {
    await dropDraft({ id, version });
    if (toDrop.get(id)?.version === version) toDrop.delete(id);
  } catch {
    // asked again when the server answers
  }
}

function viewOf({ id, version, piece, title, description, texts, typed, files }: UnsavedDraft): DraftView {
  const text = texts.find((each) => each.text.trim())?.text ?? description;
  const names = (files ?? []).map(({ name }) => name).join(", ");
  return { id, version, piece, is_removed: false, title, excerpt: (text.trim() || names).slice(0, EXCERPT_CHARS), typed };
}

export function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// -- the browser's storage ---------------------------------------------------------------------------------------

/** The id of the draft that this tab has written last. */
function ofTab(): string | null {
  try {
    return sessionStorage.getItem(TAB);
  } catch {
    return null;
  }
}

function rememberTab(id: string): void {
  try {
    sessionStorage.setItem(TAB, id);
  } catch {
    // a reload shows the latest draft
  }
}

function store(one: Waiting): boolean {
  try {
    localStorage.setItem(PREFIX + one.draft.id, JSON.stringify(one));
    return true;
  } catch {
    return false;
  }
}

function unstore(id: string): void {
  try {
    localStorage.removeItem(PREFIX + id);
  } catch {
    // there is none
  }
}

function stored(): Waiting[] {
  try {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
    return names.flatMap((name) => {
      const found = parse(localStorage.getItem(name) ?? "");
      if (!found || "draft" in found) return found ? [found] : [];
      const one = { draft: renewed(name.slice(PREFIX.length), found), replaces: null };
      if (store(one)) localStorage.removeItem(name);
      return [one];
    });
  } catch {
    return [];
  }
}

/** A draft as earlier versions of the page kept it, by the id of its Piece or "new". */
interface OldDraft extends Pick<UnsavedDraft, "base" | "title" | "description" | "language" | "tags" | "links" | "typed"> {
  readonly texts: Readonly<Record<number, string>>;
  readonly source?: string;
}

function renewed(name: string, { texts, source, ...rest }: OldDraft): UnsavedDraft {
  const files = Object.entries(texts).map(([number, text]) => ({ number: Number(number), name: "", text }));
  return { ...rest, id: newId(), version: 1, piece: name === "new" ? null : name, texts: files, source: source ?? "" };
}

function parse(text: string): Waiting | OldDraft | null {
  try {
    return JSON.parse(text) as Waiting | OldDraft;
  } catch {
    return null;
  }
}
