/**
 * Builds the share page into service/satchel_service/page: the same sources always give the same bytes.
 *
 *     npm ci && npm run build            into the service's package
 *     node build.mjs DIRECTORY           into another directory (the test that compares does this)
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
const MAX_GRAMMAR_BYTES = 100_000; // four grammars larger than the whole page are left out
const BUDGET_GZIP_BYTES = 60_000;

const common = {
  absWorkingDir: here,
  outdir: assets,
  bundle: true,
  minify: true,
  format: "esm",
  splitting: true,
  target: ["chrome109", "firefox115", "safari16.4"],
  charset: "utf8",
  legalComments: "none", // licences.txt has them all
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  metafile: true,
  logLevel: "warning",
};

rmSync(assets, { recursive: true, force: true });
mkdirSync(assets, { recursive: true });

const icon = writeHashed("icon", "svg", readFileSync(join(here, "src/icon.svg")));
const style = writeHashed("page", "css", await styles("page.css"));
const reportStyle = writeHashed("report", "css", await styles("report.css"));
const licences = writeHashed("licences", "txt", licenceTexts());
const worker = await bundle("src/highlight/worker.ts", {}, [languages()]);
// What few readers need is fetched when it is needed, each as one file; the page itself is one file too, so that the
// text is there after one round trip. A part's own path here is how the sources import it.
const apart = {};
for (const code of messageFiles().slice(1)) apart[`messages/${code}.json`] = (await bundle(`messages/${code}.json`)).entry;
for (const part of ["src/scrypt.ts", "src/soft-x25519.ts", "src/view/markdown.ts", "src/view/pass-on.ts"]) {
  apart[part] = (await bundle(part, {}, [wordless(), loadedApart()])).entry;
}
// What main.ts shares with early.ts becomes a part of its own, which the page runs first.
const page = await bundle(["src/main.ts", "src/early.ts"], { __WORKER_URL__: worker.entry, __LICENCES_URL__: licences }, [leanAge(), loadedApart()]);
const [early, ...others] = page.static;
if (others.length) throw new Error(`the page has more parts than two: ${page.static}`);
rmSync(join(assets, page.outputs.find(({ entryPoint }) => entryPoint === "src/early.ts").name));
writeManifest();
report();

/** Bundle one entry, or several that share parts, with lazily loaded chunks; what is returned is of the first. */
async function bundle(entries, names = {}, plugins = []) {
  const [entry, ...more] = [entries].flat();
  const define = Object.fromEntries(Object.entries(names).map(([key, name]) => [key, JSON.stringify(`./${name}`)]));
  const { metafile } = await esbuild.build({ ...common, entryPoints: [entry, ...more], define, plugins });
  const outputs = Object.entries(metafile.outputs).map(([path, output]) => ({ name: path.split("/").pop(), ...output }));
  const main = outputs.find((output) => output.entryPoint === entry);
  return { entry: main.name, static: staticImports(main, outputs), outputs };
}

/** What an entry needs before its first line runs. */
function staticImports(output, outputs) {
  const names = output.imports.filter(({ kind }) => kind === "import-statement").map(({ path }) => path.split("/").pop());
  const deep = names.flatMap((name) => [name, ...staticImports(outputs.find((other) => other.name === name), outputs)]);
  return [...new Set(deep)];
}

/** `import("./part")` becomes the hashed name of what was bundled before. */
function loadedApart() {
  return {
    name: "loaded-apart",
    setup(build) {
      build.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
        if (kind !== "dynamic-import") return undefined;
        const part = relative(here, join(resolveDir, path));
        const name = apart[part] ?? apart[`${part}.ts`];
        return name ? { path: `./${name}`, external: true } : { errors: [{ text: `${part} is not bundled apart` }] };
      });
    },
  };
}

/** A part that is loaded later gets its words from the page that loads it. */
function wordless() {
  return {
    name: "wordless",
    setup(build) {
      build.onLoad({ filter: /messages\/en\.json$/ }, () => ({ contents: "{}", loader: "json" }));
    },
  };
}

/** age-encryption without the recipients that no share has: a third of the program. */
function leanAge() {
  const absent = join(here, "src/absent.ts");
  return {
    name: "lean-age",
    setup(build) {
      const filter = /^@noble\/(post-quantum\/hybrid|curves\/(nist|ed25519)|hashes\/scrypt)\.js$/;
      build.onResolve({ filter }, ({ importer }) => (importer.includes("age-encryption") ? { path: absent } : undefined));
    },
  };
}

/** `virtual:languages`: every grammar of highlight.js that the worker does not have, and every alias that leads to one. */
function languages() {
  return {
    name: "languages",
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

/** A style sheet; the palette, where it has one, written out for the system's theme and for the reader's choice. */
async function styles(name) {
  const source = readFileSync(join(here, "src", name), "utf8");
  const pair = /(--[\w-]+): light-dark\(((?:[^()]|\([^()]*\))+?), ((?:[^()]|\([^()]*\))+?)\);/g;
  const dark = ["color-scheme:dark", ...[...source.matchAll(pair)].map(([, name, , value]) => `${name}:${value}`)].join(";");
  const rules = `@media (prefers-color-scheme:dark){:root:not([data-theme=light]){${dark}}}:root[data-theme=dark]{${dark}}`;
  const hasPalette = source.includes("light-dark(");
  const light = source.replace(pair, "$1: $2;").replace("color-scheme: light dark", "color-scheme: light");
  const at = light.indexOf("/* -- ground");
  const { code } = await esbuild.transform(hasPalette ? light.slice(0, at) + rules + light.slice(at) : source, { loader: "css", minify: true, target: common.target });
  return Buffer.from(code);
}

/** The licences of everything that is in the bundle. */
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

/** What the service must know: which assets begin the page, and the words that it puts into the page itself. */
function writeManifest() {
  const wordsOf = (folder, code) => JSON.parse(readFileSync(join(here, folder, `${code}.json`), "utf8"));
  const messages = Object.fromEntries(messageFiles().map((code) => [code, wordsOf("messages", code)]));
  const words = ["title", "sealed_title", "sealed_text", "noscript_title", "noscript_text", "noscript_curl"];
  const chunkOf = (code) => apart[`messages/${code}.json`] ?? null;
  const spoken = Object.fromEntries(
    Object.entries(messages).map(([code, all]) => [code, { chunk: chunkOf(code), words: Object.fromEntries(words.map((key) => [key, all[key]])), report: wordsOf("report", code) }]),
  );
  const manifest = { early, script: page.entry, worker: worker.entry, style, report_style: reportStyle, icon, licences, languages: spoken };
  writeFileSync(join(out, "manifest.json"), `${JSON.stringify(manifest, null, 1)}\n`);
  for (const name of ["template.html", "report.html", "report-form.html"]) writeFileSync(join(out, name), readFileSync(join(here, "src", name)));
}

function messageFiles() {
  const codes = readdirSync(join(here, "messages")).map((file) => file.slice(0, -5)).sort();
  return ["en", ...codes.filter((code) => code !== "en")];
}

/** What a reader waits for: page, colouring worker, style. */
function report() {
  const sizes = [early, page.entry, worker.entry, ...worker.static, style].map((name) => [name, gzipSync(readFileSync(join(assets, name)), { level: 9 }).length]);
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  for (const [name, size] of sizes) console.log(`${String(size).padStart(7)}  ${name}`);
  console.log(`${String(total).padStart(7)}  bytes with gzip, of ${BUDGET_GZIP_BYTES}; ${readdirSync(assets).length} files in all`);
  if (total > BUDGET_GZIP_BYTES) process.exitCode = 1;
}
