/**
 * Builds the share page into service/satchel_service/page. The build is reproducible: the same sources give the same
 * bytes.
 *
 *     npm ci && npm run build            into the service's package
 *     node build.mjs DIRECTORY           into another directory (test_build.py compares the two)
 */

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, "../satchel_service/page"));
const assets = join(out, "assets");
const MAX_GRAMMAR_BYTES = 100_000; // excludes the grammars that are each larger than the whole page
const MAX_GZIP_BYTES = 60_000;

const common = {
  absWorkingDir: here,
  outdir: assets,
  bundle: true,
  minify: true,
  target: ["chrome109", "firefox115", "safari16.4"],
  charset: "utf8",
  legalComments: "none", // all licences are in licences.txt
  logLevel: "warning",
};
const modules = { ...common, format: "esm", splitting: true, entryNames: "[name]-[hash]", chunkNames: "[name]-[hash]", metafile: true };

rmSync(assets, { recursive: true, force: true });
mkdirSync(assets, { recursive: true });

const icon = writeHashed("icon", "svg", readFileSync(join(here, "src/icon.svg")));
const style = writeHashed("page", "css", await styles("page.css"));
const reportStyle = writeHashed("report", "css", await styles("report.css"));
const licences = writeHashed("licences", "txt", licenceTexts());
const worker = await bundle("src/highlight/worker.ts", {}, [grammars()]);
// Chunks that few readers need, each one file and loaded on demand. Keys are the paths that the sources import.
const chunks = {};
for (const code of languageCodes().slice(1)) chunks[`messages/${code}.json`] = (await bundle(`messages/${code}.json`)).entry;
for (const name of ["ondemand/chacha", "ondemand/scrypt", "ondemand/x25519", "view/link-dialog", "view/markdown"]) {
  chunks[`src/${name}`] = (await bundle(`src/${name}.ts`, {}, [withoutMessages(), onDemand()])).entry;
}
// The main script is one file, so that the page needs no further round trip.
// Chromium compiles all of it in the background while it loads (an explicit compile hint), not function by function later.
const main = await bundle("src/main.ts", { __WORKER_URL__: worker.entry, __LICENCES_URL__: licences }, [onDemand()], "//# allFunctionsCalledOnLoad");
if (main.imports.length) throw new Error(`the main script has static imports: ${main.imports}`);
const prefetch = await inlineScript("src/prefetch.ts");
writeFileSync(join(out, "prefetch.js"), prefetch);
for (const name of ["template.html", "report.html", "report-form.html"]) writeFileSync(join(out, name), readFileSync(join(here, "src", name)));
writeManifest();
reportSizes();

/** Bundle an entry point with its lazily loaded chunks. Return its file name and the files it imports statically. */
async function bundle(entryPoint, names = {}, plugins = [], banner = "") {
  const define = Object.fromEntries(Object.entries(names).map(([key, name]) => [key, JSON.stringify(`./${name}`)]));
  const { metafile } = await esbuild.build({ ...modules, entryPoints: [entryPoint], define, plugins, banner: { js: banner } });
  const outputs = Object.entries(metafile.outputs).map(([path, output]) => ({ name: path.split("/").pop(), ...output }));
  const entry = outputs.find((output) => output.entryPoint === entryPoint);
  return { entry: entry.name, imports: staticImports(entry, outputs) };
}

function staticImports(output, outputs) {
  const names = output.imports.filter(({ kind }) => kind === "import-statement").map(({ path }) => path.split("/").pop());
  const transitive = names.flatMap((name) => [name, ...staticImports(outputs.find((other) => other.name === name), outputs)]);
  return [...new Set(transitive)];
}

/** Bundle a script to be written into the page itself. */
async function inlineScript(entryPoint) {
  const { outputFiles } = await esbuild.build({ ...common, entryPoints: [entryPoint], format: "iife", write: false });
  const script = outputFiles[0].text.trim();
  if (/<\/script|<!--/i.test(script)) throw new Error(`${entryPoint} cannot be written into HTML`);
  return script;
}

/** `import("./part")` of a chunk becomes the chunk's hashed name. */
function onDemand() {
  return {
    name: "on-demand",
    setup(build) {
      build.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
        if (kind !== "dynamic-import") return undefined;
        const source = relative(here, join(resolveDir, path));
        return chunks[source] ? { path: `./${chunks[source]}`, external: true } : { errors: [{ text: `${source} is not a chunk` }] };
      });
    },
  };
}

/** Chunks take the messages from the page. */
function withoutMessages() {
  return {
    name: "without-messages",
    setup(build) {
      build.onLoad({ filter: /messages\/en\.json$/ }, () => ({ contents: "{}", loader: "json" }));
    },
  };
}

/** `virtual:languages`: every grammar of highlight.js that is not in the worker, and their aliases. */
function grammars() {
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
  const directory = join(here, "node_modules/highlight.js/es/languages");
  const names = readdirSync(directory).filter((file) => /^[^.]+\.js$/.test(file)).map((file) => file.slice(0, -3)).sort();
  const core = readFileSync(join(here, "src/highlight/languages.ts"), "utf8");
  const small = names.filter((name) => readFileSync(join(directory, `${name}.js`)).length <= MAX_GRAMMAR_BYTES && !core.includes(`languages/${name}"`));
  const aliases = small.flatMap((name) => (hljs.getLanguage(name).aliases ?? []).map((alias) => [alias.toLowerCase(), name]));
  const canonical = Object.fromEntries(aliases.filter(([alias]) => !small.includes(alias)));
  const loaders = small.map((name) => `${JSON.stringify(name)}:()=>import("highlight.js/lib/languages/${name}")`);
  return `export const canonical=${JSON.stringify(canonical)};export const load={${loaders.join(",")}};`;
}

/** Minify a style sheet. Browsers too old for light-dark() get its colours as rules for the system's and the reader's theme. */
async function styles(name) {
  const source = readFileSync(join(here, "src", name), "utf8");
  const pair = /(--[\w-]+): light-dark\(((?:[^()]|\([^()]*\))+?), ((?:[^()]|\([^()]*\))+?)\);/g;
  const dark = ["color-scheme:dark", ...[...source.matchAll(pair)].map(([, name, , value]) => `${name}:${value}`)].join(";");
  const rules = `@media (prefers-color-scheme:dark){:root:not([data-theme=light]){${dark}}}:root[data-theme=dark]{${dark}}`;
  const hasPalette = source.includes("light-dark(");
  const light = source.replace(pair, "$1: $2;").replace("color-scheme: light dark", "color-scheme: light");
  const at = light.indexOf("/* -- base");
  const { code } = await esbuild.transform(hasPalette ? light.slice(0, at) + rules + light.slice(at) : source, { loader: "css", minify: true, target: common.target });
  return Buffer.from(code);
}

/** The licences of every bundled package. */
function licenceTexts() {
  const lock = JSON.parse(readFileSync(join(here, "package-lock.json"), "utf8"));
  const bundled = Object.entries(lock.packages).filter(([path, { dev }]) => path && !dev).sort();
  const texts = bundled.map(([path, { version, license }]) => {
    const file = readdirSync(join(here, path)).find((name) => /^licen[cs]e/i.test(name));
    const text = file ? readFileSync(join(here, path, file), "utf8").trim() : license;
    return `${path.replace(/^.*node_modules\//, "")} ${version}\n\n${text}\n`;
  });
  const rule = `\n${"-".repeat(78)}\n\n`;
  return Buffer.from(`The share page of satchel (Apache-2.0) contains:\n${rule}${texts.join(rule)}`);
}

function writeHashed(name, extension, data) {
  const hash = createHash("sha256").update(data).digest("hex").slice(0, 8).toUpperCase();
  const file = `${name}-${hash}.${extension}`;
  writeFileSync(join(assets, file), data);
  return file;
}

/** What the service needs to know: the files that the page references, and the messages that it writes into the page. */
function writeManifest() {
  const readMessages = (folder, code) => JSON.parse(readFileSync(join(here, folder, `${code}.json`), "utf8"));
  const inPage = ["title", "sealed_title", "sealed_text", "noscript_title", "noscript_text", "noscript_curl"];
  const language = (code) => {
    const messages = readMessages("messages", code);
    const words = Object.fromEntries(inPage.map((key) => [key, messages[key]]));
    return [code, { chunk: chunks[`messages/${code}.json`] ?? null, words, report: readMessages("report", code) }];
  };
  const languages = Object.fromEntries(languageCodes().map(language));
  const manifest = { script: main.entry, worker: worker.entry, style, report_style: reportStyle, icon, licences, languages };
  writeFileSync(join(out, "manifest.json"), `${JSON.stringify(manifest, null, 1)}\n`);
}

/** English first: the other languages are chunks. */
function languageCodes() {
  const codes = readdirSync(join(here, "messages")).map((file) => file.slice(0, -5)).sort();
  return ["en", ...codes.filter((code) => code !== "en")];
}

/** Print the compressed size of everything that a reader waits for, and fail beyond the budget. */
function reportSizes() {
  const files = [main.entry, worker.entry, ...worker.imports, style].map((name) => [name, readFileSync(join(assets, name))]);
  const sizes = [["prefetch.js, in the page", prefetch], ...files].map(([name, data]) => [name, gzipSync(data, { level: 9 }).length]);
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  for (const [name, size] of sizes) console.log(`${String(size).padStart(7)}  ${name}`);
  console.log(`${String(total).padStart(7)}  bytes with gzip, of ${MAX_GZIP_BYTES}; ${readdirSync(assets).length} files in all`);
  if (total > MAX_GZIP_BYTES) process.exitCode = 1;
}
