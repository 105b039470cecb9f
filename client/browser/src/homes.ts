/** The homes that the owner has paired. A home is known by the public key with which its windows answer challenges. */

export interface Home {
  /** 64 hexadecimal digits. */
  readonly publicKey: string;
  /** The directory, as its window called it. */
  readonly path: string;
}

/** What a page that may be a window answers to a challenge. */
export interface Proof {
  readonly publicKey: string;
  readonly signature: string;
  readonly path: string;
}

const CONTEXT = "satchel window proof v1\0";
const CHALLENGE_BYTES = 32;

export async function pairedHomes(): Promise<readonly Home[]> {
  const { homes } = await chrome.storage.local.get({ homes: [] as Home[] });
  return homes as readonly Home[];
}

export function pair({ publicKey, path }: Home): Promise<void> {
  return change((homes) => [...without(homes, publicKey), { publicKey, path }]);
}

export function forget(publicKey: string): Promise<void> {
  return change((homes) => without(homes, publicKey));
}

function without(homes: readonly Home[], publicKey: string): Home[] {
  return homes.filter((home) => home.publicKey !== publicKey);
}

let lastChange: Promise<void> = Promise.resolve();

/** Change the homes, one change after another: of two at once, the later would bring back what the first forgot. */
function change(work: (homes: readonly Home[]) => Home[]): Promise<void> {
  const changed = lastChange.then(async () => chrome.storage.local.set({ homes: work(await pairedHomes()) }));
  lastChange = changed.catch(() => undefined);
  return changed;
}

export function newChallenge(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(CHALLENGE_BYTES)));
}

/** Whether the holder of a key has signed this challenge for the page of this origin. */
export async function isProven(proof: Proof, origin: string, challenge: string): Promise<boolean> {
  const [key, signature] = [fromHex(proof.publicKey, 32), fromHex(proof.signature, 64)];
  if (!key || !signature) return false;
  const message = new Uint8Array([...new TextEncoder().encode(`${CONTEXT}${origin}\0`), ...fromHex(challenge, CHALLENGE_BYTES)!]);
  try {
    const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", imported, signature, message);
  } catch {
    return false; // not a point of the curve
  }
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fromHex(text: string, length: number): Uint8Array<ArrayBuffer> | null {
  if (!/^[0-9a-f]*$/.test(text) || text.length !== 2 * length) return null;
  return new Uint8Array(Array.from({ length }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16)));
}
