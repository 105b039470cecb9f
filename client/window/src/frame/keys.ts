/** Keys: those of the window, and those of the view that is shown. */

import { preference, setPreference } from "satchel-share-page/preferences";
import type { Key } from "../app";
import { t } from "../i18n";

const IS_MAC = /mac/i.test(navigator.platform);

/** A key as it is written on keyboards of the language. */
export function keyName(key: string): string {
  const named = key.replace("Mod+", IS_MAC ? "⌘ " : `${t("ctrl")} `).replace("Enter", "↵").replace("Escape", "Esc").replace("ArrowUp", "↑").replace("ArrowDown", "↓").replace("Delete", t("del"));
  return named.length === 1 ? named.toUpperCase() : named.replace(/ ([a-z])$/, (_, letter: string) => ` ${letter.toUpperCase()}`);
}

/** Whether single keys are shortcuts. Some people switch them off, because speech input types them. */
export function hasSingleKeys(): boolean {
  return preference("keys") !== "off";
}

export function setSingleKeys(isOn: boolean): void {
  setPreference("keys", isOn ? "on" : "off");
}

/** Run the key that an event matches. */
export function runKey(event: KeyboardEvent, keys: readonly Key[]): boolean {
  if (event.isComposing || event.altKey) return false;
  const isMod = IS_MAC ? event.metaKey : event.ctrlKey;
  const isTyping = isTextField(event.composedPath()[0]);
  const found = keys.find(({ key, isGlobal }) => {
    const [last, mod] = [key.replace("Mod+", ""), key.startsWith("Mod+")];
    if (mod !== isMod || (!mod && (event.ctrlKey || event.metaKey))) return false;
    if (last.length === 1 && !mod && (isTyping || !hasSingleKeys())) return false;
    if (isTyping && !isGlobal) return false;
    if (last === "Enter" && !mod && isControl(event.composedPath()[0])) return false; // which Enter presses
    return event.key.toLowerCase() === last.toLowerCase();
  });
  if (!found) return false;
  event.preventDefault();
  if (found.repeats || !event.repeat) found.run();
  return true;
}

function isControl(target: EventTarget | undefined): boolean {
  return target instanceof Element && target.closest("a, button, summary") !== null;
}

function isTextField(target: EventTarget | undefined): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["button", "checkbox", "radio", "range", "submit", "file"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}
