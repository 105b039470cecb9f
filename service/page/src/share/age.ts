/**
 * Opens age files (age-encryption.org/v1) with an X25519 identity, the one kind that shares use. Strict: what the
 * specification forbids is refused, and nothing is returned before header and payload have authenticated.
 */

import { concat, hkdf, NO_SALT } from "./identity";
import { type Agree, BASE_POINT, chacha20Poly1305, x25519 } from "./primitives";

/** The file does not authenticate under this key, or is malformed. */
export class SealError extends Error {}

const VERSION = "age-encryption.org/v1";
const WRAP_LABEL = "age-encryption.org/v1/X25519";
const MAX_HEADER_BYTES = 64 << 10;
const LINE_BYTES = 48;
const KEY_BYTES = 32;
const TAG_BYTES = 16;
const FILE_KEY_BYTES = 16;
const PAYLOAD_NONCE_BYTES = 16;
const CHUNK_BYTES = (64 << 10) + TAG_BYTES;

interface Stanza {
  readonly type: string;
  readonly args: readonly string[];
  readonly body: Uint8Array;
}

interface Header {
  readonly stanzas: readonly Stanza[];
  readonly mac: Uint8Array;
  /** The bytes that the MAC covers. */
  readonly covered: Uint8Array;
  readonly size: number;
}

/** The owner of a private key, prepared while the file is still on its way. */
export interface Identity {
  readonly agree: Agree;
  readonly publicKey: Uint8Array;
}

export async function prepareIdentity(scalar: Uint8Array): Promise<Identity> {
  const agree = await x25519(scalar);
  return { agree, publicKey: await agree(BASE_POINT) };
}

/** Return the content of an age file. Raises SealError, whatever is wrong. */
export async function unseal(file: Uint8Array, identity: Identity): Promise<Uint8Array> {
  try {
    const header = parseHeader(file);
    const fileKey = await unwrapFileKey(header.stanzas, identity);
    const [content] = await Promise.all([openPayload(file.subarray(header.size), fileKey), verify(header, fileKey)]);
    return content;
  } catch {
    throw new SealError();
  }
}

async function unwrapFileKey(stanzas: readonly Stanza[], identity: Identity): Promise<Uint8Array> {
  check(stanzas.length === 1 || stanzas.every(({ type }) => type !== "scrypt"));
  for (const { type, args, body } of stanzas) {
    if (type !== "X25519") continue;
    check(args.length === 1 && body.length === FILE_KEY_BYTES + TAG_BYTES);
    const share = decodeBase64(args[0]!);
    check(share.length === KEY_BYTES);
    const wrapKey = await hkdf(await identity.agree(share), concat(share, identity.publicKey), WRAP_LABEL);
    const decrypt = await chacha20Poly1305(wrapKey);
    const fileKey = await decrypt(new Uint8Array(12), body).catch(() => null);
    if (fileKey) return fileKey;
  }
  throw new SealError();
}

async function verify({ mac, covered }: Header, fileKey: Uint8Array): Promise<void> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const macKey = (await hkdf(fileKey, NO_SALT, "header")).slice();
  const key = await crypto.subtle.importKey("raw", macKey, algorithm, false, ["verify"]);
  check(await crypto.subtle.verify(algorithm, key, mac.slice(), covered.slice()));
}

// -- the header --------------------------------------------------------------------------------------------------

function parseHeader(file: Uint8Array): Header {
  const lines = new LineReader(file);
  check(lines.next() === VERSION);
  const stanzas: Stanza[] = [];
  for (;;) {
    const start = lines.at;
    const line = lines.next();
    if (line.startsWith("--- ")) {
      const mac = decodeBase64(line.slice(4));
      check(mac.length === 32 && stanzas.length > 0);
      return { stanzas, mac, covered: file.subarray(0, start + 3), size: lines.at };
    }
    stanzas.push(parseStanza(line, lines));
  }
}

function parseStanza(line: string, lines: LineReader): Stanza {
  const [arrow, type, ...args] = line.split(" ");
  check(arrow === "->" && type && args.every((arg) => arg));
  let body: Uint8Array = new Uint8Array(0);
  for (;;) {
    const part = decodeBase64(lines.next());
    check(part.length <= LINE_BYTES);
    body = concat(body, part);
    if (part.length < LINE_BYTES) return { type: type!, args, body };
  }
}

/** Reads lines of printable ASCII that end in a line feed. */
class LineReader {
  at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  next(): string {
    const end = this.bytes.indexOf(10, this.at);
    check(end >= 0 && end < MAX_HEADER_BYTES);
    const line = String.fromCharCode(...this.bytes.subarray(this.at, end));
    check(/^[ -~]*$/.test(line));
    this.at = end + 1;
    return line;
  }
}

/** Decode canonical base64 without padding. */
function decodeBase64(text: string): Uint8Array {
  const binary = atob(text);
  check(btoa(binary).replace(/=+$/, "") === text);
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

// -- the payload -------------------------------------------------------------------------------------------------

/** STREAM: chunks of 64 KiB, numbered by their nonces; the last one is marked. */
async function openPayload(payload: Uint8Array, fileKey: Uint8Array): Promise<Uint8Array> {
  const sealed = payload.subarray(PAYLOAD_NONCE_BYTES);
  const count = Math.max(1, Math.ceil(sealed.length / CHUNK_BYTES));
  const size = sealed.length - count * TAG_BYTES;
  check(payload.length >= PAYLOAD_NONCE_BYTES && size >= 0);
  const decrypt = await chacha20Poly1305(await hkdf(fileKey, payload.subarray(0, PAYLOAD_NONCE_BYTES), "payload"));
  const content = new Uint8Array(size);
  const openChunk = async (index: number) => {
    const at = index * CHUNK_BYTES;
    const chunk = await decrypt(chunkNonce(index, index === count - 1), sealed.subarray(at, at + CHUNK_BYTES));
    check(chunk.length || count === 1);
    content.set(chunk, at - index * TAG_BYTES);
  };
  await Promise.all(Array.from({ length: count }, (_, index) => openChunk(index)));
  return content;
}

/** Eleven bytes of counter and one that marks the last chunk. */
function chunkNonce(index: number, isLast: boolean): Uint8Array {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(7, index);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

function check(holds: unknown): void {
  if (!holds) throw new SealError();
}
