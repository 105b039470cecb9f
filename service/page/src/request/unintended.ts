/**
 * What looks unintended in an answer: what people send by accident, and what nobody should ask for. A finding is a
 * warning, never a refusal. `satchel answer` looks for the same (client/satchel/requesting/unintended.py).
 */

import type { AnswerFile } from "./answer";

/** A finding, named after its message, and the file it is in (empty: the typed text). */
export interface Finding {
  readonly kind: "link" | "invisible" | "words" | "payment" | "private_key" | "many" | "location" | "program" | "system_file";
  readonly file: string;
}

const MAX_SEARCHED_BYTES = 1 << 20;
const INVISIBLE = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|\bAGE-SECRET-KEY-1/;
const NAMED_SECRET = /^[ \t]{0,40}(?:export[ \t]{1,40})?[\w.-]{0,80}(?:key|token|secret|password|passwd|pwd)[\w.-]{0,80}[ \t]{0,40}[:=]\s*\S/gim;
const PAYMENT = /(?<![A-Za-z0-9])(?:\d[ -]?){12,18}\d(?![A-Za-z0-9])/g; // not within a word, such as a checksum
const PROGRAM = /\.(?:exe|msi|scr|com|bat|cmd|ps1|vbs|js|jse|wsf|hta|jar|lnk|app|dmg|apk|sh|deb|rpm)$/i;
const SYSTEM_FILE = /^(?:\.DS_Store|Thumbs\.db|desktop\.ini|\.env(?:\..*)?|\.netrc|\.npmrc|\.bash_history|\.zsh_history)$/i;
const MANY = 3;

/** Return the findings in the files of an answer; `key` is the key of the request's own link. */
export function findUnintended(files: readonly AnswerFile[], key: string): Finding[] {
  return files.flatMap((file) => kindsOf(file, key).map((kind) => ({ kind, file: file.name })));
}

function kindsOf({ name, content }: AnswerFile, key: string): Finding["kind"][] {
  const text = textOf(content);
  const found: [Finding["kind"], boolean][] = [
    ["link", text.includes(key)],
    ["words", areRecoveryWords(text)],
    ["payment", hasPaymentCard(text)],
    ["private_key", PRIVATE_KEY.test(text)],
    ["many", (text.match(NAMED_SECRET) ?? []).length >= MANY],
    ["invisible", name === "" && INVISIBLE.test(text)],
    ["location", hasLocation(content)],
    ["program", PROGRAM.test(name)],
    ["system_file", SYSTEM_FILE.test(name)],
  ];
  return found.filter(([, holds]) => holds).map(([kind]) => kind);
}

/** The text of a file, as far as it is searched; empty for binary data. */
function textOf(content: Uint8Array): string {
  const start = content.subarray(0, MAX_SEARCHED_BYTES);
  return start.includes(0) ? "" : new TextDecoder().decode(start);
}

/** The shape of 12 to 24 recovery words: nothing but short lowercase words, perhaps numbered. */
function areRecoveryWords(text: string): boolean {
  const words = text.replace(/\d+[.)]?/g, " ").trim().split(/[\s,]+/);
  return [12, 15, 18, 21, 24].includes(words.length) && words.every((word) => /^[a-z]{3,8}$/.test(word));
}

/** A number of 13 to 19 digits with a valid check digit (Luhn) and the first digit of a payment card. */
function hasPaymentCard(text: string): boolean {
  return (text.match(PAYMENT) ?? []).some((found) => {
    const digits = Array.from(found.replace(/\D/g, ""), Number).reverse();
    const sum = digits.reduce((total, digit, place) => total + (place % 2 ? (digit * 2 > 9 ? digit * 2 - 9 : digit * 2) : digit), 0);
    return sum % 10 === 0 && [3, 4, 5, 6].includes(digits.at(-1)!);
  });
}

/** Whether a JPEG says where it was taken: its first EXIF directory has the entry for GPS (0x8825). */
function hasLocation(content: Uint8Array): boolean {
  if (content[0] !== 0xff || content[1] !== 0xd8) return false;
  const at = indexOf(content.subarray(0, 64 << 10), [0x45, 0x78, 0x69, 0x66, 0, 0]) + 6;
  if (at < 6 || at + 8 > content.length) return false;
  const view = new DataView(content.buffer, content.byteOffset + at, content.byteLength - at);
  const isLittle = view.getUint16(0) === 0x4949;
  const directory = view.getUint32(4, isLittle);
  if (directory + 2 > view.byteLength) return false;
  const count = view.getUint16(directory, isLittle);
  for (let entry = directory + 2; entry + 12 <= view.byteLength && entry < directory + 2 + 12 * count; entry += 12) {
    if (view.getUint16(entry, isLittle) === 0x8825) return true;
  }
  return false;
}

function indexOf(content: Uint8Array, wanted: readonly number[]): number {
  for (let at = content.indexOf(wanted[0]!); at >= 0; at = content.indexOf(wanted[0]!, at + 1)) {
    if (wanted.every((byte, offset) => content[at + offset] === byte)) return at;
  }
  return -1;
}
