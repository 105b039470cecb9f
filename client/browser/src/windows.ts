/** The open windows: which tabs show one, and handing selections to it. */

import { type Home, isProven, newChallenge, pairedHomes } from "./homes";
import type { FromTab, Stranger, Taken, ToTab } from "./protocol";
import type { Selection } from "./reading";
import { cleanLine } from "./text";

/** A page that has proven that it is a window of its home. `isPaired` tells whether the owner knows that home. */
export interface OpenWindow extends Home {
  readonly tabId: number;
  readonly browserWindowId: number;
  readonly instance: string;
  readonly origin: string;
  readonly isPaired: boolean;
  readonly lastUsed: number;
}

const PAGES = "http://127.0.0.1/*";

/** Find the open windows, the last used first. Pages that fail the proof are left out. */
export async function findWindows(): Promise<readonly OpenWindow[]> {
  const [tabs, homes] = await Promise.all([chrome.tabs.query({ url: PAGES }), pairedHomes()]);
  const found = await Promise.all(tabs.map((tab) => findWindow(tab, homes)));
  return found.filter((window) => window !== null).sort((one, other) => other.lastUsed - one.lastUsed);
}

async function findWindow(tab: chrome.tabs.Tab, homes: readonly Home[]): Promise<OpenWindow | null> {
  const challenge = newChallenge();
  const answer = await ask(tab.id!, { ask: "prove", challenge });
  const { origin } = new URL(tab.url ?? "about:blank");
  if (!answer?.proof || !(await isProven(answer.proof, origin, challenge))) return null;
  const { publicKey, path } = answer.proof;
  const known = homes.find((home) => home.publicKey === publicKey);
  return {
    tabId: tab.id!,
    browserWindowId: tab.windowId,
    instance: answer.instance,
    origin,
    publicKey,
    path: known?.path ?? cleanLine(path),
    isPaired: known !== undefined,
    lastUsed: tab.lastAccessed ?? 0,
  };
}

/** Hand a selection to a window, and bring its tab to the front if it shows it. Null if the window is gone. */
export async function handOver({ tabId, browserWindowId, instance }: OpenWindow, selection: Selection, isOneOfSeveral: boolean): Promise<Taken | null> {
  const { text, title, address, isShortened } = selection;
  const answer = await ask(tabId, { ask: "take", instance, selection: { text, title, address, isShortened, isOneOfSeveral } });
  if (answer?.taken === "shown" || answer?.taken === "busy") {
    await chrome.tabs.update(tabId, { active: true }).catch(() => undefined);
    await chrome.windows.update(browserWindowId, { focused: true }).catch(() => undefined);
  }
  return answer?.taken ?? null;
}

export function strangersAmong(windows: readonly OpenWindow[]): readonly Stranger[] {
  return windows.filter(({ isPaired }) => !isPaired).map(({ publicKey, path, tabId, origin }) => ({ publicKey, path, tabId, address: origin }));
}

/** Ask the script in a tab. A tab that was open before the extension was installed has none: put it there first. */
async function ask(tabId: number, message: ToTab): Promise<FromTab | undefined> {
  const send = () => chrome.tabs.sendMessage<ToTab, FromTab | undefined>(tabId, message, { frameId: 0 });
  try {
    return await send();
  } catch {
    try {
      await chrome.scripting.executeScript({ target: { tabId }, files: ["window-script.js"] });
      return await send();
    } catch {
      return undefined; // no window of satchel
    }
  }
}
