// Bundle the extension into dist/extension.js, with the licences of what is bundled; with --tests, the tests as well.
import { build } from "esbuild";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const shared = { bundle: true, platform: "node", target: "node20", format: "cjs", charset: "utf8", logLevel: "warning" };

mkdirSync("build", { recursive: true }); // vsce makes no folder for its package

const { metafile } = await build({
  ...shared,
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  external: ["vscode"],
  minify: true,
  metafile: true,
});
writeFileSync("dist/licences.txt", licences(Object.keys(metafile.inputs)));

if (process.argv.includes("--tests")) {
  const entryPoints = readdirSync("test").filter((name) => name.endsWith(".test.ts")).map((name) => `test/${name}`);
  await build({ ...shared, entryPoints, outdir: "build/tests", outExtension: { ".js": ".cjs" } });
}

/** Return the licence of each package that some of these files belong to. Fail if one has none. */
function licences(files) {
  const folders = files.map((file) => file.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//)?.[1]).filter(Boolean);
  return [...new Set(folders)].sort().map(licence).join("\n");
}

function licence(folder) {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  if (!file || !existsSync(`${folder}/${file}`)) throw new Error(`no licence of ${name}`);
  return `${name} ${version} (${license})\n\n${readFileSync(`${folder}/${file}`, "utf8").trim()}\n`;
}
