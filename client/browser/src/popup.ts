/** The popup of the toolbar button: saving, pairing, and the selections that wait. */

import type { MessageKey, Outcome, State, Stranger, ToBackground } from "./protocol";

const MAX_SHOWN_CHARS = 300;

type Child = Node | string;

function t(key: MessageKey, values: Readonly<Record<string, string>> = {}): string {
  return chrome.i18n.getMessage(key).replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

function element<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Readonly<Record<string, string>> = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Text of a page or a path: in a direction of its own. */
function foreign(text: string): HTMLElement {
  return element("bdi", {}, text);
}

function button(label: string, run: () => unknown, attributes: Readonly<Record<string, string>> = {}): HTMLButtonElement {
  const made = element("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", () => {
    if (isBusy) return; // a second click would save twice
    isBusy = true;
    void Promise.resolve(run()).finally(() => (isBusy = false));
  });
  return made;
}

let isBusy = false;

const content = document.getElementById("content")!;
const status = document.getElementById("outcome")!;

/** The tab that the popup was opened over; none if the popup is a window of its own. */
let tabId: number | undefined;

async function start(): Promise<void> {
  if (location.hash !== "#window") [{ id: tabId } = { id: undefined }] = await chrome.tabs.query({ active: true, currentWindow: true });
  await ask({ do: "look" });
}

async function ask(message: ToBackground): Promise<void> {
  draw(await chrome.runtime.sendMessage<ToBackground, State>(message));
}

function draw(state: State): void {
  if (state.outcome) status.replaceChildren(...outcomeText(state.outcome));
  const focused = document.activeElement?.id || "save";
  const over = tabId;
  const inFront = state.strangers.find((stranger) => stranger.tabId === over);
  const elsewhere = state.strangers.filter((stranger) => stranger.tabId !== over);
  content.replaceChildren(
    ...(over === undefined ? [] : [button(t("save_selection"), () => ask({ do: "save", tabId: over }), { id: "save", class: "primary" })]),
    ...(inFront ? [pairing(inFront)] : []),
    ...elsewhere.map(({ address }) => element("p", {}, ...filled("not_paired_at", { address }))),
    ...(state.isWindowOpen || state.strangers.length || state.outcome?.message === "no_window" ? [] : [element("p", {}, t("open_window"), " ", command())]),
    ...(state.waiting.length ? [waitingList(state)] : []),
    ...(state.homes.length ? [homeList(state)] : []),
  );
  (document.getElementById(focused) ?? document.getElementById("save"))?.focus();
}

function outcomeText({ message, values }: Outcome): Child[] {
  const text = element("p", {}, ...filled(message, values));
  return message === "no_window" ? [text, element("p", {}, command())] : [text];
}

/** A message whose values stand apart from its own direction. */
function filled(key: MessageKey, values: Readonly<Record<string, string>>): Child[] {
  return chrome.i18n.getMessage(key).split(/(\{\w+\})/).map((part) => (/^\{\w+\}$/.test(part) ? foreign(values[part.slice(1, -1)] ?? "") : part)); // prettier-ignore
}

function pairing(stranger: Stranger): HTMLElement {
  const { publicKey, path, address } = stranger;
  return element(
    "section",
    { class: "card", "aria-labelledby": "pairing" },
    element("h2", { id: "pairing" }, t("pair_question")),
    element("p", {}, foreign(path), element("br"), foreign(address)),
    element("p", { class: "quiet" }, t("pair_text")),
    button(t("pair"), () => ask({ do: "pair", tabId: stranger.tabId, publicKey }), { id: "pair" }),
  );
}

function waitingList({ waiting, isWindowOpen }: State): HTMLElement {
  const items = waiting.map(({ id, title, address, text }) => {
    const name = { "aria-describedby": `waiting-${id}` };
    return element(
      "li",
      {},
      element("p", { id: `waiting-${id}`, class: "title" }, foreign(title || address)),
      element("pre", { dir: "ltr" }, text.slice(0, MAX_SHOWN_CHARS)),
      element("div", { class: "row" }, button(t("copy"), () => copy(text), name), button(t("discard"), () => ask({ do: "discard", id }), name)),
    );
  });
  const send = isWindowOpen ? [button(t("hand_over"), () => ask({ do: "hand over" }), { id: "hand-over" })] : [];
  return element("section", { "aria-labelledby": "waiting" }, element("h2", { id: "waiting" }, t("waiting")), element("p", { class: "quiet" }, t("waiting_text")), element("ul", { role: "list" }, ...items), ...send);
}

function homeList({ homes }: State): HTMLElement {
  const items = homes.map(({ publicKey, path }, at) =>
    element("li", {}, element("p", { id: `home-${at}` }, foreign(path)), element("div", { class: "row" }, button(t("forget"), () => ask({ do: "forget", publicKey }), { "aria-describedby": `home-${at}` }))),
  );
  return element("section", { "aria-labelledby": "homes" }, element("h2", { id: "homes" }, t("homes")), element("ul", { role: "list" }, ...items));
}

async function copy(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
  status.replaceChildren(element("p", {}, t("copied")));
}

function command(): HTMLElement {
  return element("code", { translate: "no" }, "satchel open");
}

document.documentElement.lang = t("language");
document.documentElement.dir = t("language") === "ar" ? "rtl" : "ltr";
void start();
