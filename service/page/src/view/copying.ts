/** Buttons that copy, and say whether it worked. */

import { t } from "../i18n";
import { h } from "./dom";
import { icon } from "./icons";

const SHOWN_MS = 1600;

export interface CopyButtonOptions {
  readonly label: string;
  /** What is said of it when the label alone does not tell what is copied. */
  readonly spoken?: string;
  readonly class?: string;
  readonly iconOnly?: boolean;
  text(): string;
  say(text: string): void;
}

export function copyButton(options: CopyButtonOptions): HTMLButtonElement {
  const label = h("span", { text: options.label });
  const button = h("button.button", {
    class: `${options.class ?? ""}${options.iconOnly ? " icon-only" : ""}`,
    attrs: { type: "button", "aria-label": options.spoken ?? (options.iconOnly ? options.label : null), title: options.iconOnly ? options.label : null },
    on: { click: () => void copy() },
  });
  const draw = (name: "copy" | "check" | "alert", text: string) => {
    label.textContent = text;
    button.replaceChildren(...(options.iconOnly ? [icon(name)] : [icon(name), label]));
    button.classList.toggle("is-done", name === "check");
  };
  let timer = 0;
  const copy = async () => {
    const isDone = await write(options.text());
    const result = t(isDone ? "copied" : "copy_failed");
    draw(isDone ? "check" : "alert", result);
    options.say(result);
    clearTimeout(timer);
    timer = window.setTimeout(() => draw("copy", options.label), SHOWN_MS);
  };
  draw("copy", options.label);
  return button;
}

async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
