"""Beginnings of files with the pages of documentation of what they import and use.

The truth is the modules' own: published manuals for standard libraries, metadata of the registries for packages.
"""

import re
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from models.evaluation.archives import Member, Packages
from models.evaluation.sampling import spread
from models.evaluation.sets.imports import TONGUES, head
from models.evaluation.sets.published import CODE_HOSTS, Manuals, place, plain
from models.evaluation.sets.uses import (
    go_names,
    java_names,
    package_of,
    python_names,
    python_prefix,
    rust_paths,
    script_modules,
)

PER_LANGUAGE: Final = 80
LANGUAGES: Final = ("python", "javascript", "java", "go", "rust")
MANUALS: Final = (
    "docs.python.org",
    "nodejs.org",
    "developer.mozilla.org",
    "docs.oracle.com",
    "pkg.go.dev",
    "doc.rust-lang.org",
    "docs.rs",
)
"""Hosts whose pages are all known: a page of them that is not listed is wrong."""
_OWN_RUST: Final = frozenset({"crate", "self", "super", "std", "core", "alloc"})
_WORD: Final = re.compile(r"[A-Za-z_$][\w$]*")
_ANY_ELEMENT: Final = frozenset({"EventTarget", "Node", "Element", "HTMLElement"})
_TOO_LARGE: Final = frozenset({"npm/expo-modules-core", "npm/@mdn/browser-compat-data", "npm/webpack"})


@dataclass(frozen=True, slots=True)
class Documented:
    """A text with its right addresses.

    `pages` are exact; a place (a host, or a repository on a host of code) is right with everything below it. `open`
    are imported modules that no metadata documents: another address may belong to one of them.
    """

    language: str
    origin: str
    text: str
    pages: tuple[str, ...]
    places: tuple[str, ...]
    open: tuple[str, ...]

    @property
    def package(self) -> str:
        """The package of the file."""
        return self.origin.split(":")[0]


@dataclass(slots=True)
class Truth:
    """What is found of one text, before it is an item."""

    pages: set[str]
    places: set[str]
    open: set[str]

    @classmethod
    def of(cls, pages: Collection[str] = ()) -> "Truth":
        """Return the truth with some pages, each right without its fragment as well."""
        return cls({*pages, *(page.partition("#")[0] for page in pages)}, set(), set())

    def add(self, module: str, places: Collection[str]) -> None:
        """Add a module of a package. One that names no place but its code leaves other places open."""
        self.places |= set(places)
        if not any(one.partition("/")[0] not in CODE_HOSTS for one in places):
            self.open.add(module)


def is_right(item: Documented, address: str) -> bool | None:
    """Return whether an address documents what a text uses; None if that cannot be told."""
    bare = plain(address)
    page = bare.partition("#")[0]
    host = page.partition("/")[0].lower()
    if bare in item.pages or any(_is_below(page, one) for one in item.places):
        return True
    return None if item.open and host not in MANUALS and "?" not in address else False


def _is_below(page: str, place_: str) -> bool:
    if "/" in place_:
        lowered = page.lower().replace("-", "_")
        return lowered == (wanted := place_.replace("-", "_")) or lowered.startswith(f"{wanted}/")
    host = page.partition("/")[0].lower()
    return host == place_ or host.endswith(f".{place_}") or place_.endswith(f".{host}")


def documented(packages: Packages) -> list[Documented]:
    """Return the items of every language: each imports a module whose documentation is known."""
    manuals = Manuals(packages)
    return [
        one
        for language in LANGUAGES
        for one in spread(
            _items(packages, manuals, language),
            PER_LANGUAGE,
            lambda item: item.package,
            lambda item: item.origin,
        )
    ]


def _items(packages: Packages, manuals: Manuals, language: str) -> Iterator[Documented]:
    tongue = TONGUES[language]
    for member in packages.named(_packages(packages, language)):
        text = head(member, tongue) if member.suffix in tongue.suffixes else ""
        text = python_prefix(text) if language == "python" else text
        truth = _TRUTHS[language](manuals, member, text) if text else Truth.of()
        if truth.pages or truth.places:
            found = (tuple(sorted(one)) for one in (truth.pages, truth.places, truth.open))
            yield Documented(language, member.identity, text, *found)


def _packages(packages: Packages, language: str) -> list[str]:
    if language not in ("python", "javascript"):
        return list(TONGUES[language].packages)
    registry = "pypi" if language == "python" else "npm"
    return [one.name for one in packages.of(registry) if one.name not in _TOO_LARGE]


def _python(manuals: Manuals, member: Member, text: str) -> Truth:  # noqa: ARG001 - one signature
    modules, names = python_names(text)
    truth = Truth.of([manuals.python[name] for name in names if name in manuals.python])
    for module in {one.partition(".")[0] for one in modules} - sys.stdlib_module_names:
        truth.add(
            module,
            manuals.of_package("pypi", _DISTRIBUTIONS.get(module) or manuals.modules.get(module, module)),
        )
    return truth


_DISTRIBUTIONS: Final = {
    "sklearn": "scikit-learn", "absl": "absl-py", "yaml": "pyyaml", "tlz": "toolz", "zope": "zope.interface",
    "huggingface_hub": "huggingface-hub", "typing_extensions": "typing-extensions",
}  # fmt: skip


def _script(manuals: Manuals, member: Member, text: str) -> Truth:  # noqa: ARG001
    modules = script_modules(text)
    own = {one.removeprefix("node:").partition("/")[0] for one in modules} & manuals.node
    truth = Truth.of([f"nodejs.org/api/{name}.html" for name in own])
    for module in {package_of(one) for one in modules if not one.startswith("node:")} - own:
        truth.add(module, manuals.of_package("npm", module))
    if truth.pages or truth.places:
        truth.pages |= _web(manuals, text)
    return truth


def _web(manuals: Manuals, text: str) -> set[str]:
    """Return the pages of MDN of what a text names: objects and interfaces, and members where they are called."""
    return {
        f"developer.mozilla.org/docs/Web/{'/'.join(names)}"
        for word in set(_WORD.findall(text)) & manuals.web.keys()
        for names in manuals.web[word]
        if _is_named(names, text)
    }


def _is_named(names: Sequence[str], text: str) -> bool:
    name = re.escape(names[-1])
    owner = names[-2] if len(names) > 2 else ""
    if owner in ("", "Global_Objects"):
        return True
    if owner == "Window" and re.search(rf"(?<![.\w$]){name}\(", text):
        return True
    is_called = re.search(rf"\.{name}\(", text) is not None
    if names[0] == "API":  # `localStorage` is a Storage, `document` a Document
        return is_called and (owner in _ANY_ELEMENT or owner.lower() in text.lower())
    return is_called and re.search(rf"\b{re.escape(owner)}\b", text) is not None


def _java(manuals: Manuals, member: Member, text: str) -> Truth:  # noqa: ARG001
    names = java_names(text)
    truth = Truth.of([manuals.java[name] for name in names if name in manuals.java])
    truth.open |= {name for name in names if name not in manuals.java}
    return truth


def _go(manuals: Manuals, member: Member, text: str) -> Truth:  # noqa: ARG001
    truth = Truth.of()
    for path, names in go_names(text).items():
        truth.pages |= {f"pkg.go.dev/{path}", *(f"pkg.go.dev/{path}#{name}" for name in names)}
        if path.partition("/")[0] in CODE_HOSTS:
            truth.places.add(place(f"https://{path}"))
        if "." in path.partition("/")[0]:
            truth.open.add(path)
    return truth


def _rust(manuals: Manuals, member: Member, text: str) -> Truth:  # noqa: ARG001
    truth = Truth.of()
    for path in rust_paths(text):
        parts = path.split("::")
        if parts[0] in ("std", "core", "alloc"):
            truth.pages |= _std(manuals, parts)
        elif parts[0] not in _OWN_RUST and parts[0].isidentifier() and parts[0].islower():
            truth.places.add(f"docs.rs/{parts[0]}")
            truth.open.add(parts[0])
    return truth


def _std(manuals: Manuals, parts: list[str]) -> set[str]:
    """Return the pages of the modules on a path, and of the item at its end."""
    found = {"/".join(parts[:end]) for end in range(2, len(parts) + 1)}
    kinds = ("struct", "enum", "trait", "fn", "macro", "type", "constant", "primitive", "union")
    items = {
        "/".join([*parts[: end - 1], f"{kind}.{parts[end - 1]}.html"])
        for kind in kinds
        for end in range(2, len(parts) + 1)
    }
    return {f"doc.rust-lang.org/{one}" for one in (found | items) & manuals.rust}


_TRUTHS: Final[dict[str, Callable[[Manuals, Member, str], Truth]]] = {
    "python": _python,
    "javascript": _script,
    "java": _java,
    "go": _go,
    "rust": _rust,
}
