/** The cards for every way a share can fail to open. */

import { plural, t } from "../i18n";
import { SealError } from "../share/age";
import { CloudError } from "../share/cloud";
import { parsePastedKey } from "../share/fragment";
import { parseKey } from "../share/identity";
import { NewerFormatError, PieceError } from "../share/piece";
import { ZipError } from "../share/zip";
import { card, field, retryButton, stateCard } from "./card";
import { h } from "./dom";
import type { IconName } from "./icons";

/** The states without a button, with their icons. Their messages are named after them. */
const FINAL_STATES: Record<string, IconName> = {
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

export function finalCard(name: string): HTMLElement {
  return stateCard(name, FINAL_STATES[name] ?? "alert");
}

/** The card for an error of opening. */
export function failureCard(error: unknown, retry: () => void): HTMLElement {
  const name = stateOf(error);
  if (name in FINAL_STATES) return finalCard(name);
  if (name !== "busy") return stateCard(name, name === "offline" ? "offline" : "alert", retryButton(retry));
  const wait = Math.max(1, (error as CloudError).retryAfterS);
  return card({ icon: "clock", title: t("busy_title"), text: plural("busy_text", wait) }, retryButton(retry));
}

const STATE_OF_CODE: Record<string, string> = {
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
  if (error instanceof CloudError) return STATE_OF_CODE[error.code] ?? "failed";
  if (error instanceof NewerFormatError) return "newer";
  if (error instanceof SealError || error instanceof PieceError || error instanceof ZipError) return "damaged";
  return "failed";
}

/** The card for a missing or truncated key, with a field to enter it. Shown before any request is made. */
export function keyCard(name: "no_key" | "bad_key", use: (key: string) => void): HTMLElement {
  const key = field({
    id: "key",
    label: t("key_label"),
    help: t("key_help"),
    attrs: { type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false", dir: "ltr", enterkeyhint: "go" },
  });
  const submit = (event: Event) => {
    event.preventDefault();
    const entered = parsePastedKey(key.input.value);
    if (parseKey(entered)) return use(entered);
    key.showError(t("key_bad"));
    key.input.focus();
  };
  const button = h("button.button.primary.large", { text: t("key_use"), attrs: { type: "submit" } });
  const form = h("form", { attrs: { novalidate: true }, on: { submit } }, key.element, button);
  return stateCard(name, "key", form);
}
