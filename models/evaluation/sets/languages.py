"""Windows of source files whose language is known from the file's name and its package."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from models.evaluation.archives import Member, Packages
from models.evaluation.sampling import number, spread

PER_LANGUAGE: Final = 60
SHORT_PER_LANGUAGE: Final = 30
LONG_LINES: Final = (5, 40)
SHORT_LINES: Final = (3, 10)
_LEAST_CHARS: Final = 60
_MOST_COMMENTS: Final = 0.5
_TRIES: Final = 8

COMMON: Final = frozenset(
    [
        "python",
        "javascript",
        "typescript",
        "java",
        "c",
        "cpp",
        "csharp",
        "go",
        "rust",
        "ruby",
        "php",
        "perl",
        "lua",
        "bash",
        "kotlin",
        "scala",
        "swift",
        "haskell",
        "elixir",
        "clojure",
        "r",
        "dart",
        "sql",
        "html",
        "css",
        "json",
        "yaml",
        "toml",
        "make",
        "docker",
        "powershell",
        "objective-c",
    ]
)
"""The 32 languages of the headline figure, chosen before any model was run. The others are reported apart."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where code of a language is found: packages, and the extensions or file names there."""

    packages: str
    names: str
    comments: tuple[str, ...]


_C_MARKS: Final = ("//", "/*", "*")
_HASH: Final = ("#",)

ORIGINS: Final[Mapping[str, Origin]] = {
    "python": Origin(
        "pypi/django pypi/mitmproxy pypi/celery pypi/scrapy pypi/sqlalchemy pypi/twisted pypi/keras pypi/nltk",
        ".py",
        _HASH,
    ),
    "javascript": Origin(
        "npm/webpack npm/eslint npm/mocha npm/koa npm/fastify npm/mongoose npm/sequelize npm/knex npm/d3-array",
        ".js",
        _C_MARKS,
    ),
    "typescript": Origin(
        "npm/rxjs npm/immer npm/@reduxjs/toolkit pypi/bokeh debian-source/thrift", ".ts", _C_MARKS
    ),
    "java": Origin(
        "debian-source/guava-libraries debian-source/jsoup debian-source/jackson-databind debian-source/junit5 "
        "debian-source/libspring-java debian-source/libquartz2-java",
        ".java",
        _C_MARKS,
    ),
    "c": Origin(
        "debian-source/zlib debian-source/libuv1 debian-source/cjson debian-source/lwt debian-source/postgis",
        ".c",
        _C_MARKS,
    ),
    "cpp": Origin(
        "debian-source/abseil debian-source/leveldb debian-source/fmtlib debian-source/spdlog debian-source/fish",
        ".cc .cpp",
        _C_MARKS,
    ),
    "csharp": Origin(
        "debian-source/newtonsoft-json debian-source/keepass2 debian-source/protobuf debian-source/thrift",
        ".cs",
        _C_MARKS,
    ),
    "go": Origin(
        "debian/golang-github-gin-gonic-gin-dev debian-source/golang-github-spf13-cobra debian-source/caddy "
        "debian-source/golang-github-labstack-echo debian-source/golang-github-containers-buildah",
        ".go",
        _C_MARKS,
    ),
    "rust": Origin(
        "debian/librust-tokio-dev debian/librust-hyper-dev debian/librust-regex-dev debian/librust-itertools-dev "
        "debian-source/rust-clap debian/librust-reqwest-dev",
        ".rs",
        _C_MARKS,
    ),
    "ruby": Origin("debian-source/rails debian/ruby-rack debian/ruby-sinatra", ".rb", _HASH),
    "php": Origin("debian-source/composer debian-source/php-monolog debian-source/symfony", ".php", _C_MARKS),
    "perl": Origin(
        "debian-source/libmojolicious-perl debian-source/ack debian/devscripts debian/libdbix-class-perl",
        ".pm .pl",
        ("#", "="),
    ),
    "lua": Origin("debian/lua-penlight debian-source/pandoc debian-source/thrift", ".lua", ("--",)),
    "bash": Origin(
        "debian-source/golang-github-containers-buildah debian-source/abseil debian-source/thrift "
        "debian-source/libquartz2-java debian-source/protobuf debian/bash-completion npm/rxjs",
        ".sh .bash",
        _HASH,
    ),
    "kotlin": Origin(
        "debian-source/kotlin npm/expo-modules-core npm/react-native-screens debian-source/junit5",
        ".kt",
        _C_MARKS,
    ),
    "scala": Origin("debian-source/scala", ".scala", _C_MARKS),
    "swift": Origin(
        "npm/expo-modules-core debian-source/thrift debian-source/flatbuffers debian-source/antlr4",
        ".swift",
        _C_MARKS,
    ),
    "haskell": Origin(
        "debian-source/pandoc debian-source/haskell-lens debian-source/xmonad", ".hs", ("--", "{-")
    ),
    "ocaml": Origin("debian-source/lwt debian-source/ocaml-re debian-source/thrift", ".ml", ("(*",)),
    "erlang": Origin(
        "debian-source/erlang-lager debian-source/elixir-lang debian-source/thrift", ".erl", ("%",)
    ),
    "elixir": Origin("debian-source/elixir-lang", ".ex .exs", _HASH),
    "clojure": Origin(
        "debian-source/ring-clojure debian-source/leiningen-clojure debian-source/core-async-clojure",
        ".clj .cljs",
        (";",),
    ),
    "common-lisp": Origin("debian/cl-alexandria debian-source/thrift", ".lisp", (";",)),
    "emacs-lisp": Origin(
        "debian/elpa-magit debian/elpa-company debian/elpa-evil debian/elpa-dash", ".el", (";",)
    ),
    "scheme": Origin("debian-source/chicken debian-source/guile-json", ".scm", (";",)),
    "r": Origin(
        "debian-source/r-cran-dplyr debian-source/r-cran-ggplot2 debian-source/r-cran-stringr", ".r", _HASH
    ),
    "dart": Origin("debian-source/thrift debian-source/flatbuffers debian-source/antlr4", ".dart", _C_MARKS),
    "sql": Origin(
        "debian/postgresql-15-partman debian-source/postgis debian-source/libquartz2-java", ".sql", ("--",)
    ),
    "html": Origin(
        "pypi/django pypi/djangorestframework pypi/distributed debian-source/jsoup debian-source/leiningen-clojure "
        "debian-source/keepass2 debian-source/fish",
        ".html",
        ("<!--",),
    ),
    "css": Origin(
        "npm/animate.css npm/normalize.css npm/bulma pypi/django pypi/docutils debian-source/fish",
        ".css",
        _C_MARKS,
    ),
    "scss": Origin("npm/bootstrap npm/bulma", ".scss", _C_MARKS),
    "json": Origin(
        "npm/webpack debian-source/composer debian-source/golang-google-cloud debian-source/newtonsoft-json pypi/bokeh "
        "npm/rxjs npm/ajv",
        ".json",
        (),
    ),
    "yaml": Origin(
        "debian-source/rails debian-source/symfony pypi/ansible-core debian-source/pandoc "
        "debian-source/golang-github-containers-buildah",
        ".yml .yaml",
        _HASH,
    ),
    "toml": Origin(
        "debian/librust-tokio-dev debian/librust-hyper-dev debian/librust-regex-dev debian/librust-itertools-dev "
        "debian/librust-serde-json-dev debian/librust-reqwest-dev debian/librust-rand-dev debian/librust-rayon-dev "
        "debian/librust-serde-dev debian-source/rust-clap debian-source/flatbuffers debian-source/thrift",
        ".toml",
        _HASH,
    ),
    "make": Origin(
        "debian-source/zlib debian-source/qr-code-generator debian-source/lapack debian-source/postgis "
        "debian-source/golang-github-containers-buildah debian-source/snowball debian-source/erlang-lager "
        "debian-source/golang-github-spf13-cobra debian-source/elixir-lang debian-source/thrift",
        "makefile .mk",
        _HASH,
    ),
    "cmake": Origin(
        "debian-source/abseil debian-source/fmtlib debian-source/spdlog debian-source/leveldb debian-source/protobuf "
        "debian-source/libuv1",
        "cmakelists.txt .cmake",
        _HASH,
    ),
    "docker": Origin(
        "debian-source/golang-github-containers-buildah debian-source/thrift debian-source/protobuf",
        "dockerfile",
        _HASH,
    ),
    "fortran": Origin("debian-source/lapack debian-source/minpack", ".f .f90", ("*", "!", "c ", "C ")),
    "pascal": Origin(
        "debian-source/pasdoc debian-source/thrift debian-source/snowball", ".pas", ("{", "//", "(*")
    ),
    "powershell": Origin("pypi/ansible-core", ".ps1 .psm1", ("#", "<#")),
    "groovy": Origin("debian-source/groovy debian-source/junit5", ".groovy .gradle", _C_MARKS),
    "objective-c": Origin("debian-source/gnustep-base debian-source/protobuf", ".m", _C_MARKS),
    "d": Origin("debian/libgtkd-3-dev debian-source/thrift", ".d", _C_MARKS),
    "tcl": Origin("debian-source/tcllib debian/tklib debian/tkcvs", ".tcl", _HASH),
    "vim": Origin("debian/vim-airline debian/vim-ale debian/vim-fugitive", ".vim", ('"',)),
    "matlab": Origin(
        "debian/octave-control debian/octave-image debian/octave-signal debian/octave-statistics",
        ".m",
        ("%", "#"),
    ),
}


@dataclass(frozen=True, slots=True)
class Window:
    """Some lines of a file, and the language that they are written in."""

    language: str
    origin: str
    text: str

    @property
    def package(self) -> str:
        """The package of the file."""
        return self.origin.split(":")[0]


def long_windows(packages: Packages) -> list[Window]:
    """Return the windows of 5 to 40 lines, the same number of each language where there are as many."""
    return [one for language in ORIGINS for one in _of_language(packages, language, LONG_LINES, PER_LANGUAGE)]


def short_windows(packages: Packages) -> list[Window]:
    """Return the windows of 3 to 10 lines."""
    return [
        one
        for language in ORIGINS
        for one in _of_language(packages, language, SHORT_LINES, SHORT_PER_LANGUAGE)
    ]


def _of_language(packages: Packages, language: str, lines: tuple[int, int], count: int) -> list[Window]:
    """Return one window of as many files as needed, spread over the packages; more of a file where files are few."""
    found = list(_windows(packages, language, lines))
    first = [one for one in found if one.origin.endswith("#0")]
    later = [one for one in found if not one.origin.endswith("#0")]
    taken = spread(first, count, lambda one: one.package, lambda one: one.origin)
    return taken + spread(later, count - len(taken), lambda one: one.package, lambda one: one.origin)


def _windows(packages: Packages, language: str, lines: tuple[int, int]) -> Iterator[Window]:
    origin = ORIGINS[language]
    for member in packages.named(origin.packages.split()):
        if is_named(member, origin.names.split()):
            seen: set[str] = set()
            for text in window_texts(member, lines, origin.comments):
                if text not in seen:
                    yield Window(language, f"{member.identity}#{len(seen)}", text)
                    seen.add(text)


def is_named(member: Member, names: list[str]) -> bool:
    """Return whether a file has one of these extensions, or one of these names, alone or before a further part."""
    base = PurePosixPath(member.path).name.lower()
    return member.suffix in names or base in names or base.split(".")[0] in names


def window_texts(member: Member, lines: tuple[int, int], comments: tuple[str, ...]) -> Iterator[str]:
    """Yield windows that start where a block of the file starts, in places that depend on the file's name alone.

    Windows that are mostly comments or blank say little about a language, and are left out.
    """
    text = member.text.split("\n")
    starts = [
        0,
        *(place + 1 for place, line in enumerate(text[:-1]) if not line.strip() and text[place + 1].strip()),
    ]
    for turn in range(_TRIES):
        chance = number(member.identity, lines, turn)
        start = starts[chance % len(starts)]
        length = lines[0] + (chance >> 20) % (lines[1] - lines[0] + 1)
        window = text[start : start + length]
        if is_telling(window, lines[0], comments):
            yield "\n".join(window).strip("\n") + "\n"


def is_telling(window: list[str], least_lines: int, comments: tuple[str, ...]) -> bool:
    """Return whether a window has enough code to tell something."""
    filled = [line.strip() for line in window if line.strip()]
    if len(filled) < least_lines or sum(map(len, filled)) < _LEAST_CHARS:
        return False
    return (
        sum(line.startswith(comments) for line in filled) <= _MOST_COMMENTS * len(filled)
        if comments
        else True
    )
