/** One Piece in a list: its title and facts, and below them the line that matches or how it begins. */

import { reveal, splitHidden } from "satchel-share-page/code/hidden-characters";
import { h } from "satchel-share-page/view/dom";
import type { MatchingLine, Row } from "../api";
import { formatAgo, formatMoment, t } from "../i18n";
import type { RowElement } from "./list";

const MAX_TAGS = 4;

export function pieceRow(): RowElement<Row> {
  const title = h("span.title", { attrs: { dir: "auto" } });
  const language = h("span.language", { attrs: { translate: "no" } });
  const tags = h("span.tag-names");
  const time = h("span.time");
  const text = h("span.snippet", { attrs: { dir: "auto", translate: "no" } });
  const element = h("div.piece-row", {}, h("div.line", {}, title, language, tags, time), h("div.line", {}, text));
  const drawTags = (names: readonly string[]) => {
    const shown = Math.min(names.length, MAX_TAGS);
    while (tags.childElementCount > shown) tags.lastElementChild!.remove();
    while (tags.childElementCount < shown) tags.append(h("span.tag", { attrs: { dir: "auto" } }));
    for (let n = 0; n < shown; n++) tags.children[n]!.textContent = reveal(names[n]!);
  };
  const draw = (row: Row | undefined) => {
    const now = Date.now();
    element.classList.toggle("is-waiting", !row);
    title.textContent = row ? reveal(row.title) || t("untitled") : "";
    language.textContent = row?.language ?? (row && row.kind !== "text" ? t(`kind_${row.kind}`) : "");
    drawTags(row?.tags ?? []);
    time.textContent = row ? formatAgo(row.updated, now) : "";
    time.title = row ? formatMoment(row.updated) : "";
    const line = row?.lines[0];
    if (line) text.replaceChildren(...marked(line));
    else text.textContent = row ? reveal(row.snippet) : "";
  };
  return { element, draw };
}

/** A matching line with its matches marked. */
export function marked({ text, spans }: MatchingLine): Node[] {
  const nodes: Node[] = [];
  let at = 0;
  const start = text.length - text.trimStart().length;
  for (const [from, to] of [...spans, [text.length, text.length] as const]) {
    if (from > at) nodes.push(document.createTextNode(visible(text.slice(Math.max(at, start), from))));
    if (to > from) nodes.push(h("mark", { text: visible(text.slice(from, to)) }));
    at = Math.max(at, to);
  }
  return nodes;
}

function visible(text: string): string {
  return [...splitHidden(text)].map((part) => (part.code ? `[${part.code}]` : part.text)).join("");
}
