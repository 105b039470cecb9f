/**
 * What begins before the page's program is there: small, loaded beside it, run first. The page of a live share brings
 * along what must be known before opening; where opening costs nothing and needs nobody, the sealed body is on its way
 * while the program still arrives and is compiled. Each thing is there once: later attempts ask again.
 */

import { type Answered, ask } from "./asking";
import { readInfo, ShareClient, type ShareInfo } from "./cloud";
import { parseFragment } from "./fragment";
import { parseKey } from "./identity";

export const SHARE_ID = location.pathname.split("/")[2] ?? "";

let hasBegun = false;
let info: ShareInfo | null = null;
let answer: Promise<Answered> | null = null;

/** What this browser lacks, if anything, before it is relied on. */
export function inability(): "insecure" | "old" | null {
  if (!isSecureContext) return "insecure";
  return typeof DecompressionStream === "function" && crypto.subtle ? null : "old";
}

/** Begin, once; a browser that prepares pages in advance must not open anything yet. */
export function begin(): void {
  if (hasBegun || (document as { prerendering?: boolean }).prerendering) return;
  hasBegun = true;
  const told = document.getElementById("main")?.dataset["info"];
  if (!told || inability()) return;
  info = readInfo(JSON.parse(told));
  const secret = parseKey(parseFragment(location.hash).key);
  if (!secret || info.limited || info.password) return;
  answer = ask(new ShareClient(SHARE_ID), secret, null, () => undefined);
  answer.catch(() => undefined); // whoever takes it hears of it
}

export function earlyInfo(): ShareInfo | null {
  const found = info;
  info = null;
  return found;
}

export function earlyAnswer(): Promise<Answered> | null {
  const found = answer;
  answer = null;
  return found;
}

begin();
