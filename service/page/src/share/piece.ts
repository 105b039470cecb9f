/**
 * Reads the Piece in a share: `piece.json` and the contents before it (docs/spec/share.md, section 4). All of it is
 * the sender's data: it is displayed and never executed.
 */

import { type Entry, unzip } from "./zip";

const MAX_CONTENT_BYTES = 64 << 20;
const MAX_DOCUMENT_BYTES = 256 << 10;
const MAX_NAME_BYTES = 255;
const ONE_FILE = "satchel-share/1";
const SEVERAL_FILES = "satchel-share/2";

/** The sealed content is not a valid share. */
export class PieceError extends Error {}
/** The share has a format newer than this page. */
export class NewerFormatError extends Error {}

export type Kind = "text" | "image" | "binary";

export interface PieceFile {
  /** The name that the sender gave it; may be empty. */
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
  readonly name: string;
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
  const contents = await unzip(zip, MAX_CONTENT_BYTES + MAX_DOCUMENT_BYTES);
  const document = contents.pop();
  check(document?.name === "piece.json" && contents.every(({ name }, i) => name === (i ? `files/${i}` : "content")));
  check(contents.reduce((sum, { data }) => sum + data.length, 0) <= MAX_CONTENT_BYTES);
  const fields = parseDocument(document!);
  check(contents.length === fields.files.length + 1);
  return { ...fields, files: contents.map((entry, i) => toFile(entry, i ? fields.files[i - 1]! : fields)) };
}

function parseDocument({ data }: Entry): Document {
  check(data.length <= MAX_DOCUMENT_BYTES);
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
  const isSeveral = format === SEVERAL_FILES;
  return {
    name: isSeveral ? fileName(fields, true) : "",
    title: text(fields, "title"),
    description: text(fields, "description"),
    language: text(fields, "language"),
    media_type: text(fields, "media_type"),
    tags: texts(fields, "tags"),
    links: texts(fields, "links"),
    shared: text(fields, "shared"),
    files: isSeveral ? parseFiles(fields["files"]) : [],
  };
}

function parseFiles(value: unknown): FileDocument[] {
  check(Array.isArray(value) && value.length);
  const files = (value as Record<string, unknown>[]).map((item) => ({
    name: fileName(item, false),
    language: text(item, "language"),
    media_type: text(item, "media_type"),
  }));
  check(new Set(files.map(({ name }) => name)).size === files.length);
  return files;
}

// Path separators, and characters that are invisible or change how text is displayed (docs/spec/store.md, section 4).
const FORBIDDEN_IN_NAMES = /[\x00-\x1f\x7f-\x9f/\\\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Cs}|^\.{0,2}$/u;

function fileName(fields: Record<string, unknown>, mayBeEmpty: boolean): string {
  const name = text(fields, "name");
  const isValid = !FORBIDDEN_IN_NAMES.test(name) && name === name.trim() && name === name.normalize("NFC");
  check((mayBeEmpty && !name) || (isValid && new TextEncoder().encode(name).length <= MAX_NAME_BYTES));
  return name;
}

function check(holds: unknown): void {
  if (!holds) throw new PieceError();
}

function text(fields: Record<string, unknown>, name: string): string {
  const value = fields?.[name];
  check(typeof value === "string");
  return value as string;
}

function texts(fields: Record<string, unknown>, name: string): string[] {
  const value = fields[name];
  check(Array.isArray(value) && value.every((item) => typeof item === "string"));
  return value as string[];
}

function toFile({ data }: Entry, document: FileDocument): PieceFile {
  const image = imageType(data);
  const decoded = image ? null : decodeText(data);
  return {
    name: document.name,
    language: document.language,
    mediaType: image ?? document.media_type,
    bytes: data,
    kind: image ? "image" : decoded === null ? "binary" : "text",
    text: decoded ?? "",
  };
}

/** Decode UTF-8 without NUL; null for anything else. The declared media type is ignored: HTML and SVG are text too. */
function decodeText(data: Uint8Array): string | null {
  try {
    const decoded = new TextDecoder("utf-8", { fatal: true }).decode(data);
    return decoded.includes("\0") ? null : decoded;
  } catch {
    return null;
  }
}

// Image formats that cannot run code, recognized by their first bytes. The declared media type is ignored.
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
