/**
 * Builds the share page into service/satchel_service/page. The build is reproducible: the same sources give the same
 * bytes.
 *
 *     npm ci && npm run build            into the service's package (npm ci at the top of the repository)
 *     node build.mjs DIRECTORY           into another directory (test_build.py compares the two)
 */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import esbuild from "esbuild";
import { common as shared, grammars, licenceTexts, staticImports, styles, writeHashed } from "./bundling.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, "../satchel_service/page"));
const assets = join(out, "assets");
const MAX_GZIP_BYTES = 60_000;
const MAX_REQUEST_GZIP_BYTES = 30_000; // of the page that answers requests
/** The messages that the frame around both pages uses. */
const FRAME_MESSAGES = ["skip", "theme", "theme_auto", "theme_light", "theme_dark", "language", "licences", "report", "retry"];

const common = { ...shared, absWorkingDir: here, outdir: assets };
const modules = { ...common, format: "esm", splitting: true, entryNames: "[name]-[hash]", chunkNames: "[name]-[hash]", metafile: true };

rmSync(assets, { recursive: true, force: true });
mkdirSync(assets, { recursive: true });

const icon = writeHashed(assets, "icon", "svg", readFileSync(join(here, "src/icon.svg")));
const style = writeHashed(assets, "page", "css", await styles(join(here, "src/page.css")));
const reportStyle = writeHashed(assets, "report", "css", await styles(join(here, "src/report.css")));
const licences = writeHashed(assets, "licences", "txt", licenceTexts("service/page", "The share page"));
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
// The page that answers requests: a script of its own, with the messages of the frame among its own.
const requestStyle = writeHashed(assets, "request", "css", await styles(join(here, "src/request.css")));
const requestChunks = {};
for (const code of languageCodes().slice(1)) requestChunks[`messages/${code}.json`] = (await bundle(`request/${code}.json`, {}, [requestMessages()])).entry;
const request = await bundle("src/request/request.ts", { __LICENCES_URL__: licences }, [requestMessages(), onDemand(requestChunks)]);
if (request.imports.length) throw new Error(`the script of requests has static imports: ${request.imports}`);
const prefetch = await inlineScript("src/prefetch.ts");
writeFileSync(join(out, "prefetch.js"), prefetch);
for (const name of ["template.html", "report.html", "report-form.html", "request.html"]) writeFileSync(join(out, name), readFileSync(join(here, "src", name)));
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

/** Bundle a script to be written into the page itself. */
async function inlineScript(entryPoint) {
  const { outputFiles } = await esbuild.build({ ...common, entryPoints: [entryPoint], format: "iife", write: false });
  const script = outputFiles[0].text.trim();
  if (/<\/script|<!--/i.test(script)) throw new Error(`${entryPoint} cannot be written into HTML`);
  return script;
}

/** `import("./part")` of a chunk becomes the chunk's hashed name. */
function onDemand(replaced = {}) {
  return {
    name: "on-demand",
    setup(build) {
      build.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
        if (kind !== "dynamic-import") return undefined;
        const source = relative(here, join(resolveDir, path));
        const chunk = replaced[source] ?? chunks[source];
        return chunk ? { path: `./${chunk}`, external: true } : { errors: [{ text: `${source} is not a chunk` }] };
      });
    },
  };
}

/** The messages of a request's page, and those of the frame, in one object for each language. */
function requestMessages() {
  return {
    name: "request-messages",
    setup(build) {
      build.onLoad({ filter: /(messages|request)\/[a-z]{2}\.json$/ }, ({ path }) => {
        const code = path.slice(-7, -5);
        const frame = readMessages("messages", code);
        const shared = Object.fromEntries(FRAME_MESSAGES.map((key) => [key, frame[key]]));
        return { contents: JSON.stringify({ ...shared, ...readMessages("request", code) }), loader: "json" };
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

/** What the service needs to know: the files that the page references, and the messages that it writes into the page. */
function writeManifest() {
  const inPage = ["title", "sealed_title", "sealed_text", "noscript_title", "noscript_text", "noscript_curl"];
  const language = (code) => {
    const messages = readMessages("messages", code);
    const words = Object.fromEntries(inPage.map((key) => [key, messages[key]]));
    const asked = readMessages("request", code);
    const request = Object.fromEntries(["title", "preview", "noscript_title", "noscript_text"].map((key) => [key, asked[key]]));
    const requestChunk = requestChunks[`messages/${code}.json`] ?? null;
    return [code, { chunk: chunks[`messages/${code}.json`] ?? null, words, report: readMessages("report", code), request, request_chunk: requestChunk }];
  };
  const languages = Object.fromEntries(languageCodes().map(language));
  const manifest = { script: main.entry, worker: worker.entry, style, report_style: reportStyle, request_script: request.entry, request_style: requestStyle, icon, licences, languages };
  writeFileSync(join(out, "manifest.json"), `${JSON.stringify(manifest, null, 1)}\n`);
}

function readMessages(folder, code) {
  return JSON.parse(readFileSync(join(here, folder, `${code}.json`), "utf8"));
}

/** English first: the other languages are chunks. */
function languageCodes() {
  const codes = readdirSync(join(here, "messages")).map((file) => file.slice(0, -5)).sort();
  return ["en", ...codes.filter((code) => code !== "en")];
}

/** Print the compressed size of everything that a reader waits for, and fail beyond the budgets. */
function reportSizes() {
  const files = [main.entry, worker.entry, ...worker.imports, style].map((name) => [name, readFileSync(join(assets, name))]);
  reportSize([["prefetch.js, in the page", prefetch], ...files], MAX_GZIP_BYTES);
  reportSize([request.entry, style, requestStyle].map((name) => [name, readFileSync(join(assets, name))]), MAX_REQUEST_GZIP_BYTES);
  console.log(`${readdirSync(assets).length} files in all`);
}

function reportSize(files, limit) {
  const sizes = files.map(([name, data]) => [name, gzipSync(data, { level: 9 }).length]);
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  for (const [name, size] of sizes) console.log(`${String(size).padStart(7)}  ${name}`);
  console.log(`${String(total).padStart(7)}  bytes with gzip, of ${limit}`);
  if (total > limit) process.exitCode = 1;
}
