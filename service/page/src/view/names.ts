/** Names for what is shown: the title, file names for downloads, and the language of a file. */

import { reveal } from "../code/hidden-characters";
import { t } from "../i18n";
import type { Piece, PieceFile } from "../share/piece";

const EXTENSION_OF_LANGUAGE: Record<string, string> = {
  bash: "sh", c: "c", clojure: "clj", cpp: "cpp", "c++": "cpp", csharp: "cs", "c#": "cs", css: "css", dart: "dart",
  diff: "diff", dockerfile: "dockerfile", elixir: "ex", elm: "elm", erlang: "erl", fortran: "f90", fsharp: "fs",
  go: "go", graphql: "graphql", groovy: "groovy", haskell: "hs", html: "html", ini: "ini", java: "java",
  javascript: "js", json: "json", julia: "jl", kotlin: "kt", latex: "tex", less: "less", lua: "lua", makefile: "mk",
  markdown: "md", nix: "nix", objectivec: "m", ocaml: "ml", perl: "pl", php: "php", powershell: "ps1", python: "py",
  r: "r", ruby: "rb", rust: "rs", scala: "scala", scss: "scss", shell: "sh", sql: "sql", svg: "svg", swift: "swift",
  toml: "toml", tsx: "tsx", typescript: "ts", vim: "vim", xml: "xml", yaml: "yaml", zig: "zig", zsh: "zsh",
}; // prettier-ignore
const EXTENSION_OF_MEDIA_TYPE: Record<string, string> = {
  "application/gzip": "gz", "application/pdf": "pdf", "application/zip": "zip", "image/avif": "avif",
  "image/gif": "gif", "image/jpeg": "jpg", "image/png": "png", "image/svg+xml": "svg", "image/webp": "webp",
}; // prettier-ignore

const MAX_STEM_CHARS = 80;
const HAS_EXTENSION = /[^.]\.[A-Za-z][A-Za-z0-9+-]{0,9}$/;
// Files that common desktops run when they are opened.
const EXECUTABLE = /\.(app|bat|cmd|com|cpl|desktop|dll|dmg|exe|hta|html?|iso|jar|js|jse|lnk|msi|pif|ps1|reg|scr|sh|svg|vbe|vbs|wsf|xhtml|xll)$/i;

export function titleOf(piece: Piece): string {
  return reveal(piece.title.trim()) || t("untitled");
}

/** A file name for a download: the file's own name, or the title with an extension. It is safe on any system. */
export function fileName(piece: Piece, index: number): string {
  const file = piece.files[index]!;
  const given = file.name || (index === 0 ? piece.title : "");
  const stem = given.replace(/[\s\u0000-\u001f\\/:*?"<>|]+/g, " ").trim().replace(/^[.\s]+/, "").slice(0, file.name ? undefined : MAX_STEM_CHARS);
  const name = reveal(stem).trim() || (index ? `file-${index + 1}` : "piece");
  return file.name || HAS_EXTENSION.test(name) ? name : `${name}.${extensionOf(file)}`;
}

export function isExecutable(name: string): boolean {
  return EXECUTABLE.test(name);
}

/** The language for highlighting: the declared one, else the extension of the name. */
export function languageOf(piece: Piece, index: number): string {
  const file = piece.files[index]!;
  const name = file.name || (index === 0 ? piece.title : "");
  return file.language || (HAS_EXTENSION.exec(name)?.[0].split(".").pop() ?? "");
}

function extensionOf({ language, mediaType, kind }: PieceFile): string {
  const known = EXTENSION_OF_MEDIA_TYPE[mediaType.toLowerCase()];
  const name = language.toLowerCase();
  if (kind !== "text") return known ?? "bin";
  return EXTENSION_OF_LANGUAGE[name] ?? (/^[a-z][a-z0-9]{0,4}$/.test(name) ? name : known ?? "txt");
}
