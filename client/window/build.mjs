/**
 * Builds the window's page into client/satchel/window/page. The build is reproducible: the same sources give the same
 * bytes.
 *
 *     npm ci && npm run build            into the client's package (npm ci at the top of the repository)
 *     node build.mjs DIRECTORY           into another directory (test_build.py compares the two)
 */

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import esbuild from "esbuild";
import { common as shared, grammars, licenceTexts, staticImports, styles, writeHashed } from "../../service/page/bundling.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const sharePage = resolve(here, "../../service/page/src");
const out = resolve(process.argv[2] ?? join(here, "../satchel/window/page"));
const assets = join(out, "assets");
/** What a first visit waits for, compressed. The editor and the views other than Find are loaded on demand. */
const MAX_GZIP_BYTES = 60_000;
/** The service worker of an installed window. Its name is always the same, as browsers look for its changes there. */
const INSTALLED = "installed.js";
const COPIED = ["app.webmanifest", "icon.svg", "icon-192.png", "icon-512.png"];
const ROOT = [...COPIED, INSTALLED];
const LANGUAGES = ["en", "de", "fr", "es", "ja", "zh", "ar"];

const common = { ...shared, absWorkingDir: here, outdir: assets };
const modules = { ...common, format: "esm", splitting: true, entryNames: "[name]-[hash]", chunkNames: "[name]-[hash]", metafile: true };

rmSync(assets, { recursive: true, force: true });
mkdirSync(assets, { recursive: true });

const style = writeHashed(assets, "window", "css", await styles(join(sharePage, "page.css"), ...sheets()));
const licences = writeHashed(assets, "licences", "txt", licenceTexts("client/window", "The window"));
const worker = await bundle(join(sharePage, "highlight/worker.ts"), {}, [grammars()]);
const main = await bundle("src/main.ts", { __WORKER_URL__: worker.entry, __LICENCES_URL__: licences });
await bundleInstalled();
for (const name of COPIED) writeFileSync(join(out, name), readFileSync(name === "icon.svg" ? join(sharePage, name) : join(here, "public", name)));
writeIndex();
writeManifest();
reportSizes();

/** Bundle an entry point with its lazily loaded chunks. Return its file name and the files it imports statically. */
async function bundle(entryPoint, names = {}, plugins = []) {
  const define = Object.fromEntries(Object.entries(names).map(([key, name]) => [key, JSON.stringify(`./${name}`)]));
  const { metafile } = await esbuild.build({ ...modules, entryPoints: [entryPoint], define, plugins });
  const outputs = Object.entries(metafile.outputs).map(([path, output]) => ({ name: path.split("/").pop(), ...output }));
  const entry = outputs.find((output) => output.entryPoint && resolve(here, output.entryPoint) === resolve(here, entryPoint));
  return { entry: entry.name, imports: staticImports(entry, outputs) };
}

/** Bundle the service worker with its texts and its style. */
async function bundleInstalled() {
  const css = readFileSync(join(here, "src/installed/page.css"), "utf8");
  const { code } = await esbuild.transform(css, { loader: "css", minify: true });
  const style = code.trim();
  const digest = `sha256-${createHash("sha256").update(style).digest("base64")}`;
  const define = { __TEXTS__: JSON.stringify(Object.fromEntries(LANGUAGES.map(textsOf))), __STYLE__: JSON.stringify(style), __STYLE_DIGEST__: JSON.stringify(digest) };
  await esbuild.build({ ...shared, absWorkingDir: here, entryPoints: ["src/installed/worker.ts"], outfile: join(out, INSTALLED), format: "iife", define });
}

function textsOf(code) {
  const [own, common] = [here, resolve(sharePage, "..")].map((folder) => JSON.parse(readFileSync(join(folder, `messages/${code}.json`), "utf8")));
  return [code, { title: own["not_running"], text: own["open_again"], again: common["retry"] }];
}

/** The window's style sheets, after the share page's. */
function sheets() {
  return readdirSync(join(here, "src/styles")).sort().map((name) => join(here, "src/styles", name));
}

/** The page: the same for every address. It has no inline script and no inline style. */
function writeIndex() {
  const preload = main.imports.map((name) => `<link rel="modulepreload" href="/assets/${name}">`).join("\n    ");
  const page = readFileSync(join(here, "src/index.html"), "utf8");
  const filled = page.replace("$style", `/assets/${style}`).replace("$script", `/assets/${main.entry}`).replace("$preload", preload);
  writeFileSync(join(out, "index.html"), filled);
}

/** What the server of the window may serve. */
function writeManifest() {
  const names = readdirSync(assets).sort();
  writeFileSync(join(out, "manifest.json"), `${JSON.stringify({ index: "index.html", root: ROOT, assets: names }, null, 1)}\n`);
}

/** Print the compressed size of everything that the window waits for, and fail beyond the budget. */
function reportSizes() {
  const files = [...new Set([main.entry, ...main.imports, style])];
  const sizes = files.map((name) => [name, gzipSync(readFileSync(join(assets, name)), { level: 9 }).length]);
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  for (const [name, size] of sizes) console.log(`${String(size).padStart(7)}  ${name}`);
  console.log(`${String(total).padStart(7)}  bytes with gzip, of ${MAX_GZIP_BYTES}; ${readdirSync(assets).length} files in all`);
  if (total > MAX_GZIP_BYTES) process.exitCode = 1;
}
