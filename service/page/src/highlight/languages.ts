/** The languages that come with the colouring worker, and the way to all others. */

import type { HLJSApi, LanguageFn } from "highlight.js";
import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import cpp from "highlight.js/lib/languages/cpp";
import go from "highlight.js/lib/languages/go";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import markdown from "highlight.js/lib/languages/markdown";
import python from "highlight.js/lib/languages/python";
import rust from "highlight.js/lib/languages/rust";
import shell from "highlight.js/lib/languages/shell";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";

const CORE: Record<string, LanguageFn> = {
  bash, c, cpp, go, java, javascript, json, markdown, python, rust, shell, typescript, xml, yaml,
}; // prettier-ignore

// Grammars that hand parts of a text to another one.
const NEEDS: Record<string, readonly string[]> = {
  "clojure-repl": ["clojure"],
  erb: ["ruby"],
  haml: ["ruby"],
  "julia-repl": ["julia"],
  "php-template": ["php"],
  html: ["css"],
  xml: ["css"],
};

export function registerCore(hljs: HLJSApi): void {
  for (const [name, grammar] of Object.entries(CORE)) hljs.registerLanguage(name, grammar);
}

/** Make a language ready by its name or alias; false when there is no such language. */
export async function loadLanguage(hljs: HLJSApi, wanted: string): Promise<boolean> {
  const name = wanted.trim().toLowerCase();
  if (!name || name === "plaintext" || name === "text") return false;
  if (!hljs.getLanguage(name) && !(await loadMore(hljs, name))) return false;
  for (const needed of NEEDS[name] ?? []) if (!hljs.getLanguage(needed)) await loadMore(hljs, needed);
  return true;
}

async function loadMore(hljs: HLJSApi, name: string): Promise<boolean> {
  const { canonical, load } = await import("virtual:languages");
  const known = Object.hasOwn(canonical, name) ? canonical[name]! : name;
  const loader = Object.hasOwn(load, known) ? load[known] : undefined;
  if (!loader) return false;
  hljs.registerLanguage(known, (await loader()).default);
  return true;
}
