/**
 * Formatted Markdown, built element by element from the parser's tokens. HTML in it is shown as text, links are
 * limited to http, https and mailto, and images are not loaded. Loaded only for Pieces in Markdown.
 */

import type { MarkedToken, Token, Tokens } from "marked";
import { reveal } from "../code/hidden-characters";
import { appendRun } from "../code/runs";
import type { Highlighter } from "../highlight/client";
import { t, type Translation, useTranslation } from "../i18n";
import { externalLink, h } from "./dom";

export function renderMarkdown(tokens: readonly Token[], highlighter: Highlighter, translation: Translation): HTMLElement {
  useTranslation(translation);
  return h("div.prose", { attrs: { dir: "auto" } }, ...blocks(tokens, highlighter));
}

function blocks(tokens: readonly Token[], highlighter: Highlighter): Node[] {
  return tokens.flatMap((token) => block(token as MarkedToken, highlighter));
}

function block(token: MarkedToken, highlighter: Highlighter): Node[] {
  switch (token.type) {
    case "heading":
      return [h(headingTag(token.depth), { attrs: { dir: "auto" } }, ...inlines(token.tokens))];
    case "paragraph":
      return [h("p", { attrs: { dir: "auto" } }, ...inlines(token.tokens))];
    case "text":
      return token.tokens ? inlines(token.tokens) : [decodeEntities(token.text)];
    case "code":
      return [codeBlock(token, highlighter)];
    case "blockquote":
      return [h("blockquote", {}, ...blocks(token.tokens, highlighter))];
    case "list":
      return [list(token, highlighter)];
    case "table":
      return [table(token)];
    case "hr":
      return [h("hr")];
    case "html":
      return [h("p.markup", {}, visible(token.text.trimEnd()))];
    default:
      return [];
  }
}

/** The title of the page is the only h1. */
function headingTag(depth: number): "h2" | "h3" | "h4" | "h5" | "h6" {
  return `h${Math.min(depth + 1, 6)}` as "h2";
}

function codeBlock({ text, lang }: Tokens.Code, highlighter: Highlighter): HTMLElement {
  const code = h("code", {}, visible(text));
  let painted = 0; // nodes that later runs do not replace
  highlighter.highlight(text, lang?.split(/\s/)[0] ?? "", {
    runs({ from, to, ends, kinds }) {
      while (code.childNodes.length > painted) code.lastChild!.remove();
      let at = from;
      ends.forEach((end, i) => {
        appendRun(code, text.slice(at, end), kinds[i]!);
        at = end;
      });
      painted = code.childNodes.length;
      appendRun(code, text.slice(to), 0);
    },
  });
  return h("pre", { attrs: { dir: "ltr", tabindex: "0", translate: "no" } }, code);
}

function list(token: Tokens.List, highlighter: Highlighter): HTMLElement {
  const items = token.items.map(({ task, checked, tokens }) => {
    const content = blocks(tokens, highlighter);
    return task ? h("li.task", {}, `${checked ? "☑" : "☐"} `, ...content) : h("li", {}, ...content);
  });
  if (!token.ordered) return h("ul", {}, ...items);
  return h("ol", { attrs: { start: token.start === 1 ? null : String(token.start) } }, ...items);
}

function table({ header, rows }: Tokens.Table): HTMLElement {
  const head = h("tr", {}, ...header.map((cell) => h("th", { attrs: { scope: "col" } }, ...inlines(cell.tokens))));
  const body = rows.map((row) => h("tr", {}, ...row.map((cell) => h("td", {}, ...inlines(cell.tokens)))));
  return h("div.table", { attrs: { tabindex: "0", role: "group", "aria-label": t("table") } }, h("table", {}, h("thead", {}, head), h("tbody", {}, ...body)));
}

function inlines(tokens: readonly Token[] | undefined): Node[] {
  return (tokens ?? []).map((token) => inline(token as MarkedToken));
}

function inline(token: MarkedToken): Node {
  switch (token.type) {
    case "strong":
      return h("strong", {}, ...inlines(token.tokens));
    case "em":
      return h("em", {}, ...inlines(token.tokens));
    case "del":
      return h("s", {}, ...inlines(token.tokens));
    case "codespan":
      return h("code", {}, visible(token.text));
    case "br":
      return h("br");
    case "link":
      return link(token);
    case "image":
      return externalLink(token.href, reveal(`[${token.text || t("image_alt", { title: token.href })}]`));
    case "html":
      return h("code.markup", {}, visible(token.text));
    case "escape":
      return visible(token.text);
    default:
      return "tokens" in token && token.tokens ? h("span", {}, ...inlines(token.tokens)) : decodeEntities("text" in token ? token.text : token.raw);
  }
}

function link(token: Tokens.Link): Node {
  const node = externalLink(token.href, "");
  if (!(node instanceof HTMLElement)) return h("span", {}, ...inlines(token.tokens));
  node.append(...inlines(token.tokens));
  return node;
}

const NAMED_ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0", copy: "©", hellip: "…", mdash: "—", ndash: "–" };

/** Text in which hidden characters are shown by their code point. */
function visible(text: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  appendRun(fragment, text, 0);
  return fragment;
}

/** Decode character references to text. */
function decodeEntities(text: string): DocumentFragment {
  const decoded = text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]+));/gi, (whole, hex?: string, number?: string, name?: string) => {
    if (name) return NAMED_ENTITIES[name] ?? whole;
    const point = hex ? parseInt(hex, 16) : Number(number);
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
  return visible(decoded);
}
