/** Every way a share does not open, each with its card. Who has no proof of the key learns nothing but that. */

import { CloudError } from "../cloud";
import { keyFromPaste } from "../fragment";
import { counted, t } from "../i18n";
import { parseKey } from "../identity";
import { NewerFormatError, PieceError } from "../piece";
import { SealError } from "../sealed";
import { ZipError } from "../zip";
import { card, field, retryButton, stateCard } from "./card";
import { h } from "./dom";
import type { IconName } from "./icons";

/** The states that are only words, with their icons; the messages are named after them. */
const WORDS: Record<string, IconName> = {
  not_found: "empty",
  expired: "clock",
  used_up: "eye",
  revoked: "close",
  blocked: "close",
  wrong_key: "key",
  damaged: "alert",
  newer: "alert",
  insecure: "lock",
  old: "alert",
};

export function endCard(name: string): HTMLElement {
  return stateCard(name, WORDS[name] ?? "alert");
}

/** The card for whatever went wrong on the way to the Piece. */
export function failureCard(error: unknown, retry: () => void): HTMLElement {
  const name = stateOf(error);
  if (name in WORDS) return endCard(name);
  if (name !== "busy") return stateCard(name, name === "offline" ? "offline" : "alert", retryButton(retry));
  const wait = Math.max(1, (error as CloudError).retryAfterS);
  return card({ icon: "clock", title: t("busy_title"), text: counted("busy_text", wait) }, retryButton(retry));
}

const OF_CODE: Record<string, string> = {
  "not-found": "not_found",
  expired: "expired",
  "used-up": "used_up",
  revoked: "revoked",
  blocked: "blocked",
  "wrong-proof": "wrong_key",
  "too-many": "busy",
  offline: "offline",
};

export function stateOf(error: unknown): string {
  if (error instanceof CloudError) return OF_CODE[error.code] ?? "failed";
  if (error instanceof NewerFormatError) return "newer";
  if (error instanceof SealError || error instanceof PieceError || error instanceof ZipError) return "damaged";
  return "failed";
}

/** The key is missing or cut off: said before any request, with a place to enter it. */
export function keyCard(name: "no_key" | "bad_key", use: (key: string) => void): HTMLElement {
  const key = field({
    id: "key",
    label: t("key_label"),
    help: t("key_help"),
    attrs: { type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false", dir: "ltr", enterkeyhint: "go" },
  });
  const submit = (event: Event) => {
    event.preventDefault();
    const entered = keyFromPaste(key.input.value);
    if (parseKey(entered)) return use(entered);
    key.complain(t("key_bad"));
    key.input.focus();
  };
  const button = h("button.button.primary.large", { text: t("key_use"), attrs: { type: "submit" } });
  const form = h("form", { attrs: { novalidate: true }, on: { submit } }, key.element, button);
  return stateCard(name, "key", form);
}
