/** Parses Markdown, in the worker. Loaded only for texts in Markdown. */

import { Lexer, type Token } from "marked";

export function parseMarkdown(text: string): Token[] {
  return new Lexer({ gfm: true }).lex(text);
}
