/** What the builds of the share page and of the window (client/window) have in common. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
/** The top of the npm workspace. */
const top = resolve(here, "../..");
const MAX_GRAMMAR_BYTES = 100_000; // excludes the grammars that are each larger than the whole page

/** The options of every bundle. */
export const common = {
  bundle: true,
  minify: true,
  target: ["chrome109", "firefox115", "safari16.4"],
  charset: "utf8",
  legalComments: "none", // all licences are in licences.txt
  logLevel: "warning",
};

/** `virtual:languages`: every grammar of highlight.js that is not in the worker, and their aliases. */
export function grammars() {
  return {
    name: "grammars",
    setup(build) {
      build.onResolve({ filter: /^virtual:languages$/ }, ({ path }) => ({ path, namespace: "languages" }));
      build.onLoad({ filter: /.*/, namespace: "languages" }, async () => ({ contents: await languageModule(), resolveDir: here }));
    },
  };
}

async function languageModule() {
  const { default: hljs } = await import("highlight.js");
  const directory = join(top, "node_modules/highlight.js/es/languages");
  const names = readdirSync(directory).filter((file) => /^[^.]+\.js$/.test(file)).map((file) => file.slice(0, -3)).sort();
  const core = readFileSync(join(here, "src/highlight/languages.ts"), "utf8");
  const small = names.filter((name) => readFileSync(join(directory, `${name}.js`)).length <= MAX_GRAMMAR_BYTES && !core.includes(`languages/${name}"`));
  const aliases = small.flatMap((name) => (hljs.getLanguage(name).aliases ?? []).map((alias) => [alias.toLowerCase(), name]));
  const canonical = Object.fromEntries(aliases.filter(([alias]) => !small.includes(alias)));
  const loaders = small.map((name) => `${JSON.stringify(name)}:()=>import("highlight.js/lib/languages/${name}")`);
  return `export const canonical=${JSON.stringify(canonical)};export const load={${loaders.join(",")}};`;
}

/** Minify style sheets into one. Browsers too old for light-dark() get its colours as rules for the system's and the reader's theme. */
export async function styles(...paths) {
  const source = paths.map((path) => readFileSync(path, "utf8")).join("");
  const pair = /(--[\w-]+): light-dark\(((?:[^()]|\([^()]*\))+?), ((?:[^()]|\([^()]*\))+?)\);/g;
  const dark = ["color-scheme:dark", ...[...source.matchAll(pair)].map(([, name, , value]) => `${name}:${value}`)].join(";");
  const rules = `@media (prefers-color-scheme:dark){:root:not([data-theme=light]){${dark}}}:root[data-theme=dark]{${dark}}`;
  const hasPalette = source.includes("light-dark(");
  const light = source.replace(pair, "$1: $2;").replace("color-scheme: light dark", "color-scheme: light");
  const at = light.indexOf("/* -- base");
  const { code } = await esbuild.transform(hasPalette ? light.slice(0, at) + rules + light.slice(at) : source, { loader: "css", minify: true, target: common.target });
  return Buffer.from(code);
}

/** The licences of every package that a page of the workspace bundles. `folder` is its path, `title` names it. */
export function licenceTexts(folder, title) {
  const { packages } = JSON.parse(readFileSync(join(top, "package-lock.json"), "utf8"));
  const texts = [...dependenciesOf(folder, packages)].sort().map((path) => {
    const { version, license } = packages[path];
    const file = readdirSync(join(top, path)).find((name) => /^licen[cs]e/i.test(name));
    const text = file ? readFileSync(join(top, path, file), "utf8").trim() : license;
    return `${path.replace(/^.*node_modules\//, "")} ${version}\n\n${text}\n`;
  });
  const rule = `\n${"-".repeat(78)}\n\n`;
  return Buffer.from(`${title} of satchel (Apache-2.0) contains:\n${rule}${texts.join(rule)}`);
}

/** The paths of all packages that a member of the workspace needs at run time, without the other members. */
function dependenciesOf(folder, packages, found = new Set()) {
  for (const name of Object.keys(packages[folder].dependencies ?? {})) {
    const nested = `${folder}/node_modules/${name}`;
    const path = nested in packages ? nested : `node_modules/${name}`;
    const { link, resolved } = packages[path];
    if (found.has(path)) continue;
    if (!link) found.add(path);
    dependenciesOf(link ? resolved : path, packages, found);
  }
  return found;
}

/** Write a file under a name with a hash of its content; return that name. */
export function writeHashed(folder, name, extension, data) {
  const hash = createHash("sha256").update(data).digest("hex").slice(0, 8).toUpperCase();
  const file = `${name}-${hash}.${extension}`;
  writeFileSync(join(folder, file), data);
  return file;
}

/** The names of all files that an output of esbuild imports statically, by way of others as well. */
export function staticImports(output, outputs) {
  const names = output.imports.filter(({ kind }) => kind === "import-statement").map(({ path }) => path.split("/").pop());
  const transitive = names.flatMap((name) => [name, ...staticImports(outputs.find((other) => other.name === name), outputs)]);
  return [...new Set(transitive)];
}
