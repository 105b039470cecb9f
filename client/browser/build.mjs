/**
 * Builds the extension for Chromium and for Firefox, unpacked and as packages. The build is reproducible: the same sources
 * give the same bytes.
 *
 *     npm run build                      into build/chromium, build/firefox and their packages
 *     node build.mjs DIRECTORY           into another directory
 *     node build.mjs --tests             also build/tests, for node --test
 */

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import { zipSync } from "fflate";

const here = dirname(fileURLToPath(import.meta.url));
const isForTests = process.argv.includes("--tests");
const out = resolve(process.argv.slice(2).find((word) => !word.startsWith("--")) ?? join(here, "build"));
/** Every file of the packages has this time, the earliest that a zip can hold. */
const TIME = new Date(1980, 0, 1);
/** The codes of browsers that differ from the names of the messages. */
const LOCALES = { zh: "zh_CN" };

/** All that differs between the two. Firefox runs a page in the background where Chromium runs a service worker. */
const BROWSERS = {
  chromium: {
    package: "satchel-chromium.zip",
    manifest: { minimum_chrome_version: "137", background: { service_worker: "background.js" } },
  },
  firefox: {
    package: "satchel-firefox.xpi",
    manifest: {
      background: { scripts: ["background.js"] },
      browser_specific_settings: {
        gecko: { id: "satchel@satchel.invalid", strict_min_version: "140.0", data_collection_permissions: { required: ["none"] } },
      },
    },
  },
};

const shared = { absWorkingDir: here, bundle: true, charset: "utf8", target: ["chrome137", "firefox140"], logLevel: "warning" };
const entryPoints = ["src/background.ts", "src/window-script.ts", "src/popup.ts"];
const { outputFiles } = await esbuild.build({ ...shared, entryPoints, format: "iife", outdir: out, minify: true, write: false });

for (const [name, browser] of Object.entries(BROWSERS)) {
  const folder = join(out, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { path, contents } of outputFiles) writeFileSync(join(folder, relative(out, path)), contents);
  for (const file of ["popup.html", "popup.css"]) cpSync(join(here, "src", file), join(folder, file));
  cpSync(join(here, "icons"), join(folder, "icons"), { recursive: true });
  cpSync(join(here, "../../LICENSE"), join(folder, "LICENSE"));
  writeMessages(join(folder, "_locales"));
  const manifest = JSON.parse(readFileSync(join(here, "manifest.json"), "utf8"));
  writeFileSync(join(folder, "manifest.json"), json({ ...manifest, ...browser.manifest }));
  writeFileSync(join(out, browser.package), zipSync(filesBelow(folder), { level: 9, mtime: TIME }));
  console.log(`${browser.package}: ${readFileSync(join(out, browser.package)).length} bytes`);
}

if (isForTests) {
  const tests = readdirSync(join(here, "test")).map((name) => `test/${name}`);
  await esbuild.build({ ...shared, entryPoints: tests, target: "node20", platform: "node", format: "esm", outdir: join(out, "tests"), outExtension: { ".js": ".mjs" } });
}

/** The messages in the form of browsers. */
function writeMessages(folder) {
  for (const file of readdirSync(join(here, "messages"))) {
    const code = file.replace(".json", "");
    const messages = JSON.parse(readFileSync(join(here, "messages", file), "utf8"));
    const shaped = Object.fromEntries(Object.entries(messages).map(([key, message]) => [key, { message }]));
    mkdirSync(join(folder, LOCALES[code] ?? code), { recursive: true });
    writeFileSync(join(folder, LOCALES[code] ?? code, "messages.json"), json(shaped));
  }
}

/** The files below a folder by their paths, in a fixed order. */
function filesBelow(folder) {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.sort().map((path) => [relative(folder, path), new Uint8Array(readFileSync(path))]));
}

function json(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}
