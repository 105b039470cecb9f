/**
 * Reads the zip in a share (docs/spec/share.md, section 4) as strictly as `satchel get`: every byte belongs to an entry
 * or to the directory, and both headers of an entry agree.
 */

/** The file is not a zip that satchel writes. */
export class ZipError extends Error {}

export interface Entry {
  readonly name: string;
  readonly data: Uint8Array;
}

interface Header {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packedSize: number;
  readonly size: number;
  /** The fields that both headers of an entry repeat, as bytes. */
  readonly repeated: string;
  /** The offset behind this header. */
  readonly end: number;
}

const END_SIZE = 22;
const LOCAL_SIZE = 30;
const CENTRAL_SIZE = 46;
const STORED = 0;
const DEFLATED = 8;
const ALLOWED_FLAGS = 0x0806; // deflate level, UTF-8 names
const MAX_ENTRIES = 301;
const MAX_RATIO = 200;

/** Return all entries in order. Refuses more than `limit` bytes of content. */
export async function unzip(data: Uint8Array, limit: number): Promise<Entry[]> {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const { count, start, end } = readEnd(view);
  const entries: Entry[] = [];
  let at = 0;
  let central = start;
  let budget = limit;
  for (let i = 0; i < count; i++) {
    const entry = readHeader(view, central, 0x02014b50, CENTRAL_SIZE, 8, 28);
    check(view.getUint32(central + 42, true) === at);
    const local = readHeader(view, at, 0x04034b50, LOCAL_SIZE, 6, 26);
    check(local.repeated === entry.repeated && local.name === entry.name);
    budget -= entry.size;
    check(budget >= 0);
    const packed = slice(data, local.end, entry.packedSize);
    entries.push({ name: entry.name, data: await unpack(entry, packed) });
    at = local.end + entry.packedSize;
    central = entry.end;
  }
  check(at === start && central === end);
  return entries;
}

function readEnd(view: DataView): { count: number; start: number; end: number } {
  const end = view.byteLength - END_SIZE;
  check(end >= 0 && view.getUint32(end, true) === 0x06054b50 && view.getUint32(end + 4, true) === 0);
  const count = view.getUint16(end + 8, true);
  const start = view.getUint32(end + 16, true);
  check(count <= MAX_ENTRIES && view.getUint16(end + 10, true) === count && view.getUint16(end + 20, true) === 0);
  check(start + view.getUint32(end + 12, true) === end);
  return { count, start, end };
}

/** Read a local or central header: the twenty repeated bytes start at `fields`, the lengths of name and extra at `lengths`. */
function readHeader(view: DataView, at: number, magic: number, size: number, fields: number, lengths: number): Header {
  check(at + size <= view.byteLength && view.getUint32(at, true) === magic);
  const nameSize = view.getUint16(at + lengths, true);
  check(view.getUint16(at + lengths + 2, true) === 0 && at + size + nameSize <= view.byteLength);
  if (size === CENTRAL_SIZE) check(view.getUint32(at + 32, true) === 0); // no comment, first disk
  const from = at + fields;
  return {
    name: latin(view, at + size, nameSize),
    flags: view.getUint16(from, true),
    method: view.getUint16(from + 2, true),
    crc: view.getUint32(from + 8, true),
    packedSize: view.getUint32(from + 12, true),
    size: view.getUint32(from + 16, true),
    repeated: latin(view, from, 20),
    end: at + size + nameSize,
  };
}

async function unpack(entry: Header, packed: Uint8Array): Promise<Uint8Array> {
  check((entry.flags & ~ALLOWED_FLAGS) === 0 && entry.size <= MAX_RATIO * Math.max(1, packed.length));
  check(entry.method === STORED || entry.method === DEFLATED);
  const data = entry.method === STORED ? packed : await inflate(packed, entry.size);
  check(data.length === entry.size && crc32(data) === entry.crc);
  return data;
}

/** Inflate to exactly the declared size; longer output is refused as soon as it exceeds that. */
async function inflate(packed: Uint8Array, size: number): Promise<Uint8Array> {
  const data = new Uint8Array(size);
  const stream = new Response(packed.slice()).body!.pipeThrough(new DecompressionStream("deflate-raw"));
  const reader = stream.getReader();
  let at = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(invalid);
    if (done) break;
    if (at + value.length > size) {
      void reader.cancel().catch(() => undefined);
      invalid();
    }
    data.set(value, at);
    at += value.length;
  }
  check(at === size);
  return data;
}

function crc32(data: Uint8Array): number {
  let crc = -1;
  for (let i = 0; i < data.length; i++) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ data[i]!) & 255] as number);
  return ~crc >>> 0;
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n;
});

function latin(view: DataView, at: number, size: number): string {
  return String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, size));
}

function slice(data: Uint8Array, at: number, size: number): Uint8Array {
  check(at + size <= data.length);
  return data.subarray(at, at + size);
}

function check(holds: boolean): asserts holds {
  if (!holds) invalid();
}

function invalid(): never {
  throw new ZipError();
}
