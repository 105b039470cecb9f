/** A command to copy. What is shown leaves the key out; what is copied has it. */

import { t } from "../i18n";
import { copyButton } from "./copying";
import { h } from "./dom";

export interface Command {
  readonly title: string;
  readonly help: string;
  readonly shown: string;
  text(): string;
  say(text: string): void;
}

export function commandBox({ title, help, shown, text, say }: Command): HTMLElement {
  const button = copyButton({ label: t("copy_command"), spoken: `${t("copy_command")}: ${title}`, iconOnly: true, class: "quiet", text, say });
  const code = h("code", { text: shown, attrs: { tabindex: "0", role: "group", "aria-label": title } });
  const command = h("div.command", { attrs: { dir: "ltr", translate: "no" } }, code, button);
  return h("div", {}, h("h2", { text: title }), command, h("p.help", { text: help }));
}
