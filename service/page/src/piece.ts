/**
 * A Piece as its share tells it: `piece.json` and the content beside it (docs/spec/share.md, section 4).
 *
 * Everything here was written by whoever made the share. It is shown, never obeyed.
 */

import { type Entry, unzip } from "./zip";

export const MAX_BODY_BYTES = 65 << 20;
const MAX_CONTENT_BYTES = 64 << 20;
const MAX_DOCUMENT_BYTES = 256 << 10;
/** One file, and (as a draft: docs/reference/share-page.md) a Piece of several files. */
const ONE_FILE = "satchel-share/1";
const SEVERAL_FILES = "satchel-share/2";

/** What was sealed is not a share, or a damaged one. */
export class PieceError extends Error {}
/** It says that it has a format which this page does not know. */
export class NewerFormatError extends Error {}

export type Kind = "text" | "image" | "binary";

export interface PieceFile {
  /** As the sender named it; may be empty. */
  readonly name: string;
  readonly language: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly kind: Kind;
  /** The text of a text file, else "". */
  readonly text: string;
}

export interface Piece {
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly links: readonly string[];
  readonly shared: string;
  readonly files: readonly PieceFile[];
}

interface Document {
  readonly title: string;
  readonly description: string;
  readonly language: string;
  readonly media_type: string;
  readonly tags: string[];
  readonly links: string[];
  readonly shared: string;
  readonly files: FileDocument[];
}

interface FileDocument {
  readonly name: string;
  readonly language: string;
  readonly media_type: string;
}

/** Read a share's unsealed zip. */
export async function readPiece(zip: Uint8Array): Promise<Piece> {
  const [content, document, ...more] = await unzip(zip, MAX_CONTENT_BYTES + MAX_DOCUMENT_BYTES);
  const contentBytes = [content, ...more].reduce((sum, entry) => sum + (entry?.data.length ?? 0), 0);
  if (contentBytes > MAX_CONTENT_BYTES) throw new PieceError();
  if (content?.name !== "content" || document?.name !== "piece.json") throw new PieceError();
  const told = readDocument(document);
  if (more.length !== told.files.length) throw new PieceError();
  const files = [toFile(content, { name: "", language: told.language, media_type: told.media_type })];
  more.forEach((entry, i) => {
    if (entry.name !== `files/${i + 1}`) throw new PieceError();
    files.push(toFile(entry, told.files[i]!));
  });
  return { ...told, files };
}

function readDocument({ data }: Entry): Document {
  if (data.length > MAX_DOCUMENT_BYTES) throw new PieceError();
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data));
  } catch {
    throw new PieceError();
  }
  if (typeof value !== "object" || value === null) throw new PieceError();
  const fields = value as Record<string, unknown>;
  const format = text(fields, "format");
  if (format !== ONE_FILE && format !== SEVERAL_FILES) {
    throw /^satchel-share\/\d+$/.test(format) ? new NewerFormatError() : new PieceError();
  }
  return {
    title: text(fields, "title"),
    description: text(fields, "description"),
    language: text(fields, "language"),
    media_type: text(fields, "media_type"),
    tags: texts(fields, "tags"),
    links: texts(fields, "links"),
    shared: text(fields, "shared"),
    files: format === SEVERAL_FILES ? readFiles(fields["files"]) : [],
  };
}

function readFiles(value: unknown): FileDocument[] {
  if (!Array.isArray(value)) throw new PieceError();
  return value.map((item: Record<string, unknown>) => ({
    name: text(item, "name"),
    language: text(item, "language"),
    media_type: text(item, "media_type"),
  }));
}

function text(fields: Record<string, unknown>, name: string): string {
  const value = fields?.[name];
  if (typeof value !== "string") throw new PieceError();
  return value;
}

function texts(fields: Record<string, unknown>, name: string): string[] {
  const value = fields[name];
  if (!Array.isArray(value) || value.some((item) => typeof item !== "string")) throw new PieceError();
  return value as string[];
}

function toFile({ data }: Entry, told: FileDocument): PieceFile {
  const image = imageType(data);
  const decoded = image ? null : decodeText(data);
  return {
    name: told.name,
    language: told.language,
    mediaType: image ?? told.media_type,
    bytes: data,
    kind: image ? "image" : decoded === null ? "binary" : "text",
    text: decoded ?? "",
  };
}

/** UTF-8 without NUL is text, whatever it is said to be: HTML and SVG too are shown as their source. */
function decodeText(data: Uint8Array): string | null {
  try {
    const decoded = new TextDecoder("utf-8", { fatal: true }).decode(data);
    return decoded.includes("\0") ? null : decoded;
  } catch {
    return null;
  }
}

// The pictures that a browser shows without running anything, by their first bytes; what they are called does not count.
const IMAGES: readonly (readonly [type: string, at: number, magic: string])[] = [
  ["image/png", 0, "\x89PNG\r\n\x1a\n"],
  ["image/jpeg", 0, "\xff\xd8\xff"],
  ["image/gif", 0, "GIF8"],
  ["image/webp", 8, "WEBP"],
  ["image/avif", 4, "ftypavif"],
];

function imageType(data: Uint8Array): string | null {
  for (const [type, at, magic] of IMAGES) {
    if (String.fromCharCode(...data.subarray(at, at + magic.length)) === magic) return type;
  }
  return null;
}
