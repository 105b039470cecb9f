"""Languages: their names, aliases, file extensions and file names.

Each name is also a Pygments alias, so the terminal can highlight it. A store accepts any other name too; this
table only unifies "py", "Python" and "python3".
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its name, and in lower case its file extensions, whole file names and aliases."""

    name: str
    extensions: tuple[str, ...] = ()
    file_names: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


def _language(name: str, extensions: str = "", file_names: str = "", aliases: str = "") -> Language:
    return Language(name, tuple(extensions.split()), tuple(file_names.split()), tuple(aliases.split()))


# name, extensions, file names, aliases. An extension stands with one language only (a test holds that):
# the one that most of its files are in.
LANGUAGES: Final = (
    _language("ada", "adb ads"),
    _language("apacheconf", "htaccess", ".htaccess httpd.conf apache2.conf", "apache"),
    _language("applescript", "applescript scpt"),
    _language("asm", "asm s nasm", "", "assembly assembler nasm"),
    _language("awk", "awk gawk", "", "gawk"),
    _language(
        "bash",
        "sh bash zsh ksh ash bats",
        ".bashrc .bash_profile .bash_aliases .zshrc .profile .envrc pkgbuild",
        "sh shell zsh ksh shell-script shellscript",
    ),
    _language("bat", "bat cmd", "", "batch dosbatch winbatch cmd"),
    _language("bibtex", "bib"),
    _language("c", "c h"),
    _language("clojure", "clj cljs cljc edn", "", "clj clojurescript"),
    _language("cmake", "cmake", "cmakelists.txt"),
    _language("cobol", "cob cbl"),
    _language("coffeescript", "coffee", "", "coffee coffee-script"),
    _language("common-lisp", "lisp lsp cl", "", "lisp cl"),
    _language("cpp", "cpp cc cxx c++ hpp hh hxx h++ ipp inl ino", "", "c++ cplusplus arduino"),
    _language("crystal", "cr"),
    _language("csharp", "cs csx", "", "c# cs c-sharp"),
    _language("css", "css"),
    _language("cuda", "cu cuh", "", "cu"),
    _language("d", "d di"),
    _language("dart", "dart"),
    _language("diff", "diff patch", "", "patch udiff"),
    _language("docker", "dockerfile containerfile", "dockerfile containerfile", "dockerfile"),
    _language("elixir", "ex exs eex heex", "mix.lock", "ex exs"),
    _language("elm", "elm"),
    _language("emacs-lisp", "el", ".emacs", "elisp emacs"),
    _language("erlang", "erl hrl escript", "rebar.config", "erl"),
    _language("fish", "fish", "", "fishshell"),
    _language("fortran", "f f90 f95 f03 f08 for"),
    _language("fsharp", "fs fsi fsx", "", "f# f-sharp"),
    _language("go", "go", "go.mod go.sum go.work", "golang"),
    _language("graphql", "graphql gql graphqls", "", "gql"),
    _language("groovy", "groovy gradle gvy", "jenkinsfile", "gradle"),
    _language("handlebars", "hbs handlebars mustache", "", "hbs mustache"),
    _language("haskell", "hs lhs", "", "hs"),
    _language("hcl", "hcl nomad"),
    _language("html", "html htm xhtml", "", "htm xhtml"),
    _language("http", "http rest"),
    _language(
        "ini",
        "ini cfg inf editorconfig desktop service socket timer",
        ".editorconfig .gitconfig .npmrc .pylintrc .flake8 setup.cfg",
        "cfg dosini",
    ),
    _language("java", "java jsh"),
    _language("javascript", "js mjs cjs jsx", "", "js node nodejs ecmascript mjs cjs jsx"),
    _language("jinja", "j2 jinja jinja2", "", "jinja2 j2"),
    _language(
        "json",
        "json jsonl ndjson geojson webmanifest jsonc json5 code-workspace ipynb",
        ".babelrc .eslintrc .prettierrc composer.lock flake.lock",
        "jsonc json5 jsonl",
    ),
    _language("julia", "jl", "", "jl"),
    _language("kotlin", "kt kts", "", "kt"),
    _language("less", "less"),
    _language("lua", "lua", ".luacheckrc"),
    _language("make", "mk mak make", "makefile gnumakefile bsdmakefile", "makefile mf bsdmake"),
    _language("markdown", "md markdown mkd mdx", "readme changelog contributing", "md"),
    _language("matlab", "m matlab"),
    _language("meson", "meson", "meson.build meson_options.txt"),
    _language("nginx", "nginx nginxconf", "nginx.conf"),
    _language("nim", "nim nims", "", "nimrod"),
    _language("nix", "nix", "", "nixos"),
    _language("objective-c", "mm", "", "objectivec objc obj-c"),
    _language("ocaml", "ml mli mll mly"),
    _language("pascal", "pas pp dpr", "", "delphi objectpascal"),
    _language("perl", "pl pm t", "cpanfile", "pl"),
    _language("php", "php phtml php5", "", "php5"),
    _language("postgres", "pgsql psql", ".psqlrc", "postgresql pgsql psql plpgsql"),
    _language("powershell", "ps1 psm1 psd1", "", "pwsh posh ps1"),
    _language("prolog", "pro prolog"),
    _language("properties", "properties env", ".env .env.example", "dotenv env"),
    _language("protobuf", "proto", "", "proto"),
    _language("puppet", "epp"),
    _language(
        "python",
        "py pyw pyi pyx bzl",
        "sconstruct sconscript snakefile .pythonrc",
        "py python3 py3 sage bazel starlark",
    ),
    _language("r", "r rprofile", ".rprofile", "rlang splus"),
    _language("racket", "rkt", "", "rkt"),
    _language("rst", "rst", "", "restructuredtext rest"),
    _language(
        "ruby", "rb rake gemspec ru", "gemfile rakefile podfile vagrantfile brewfile fastfile config.ru", "rb"
    ),
    _language("rust", "rs", "", "rs"),
    _language("sass", "sass"),
    _language("scala", "scala sc sbt"),
    _language("scheme", "scm ss sld", "", "scm"),
    _language("scss", "scss"),
    _language("sed", "sed"),
    _language("solidity", "sol", "", "sol"),
    _language("sql", "sql ddl dml", "", "mysql sqlite sqlite3 tsql plsql"),
    _language("svelte", "svelte"),
    _language("swift", "swift"),
    _language("systemverilog", "sv svh", "", "sv"),
    _language("tcl", "tcl tk"),
    _language("terraform", "tf tfvars", ".terraformrc", "tf"),
    _language("tex", "tex sty cls ltx", "", "latex"),
    _language("text", "txt text log", "license copying authors notice", "txt plain plaintext plain-text"),
    _language("toml", "toml", "pipfile poetry.lock cargo.lock uv.lock"),
    _language("typescript", "ts tsx mts cts", "", "ts tsx"),
    _language("vb.net", "vb", "", "vb vbnet visualbasic visual-basic"),
    _language("verilog", "v vh"),
    _language("vhdl", "vhd vhdl"),
    _language("vim", "vim vimrc", ".vimrc _vimrc .exrc", "viml vimscript vim-script"),
    _language("vue", "vue", "", "vuejs"),
    _language("wast", "wat wast", "", "wat webassembly wasm"),
    _language(
        "xml", "xml xsl xslt xsd rss atom svg plist csproj vcxproj props targets wsdl", "", "svg xsl xslt"
    ),
    _language("yaml", "yaml yml", ".clang-format .clang-tidy", "yml"),
    _language("zig", "zig"),
)

BY_EXTENSION: Final = {extension: item.name for item in LANGUAGES for extension in item.extensions}
BY_FILE_NAME: Final = {file_name: item.name for item in LANGUAGES for file_name in item.file_names}
BY_ALIAS: Final = {
    **{alias: item.name for item in LANGUAGES for alias in item.aliases},
    **{item.name: item.name for item in LANGUAGES},
}


def canonical_language(name: str) -> str:
    """Return the canonical name of a language. An unknown name is casefolded."""
    folded = name.casefold().strip()
    return BY_ALIAS.get(folded) or BY_ALIAS.get(folded.replace(" ", "-"), folded)


def language_of_file(file_name: str) -> str | None:
    """Return the language of a file from its name, or None. Tries the whole name, the extension, the first part."""
    name = file_name.casefold()
    if name in BY_FILE_NAME:
        return BY_FILE_NAME[name]
    stem, dot, extension = name.rpartition(".")
    if dot and extension in BY_EXTENSION:
        return BY_EXTENSION[extension]
    # Dockerfile.dev, Makefile.am, .env.local
    return BY_FILE_NAME.get(stem) or BY_FILE_NAME.get(name.removeprefix(".").split(".")[0])
