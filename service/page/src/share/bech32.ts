/** Bech32 (BIP 173) as age uses it: a checksummed text form of bytes. Lowercase only; age's uppercase form is `toUpperCase()`. */

const ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const CHECKSUM_CHARS = 6;

/** Encode bytes as `<prefix>1<data><checksum>`. */
export function encodeBech32(prefix: string, bytes: Uint8Array): string {
  const data = regroup(bytes, 8, 5)!;
  const sum = checksum(prefix, [...data, ...new Array<number>(CHECKSUM_CHARS).fill(0)]) ^ 1;
  for (let i = 0; i < CHECKSUM_CHARS; i++) data.push((sum >>> (5 * (5 - i))) & 31);
  return `${prefix}1${data.map((value) => ALPHABET[value]).join("")}`;
}

/** Decode the part after `<prefix>1`; null if a character, the checksum or the padding is wrong. */
export function decodeBech32(prefix: string, text: string): Uint8Array | null {
  const values = Array.from(text, (character) => ALPHABET.indexOf(character));
  if (values.length < CHECKSUM_CHARS || values.includes(-1) || checksum(prefix, values) !== 1) return null;
  const bytes = regroup(values.slice(0, -CHECKSUM_CHARS), 5, 8);
  return bytes && Uint8Array.from(bytes);
}

function checksum(prefix: string, values: readonly number[]): number {
  const codes = Array.from(prefix, (character) => character.charCodeAt(0));
  let sum = 1;
  for (const value of [...codes.map((code) => code >>> 5), 0, ...codes.map((code) => code & 31), ...values]) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    for (let i = 0; i < 5; i++) if ((top >>> i) & 1) sum ^= GENERATOR[i]!;
  }
  return sum;
}

/** Regroup bits: 8 to 5 pads with zeros, 5 to 8 refuses (null) padding that is too long or not zero. */
function regroup(values: Iterable<number>, from: 5 | 8, to: 5 | 8): number[] | null {
  const groups: number[] = [];
  let bits = 0;
  let buffer = 0;
  for (const value of values) {
    buffer = ((buffer << from) | value) & 0xfff;
    for (bits += from; bits >= to; ) groups.push((buffer >>> (bits -= to)) & ((1 << to) - 1));
  }
  const rest = (buffer << (to - bits)) & ((1 << to) - 1);
  if (from === 5) return bits >= 5 || rest ? null : groups;
  if (bits) groups.push(rest);
  return groups;
}
