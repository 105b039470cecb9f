/**
 * The background of the extension. It reads a selection when the owner asks for it, by the context menu, the key or the
 * popup, and hands it to the last used window of a paired home. What no window has taken waits in memory.
 */

import { forget, pair, pairedHomes } from "./homes";
import type { Outcome, State, ToBackground } from "./protocol";
import { type Clicked, type Read, readSelection } from "./reading";
import { drop, keep, waiting } from "./waiting";
import { findWindows, handOver, type OpenWindow, strangersAmong } from "./windows";

const MENU = "save-selection";
const POPUP = { width: 420, height: 460 } as const;

/** Something that the popup has not shown yet. */
let outcome: Outcome | null = null;
/** Deliveries run one after the other, and at most one waits for its turn, however often a page asks. */
let delivering: Promise<unknown> = Promise.resolve();
let nextDelivery: Promise<Outcome | null> | null = null;

chrome.runtime.onInstalled.addListener(() => {
  const entry = { id: MENU, title: chrome.i18n.getMessage("save_selection"), contexts: ["selection", "editable"] } as const;
  chrome.contextMenus.removeAll(() => chrome.contextMenus.create({ ...entry, contexts: [...entry.contexts] }));
});

chrome.contextMenus.onClicked.addListener((info, tab) => {
  if (info.menuItemId === MENU && tab?.id !== undefined) void saveAndTell(tab.id, info);
});

chrome.commands.onCommand.addListener((command, tab) => {
  if (command === MENU && tab?.id !== undefined) void saveAndTell(tab.id);
});

chrome.runtime.onMessage.addListener((message: ToBackground | { readonly tell: "free" }, sender, respond) => {
  if (sender.id !== chrome.runtime.id) return false;
  if ("tell" in message) {
    void waiting().then((kept) => (kept.length ? deliver() : null));
    return false;
  }
  // Only a page of the extension itself may ask for more.
  if (!sender.url?.startsWith(chrome.runtime.getURL(""))) return false;
  void act(message).then(respond);
  return true; // the answer comes later
});

async function act(message: ToBackground): Promise<State> {
  if (message.do === "save") outcome = await save(message.tabId);
  else if (message.do === "pair") outcome = await pairWith(message.tabId, message.publicKey);
  else if (message.do === "forget") await forget(message.publicKey);
  else if (message.do === "discard") await drop(message.id);
  else if (message.do === "hand over") outcome = await deliver();
  return look();
}

/** What the popup shows. */
async function look(): Promise<State> {
  const [windows, kept, homes] = await Promise.all([findWindows(), waiting(), pairedHomes()]);
  const shown = outcome;
  outcome = null;
  await showCount(kept.length);
  return {
    outcome: shown,
    isWindowOpen: windows.some(({ isPaired }) => isPaired),
    strangers: strangersAmong(windows),
    homes,
    waiting: kept.map(({ id, title, address, text }) => ({ id, title, address, text })),
  };
}

/** Pair with the window in a tab, if it is still the one that the owner has seen. */
async function pairWith(tabId: number, publicKey: string): Promise<Outcome | null> {
  const found = (await findWindows()).find((window) => window.tabId === tabId && window.publicKey === publicKey);
  if (!found) return { message: "window_gone", values: {} };
  await pair(found);
  return (await deliver()) ?? { message: "paired", values: { home: found.path } };
}

/** Save, and open the popup if there is something to say that the window itself does not show. */
async function saveAndTell(tabId: number, clicked?: Clicked): Promise<void> {
  const found = await save(tabId, clicked);
  if (found.message === "shown") return;
  outcome = found;
  await showCount((await waiting()).length);
  await openPopup();
}

async function save(tabId: number, clicked?: Clicked): Promise<Outcome> {
  const read = await readSelection(tabId, clicked);
  if ("problem" in read) return { message: read.problem, values: {} };
  const kept = await keep(read.selection);
  const told = kept ? await deliver() : await deliverUnkept(read);
  const isShown = !told || told.message === "shown";
  return isShown && read.isPlain ? { message: "plain_text", values: {} } : (told ?? { message: "shown", values: {} });
}

/** Hand over what waits, the oldest first. Return what to tell of it; null if nothing waits. */
function deliver(): Promise<Outcome | null> {
  const begin = () => {
    nextDelivery = null;
    return deliverAll();
  };
  if (!nextDelivery) delivering = nextDelivery = delivering.then(begin, begin);
  return nextDelivery;
}

async function deliverAll(): Promise<Outcome | null> {
  let told: Outcome | null = null;
  const kept = await waiting();
  const windows = kept.length ? await findWindows() : [];
  for (const selection of kept) {
    told = await deliverOne(windows, (window, isOneOfSeveral) => handOver(window, selection, isOneOfSeveral));
    if (told.message !== "shown") break;
    await drop(selection.id);
  }
  await showCount((await waiting()).length);
  return told;
}

/** Hand over a selection that is too long to wait. */
async function deliverUnkept(read: Exclude<Read, { problem: string }>): Promise<Outcome> {
  const told = await deliverOne(await findWindows(), (window, isOneOfSeveral) => handOver(window, read.selection, isOneOfSeveral));
  return told.message === "shown" ? told : { message: "not_kept", values: {} };
}

async function deliverOne(windows: readonly OpenWindow[], give: (window: OpenWindow, isOneOfSeveral: boolean) => ReturnType<typeof handOver>): Promise<Outcome> {
  const [paired, strangers] = [windows.filter(({ isPaired }) => isPaired), strangersAmong(windows)];
  const [window] = paired;
  if (!window) return { message: strangers.length ? "not_paired" : "no_window", values: {} };
  const taken = await give(window, paired.length > 1);
  const message = taken === "shown" ? "shown" : taken === "busy" ? "busy" : taken === "refused" ? "read_only" : "no_window";
  return { message, values: { home: window.path } };
}

async function showCount(count: number): Promise<void> {
  await chrome.action.setBadgeText({ text: count ? String(count) : "" });
  await chrome.action.setBadgeBackgroundColor({ color: "#b45309" });
}

/** Open the popup; as a small window where the browser opens popups only for a click. */
async function openPopup(): Promise<void> {
  try {
    await chrome.action.openPopup();
  } catch {
    await chrome.windows.create({ type: "popup", url: chrome.runtime.getURL("popup.html#window"), ...POPUP });
  }
}
