"""Functions beside the same functions with other names, and beside their ports to other languages."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from models.evaluation.archives import Packages
from models.evaluation.sampling import spread
from models.evaluation.sets.syntax import SUFFIXES, Cut, functions_in, key, renamed

PER_LANGUAGE: Final = 200
_LINES: Final = (6, 60)
_CLONED: Final = {
    "python": "pypi/celery pypi/scrapy pypi/mitmproxy pypi/luigi pypi/pypdf pypi/rdflib",
    "javascript": "npm/webpack npm/koa npm/mongoose npm/knex npm/sequelize npm/eslint",
    "typescript": "npm/rxjs npm/@reduxjs/toolkit pypi/bokeh",
    "java": "debian-source/jsoup debian-source/jackson-databind debian-source/libquartz2-java",
    "go": "debian-source/caddy debian-source/golang-github-containers-buildah debian-source/golang-github-labstack-echo",
    "rust": "debian/librust-tokio-dev debian/librust-hyper-dev debian/librust-reqwest-dev",
    "csharp": "debian-source/newtonsoft-json debian-source/keepass2",
}
_PORTED: Final = {
    "markdown-it": "npm/markdown-it pypi/markdown-it-py",
    "linkify-it": "npm/linkify-it pypi/linkify-it-py",
    "diff-match-patch": "npm/diff-match-patch pypi/diff-match-patch",
    "js-beautify": "npm/js-beautify pypi/jsbeautifier",
    "jmespath": "npm/jmespath pypi/jmespath",
    "qr-code-generator": "debian-source/qr-code-generator",
    "thrift": "debian-source/thrift",
    "flatbuffers": "debian-source/flatbuffers",
    "protobuf": "debian-source/protobuf",
    "snowball": "debian-source/snowball",
}
_LEAST_TOKENS: Final = 40


@dataclass(frozen=True, slots=True)
class Clone:
    """A function, and the same function with other names and without comments."""

    origin: str
    language: str
    code: str
    clone: str


@dataclass(frozen=True, slots=True)
class Ported:
    """A function of a project that exists in several languages. Functions of one project and key are ports."""

    project: str
    language: str
    key: str
    origin: str
    code: str


def clones(packages: Packages) -> list[Clone]:
    """Return 200 functions of each of seven languages."""
    return [one for language in _CLONED for one in _of_language(packages, language)]


def _of_language(packages: Packages, language: str) -> list[Clone]:
    """Return functions of a language that differ, and long enough to be told apart without names."""
    found: dict[str, tuple[str, Cut]] = {}
    for origin, _, cut in _cuts(packages, _CLONED[language].split(), language):
        if len(cut.code.split()) >= _LEAST_TOKENS:
            found.setdefault(cut.code, (origin, cut))
    taken = spread(found.values(), PER_LANGUAGE, lambda one: one[0].split(":")[0], lambda one: one[0])
    return [Clone(origin, language, cut.code, renamed(language, cut.code, origin)) for origin, cut in taken]


def ports(packages: Packages) -> list[Ported]:
    """Return the functions of all projects whose name only one function of its project and language has."""
    found = [
        Ported(project, language, key(cut.name), origin, cut.code)
        for project, names in _PORTED.items()
        for origin, language, cut in _cuts(packages, names.split())
    ]
    counts = Counter((one.project, one.language, one.key) for one in found)
    return [one for one in found if counts[one.project, one.language, one.key] == 1]


def _cuts(packages: Packages, names: list[str], only: str = "") -> Iterator[tuple[str, str, Cut]]:
    """Yield functions of 6 to 60 lines with their origin and language; not those of tests."""
    for member in packages.named(names):
        language = SUFFIXES.get(member.suffix, "")
        if language and only in ("", language) and "test" not in member.path.lower():
            for cut in functions_in(language, member.text):
                if _LINES[0] <= cut.code.count("\n") <= _LINES[1]:
                    yield f"{member.identity}#{cut.line}", language, cut
