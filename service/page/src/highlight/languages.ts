/** The grammars in the highlighting worker; all others are loaded on demand. */

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

// Grammars that embed other grammars.
const EMBEDDED: Record<string, readonly string[]> = {
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

/** Register a language by name or alias; false if there is no such language. */
export async function loadLanguage(hljs: HLJSApi, language: string): Promise<boolean> {
  const name = language.trim().toLowerCase();
  if (!name || name === "plaintext" || name === "text") return false;
  if (!hljs.getLanguage(name) && !(await register(hljs, name))) return false;
  for (const embedded of EMBEDDED[name] ?? []) if (!hljs.getLanguage(embedded)) await register(hljs, embedded);
  return true;
}

async function register(hljs: HLJSApi, name: string): Promise<boolean> {
  const { canonical, load } = await import("virtual:languages");
  const grammar = Object.hasOwn(canonical, name) ? canonical[name]! : name;
  const loader = Object.hasOwn(load, grammar) ? load[grammar] : undefined;
  if (!loader) return false;
  hljs.registerLanguage(grammar, (await loader()).default);
  return true;
}
