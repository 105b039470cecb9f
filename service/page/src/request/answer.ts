/**
 * The plaintext of an answer (docs/spec/request.md, section 4): a zip of stored entries in the layout of a share, padded
 * so that its length does not tell a password from a key.
 */

import { sealedSize } from "./sealing";

/** A file of an answer. Typed text has an empty name. */
export interface AnswerFile {
  readonly name: string;
  readonly content: Uint8Array;
}

export const MAX_FILES = 300;
const STEP_BYTES = 1024;
const MAX_NAME_BYTES = 255;
const FORBIDDEN = /[/\\\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Return the zip of an answer. `files` are at least one; typed text comes first. */
export function packAnswer(requestId: string, answerId: string, files: readonly AnswerFile[], now: Date): Uint8Array {
  const [main, ...others] = files as [AnswerFile, ...AnswerFile[]];
  const sent = `${now.toISOString().slice(0, 19)}Z`;
  const document = { format: "satchel-answer/1", request: requestId, answer: answerId, sent, name: main.name, files: others.map(({ name }) => name) };
  const text = new TextEncoder().encode(JSON.stringify(document));
  const size = zipSize([...files.map(({ content }) => content.length), text.length]);
  const padded = new Uint8Array(text.length + ((STEP_BYTES - (size % STEP_BYTES)) % STEP_BYTES)).fill(0x20);
  padded.set(text);
  return zip([...files.map(({ content }) => content), padded]);
}

/** At most how large the sealed answer becomes. */
export function estimateSealedSize(files: readonly AnswerFile[]): number {
  const document = 400 + files.reduce((sum, { name }) => sum + 8 * name.length, 0);
  return sealedSize(zipSize([...files.map(({ content }) => content.length), document]) + STEP_BYTES);
}

/** Return valid and different names for files; what no name may contain becomes an underscore. */
export function validNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const clean = shortened(name.normalize("NFC").replace(FORBIDDEN, "_").trim());
    const valid = ["", ".", ".."].includes(clean) ? "file" : clean;
    for (let number = 1; ; number++) {
      const candidate = number === 1 ? valid : `${number}-${valid}`;
      if (taken.has(candidate)) continue;
      taken.add(candidate);
      return candidate;
    }
  });
}

/** Cut a name to its limit, with room for a number, but keep its extension. */
function shortened(name: string): string {
  const bytes = (text: string) => new TextEncoder().encode(text).length;
  const limit = MAX_NAME_BYTES - 5;
  if (bytes(name) <= limit) return name;
  const extension = /\.[A-Za-z0-9]{1,10}$/.exec(name)?.[0] ?? "";
  let stem = Array.from(name.slice(0, name.length - extension.length));
  while (bytes(stem.join("")) + extension.length > limit) stem = stem.slice(0, -1);
  return stem.join("").trim() + extension;
}

// -- the zip -----------------------------------------------------------------------------------------------------

const LOCAL_SIZE = 30;
const CENTRAL_SIZE = 46;
const END_SIZE = 22;
const DATE_1980 = 0x21;
const VERSION = 20;

function entryNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => (index === 0 ? "content" : index === count - 1 ? "piece.json" : `files/${index}`));
}

function zipSize(sizes: readonly number[]): number {
  const names = entryNames(sizes.length).reduce((sum, name) => sum + name.length, 0);
  return sizes.reduce((sum, size) => sum + size, 0) + sizes.length * (LOCAL_SIZE + CENTRAL_SIZE) + 2 * names + END_SIZE;
}

/** A zip of stored entries: `content`, `files/1`, …, `piece.json`. */
function zip(contents: readonly Uint8Array[]): Uint8Array {
  const data = new Uint8Array(zipSize(contents.map(({ length }) => length)));
  const view = new DataView(data.buffer);
  const names = entryNames(contents.length).map((name) => new TextEncoder().encode(name));
  const offsets: number[] = [];
  let at = 0;
  contents.forEach((content, index) => {
    offsets.push(at);
    view.setUint32(at, 0x04034b50, true);
    writeFields(view, at + 4, content);
    view.setUint16(at + 26, names[index]!.length, true);
    data.set(names[index]!, at + LOCAL_SIZE);
    data.set(content, at + LOCAL_SIZE + names[index]!.length);
    at += LOCAL_SIZE + names[index]!.length + content.length;
  });
  const start = at;
  contents.forEach((content, index) => {
    view.setUint32(at, 0x02014b50, true);
    view.setUint16(at + 4, VERSION, true);
    writeFields(view, at + 6, content);
    view.setUint16(at + 28, names[index]!.length, true);
    view.setUint32(at + 42, offsets[index]!, true);
    data.set(names[index]!, at + CENTRAL_SIZE);
    at += CENTRAL_SIZE + names[index]!.length;
  });
  view.setUint32(at, 0x06054b50, true);
  view.setUint16(at + 8, contents.length, true);
  view.setUint16(at + 10, contents.length, true);
  view.setUint32(at + 12, at - start, true);
  view.setUint32(at + 16, start, true);
  return data;
}

/** The fields that both headers repeat: version, flags, method, time, date, checksum, sizes. */
function writeFields(view: DataView, at: number, content: Uint8Array): void {
  view.setUint16(at, VERSION, true);
  view.setUint16(at + 8, DATE_1980, true);
  view.setUint32(at + 10, crc32(content), true);
  view.setUint32(at + 14, content.length, true);
  view.setUint32(at + 18, content.length, true);
}

function crc32(data: Uint8Array): number {
  let crc = -1;
  for (const byte of data) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ byte) & 255]!;
  return ~crc >>> 0;
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n;
});
