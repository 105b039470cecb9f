"""Pages of documentation that exist: of standard libraries by their published manuals, of packages by their metadata.

    manuals = Manuals(packages)
    manuals.python["os.path.join"]      # "docs.python.org/library/os.path.html#os.path.join"
    manuals.of_package("pypi", "numpy")  # ("numpy.org", "numpy.org/doc", "github.com/numpy/numpy")

Addresses are plain: without scheme, `www.`, the version of a manual and the name of an index page.
"""

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from models.evaluation.archives import Packages, file_in, names_in
from models.evaluation.metadata import Described, addresses, canonical, of_wheel

CODE_HOSTS: Final = ("github.com", "gitlab.com", "bitbucket.org", "sourceforge.net", "codeberg.org")
_VERSIONS: Final = (
    (re.compile(r"^docs\.python\.org/(?:[a-z-]{2,5}/)?3(?:\.\d+)?/"), "docs.python.org/"),
    (re.compile(r"^docs\.oracle\.com/(?:en/java/javase|javase)/\d+/docs/api/"), "docs.oracle.com/api/"),
    (
        re.compile(r"^nodejs\.org/(?:docs/(?:latest[\w.-]*|v[\d.]+)/)?(?:[a-z]{2}/)?api/"),
        "nodejs.org/api/",
    ),
    (
        re.compile(r"^developer\.mozilla\.org/(?:[a-z]{2}(?:-[A-Z]{2})?/)?docs/"),
        "developer.mozilla.org/docs/",
    ),
    (
        re.compile(r"^doc\.rust-lang\.org/(?:stable/|nightly/|beta/|1\.\d+\.\d+/)?(?=std|core|alloc)"),
        "doc.rust-lang.org/",
    ),
)
_INVENTORY: Final = re.compile(r"(?m)^(\S+) py:(\w+) -?\d+ (\S+) ")
_HEAD_LINES: Final = 4  # of an inventory, before its compressed part
_JDK: Final = "usr/share/doc/openjdk-17-jre-headless/api/"
_RUST: Final = "usr/share/doc/rust-doc/html/"
_NODE: Final = "usr/share/doc/nodejs/api/"
_PYTHON: Final = "usr/share/doc/python3.11/html/objects.inv"


def plain(address: str) -> str:
    """Return an address as the pages below are written; a fragment stays."""
    bare = re.sub(r"^https?://(?:www\.)?", "", address.strip())
    for version, kept in _VERSIONS:
        bare = version.sub(kept, bare)
    page, mark, fragment = bare.partition("#")
    page = page.partition("?")[0].removesuffix("index.html").rstrip("/")
    return f"{page}{mark}{fragment}"


class Manuals:
    """The published pages, read from the packages when first asked for."""

    def __init__(self, packages: Packages) -> None:
        self._packages = packages

    @cached_property
    def python(self) -> Mapping[str, str]:
        """The page of each documented module and object of Python, with its fragment."""
        inventory = file_in(self._packages.one("debian/python3.11-doc"), _PYTHON)
        packed = inventory.split(b"\n", _HEAD_LINES)[_HEAD_LINES]
        found = _INVENTORY.findall(zlib.decompress(packed).decode())
        return {
            name: plain(f"docs.python.org/{place.removesuffix('$')}{name if place.endswith('$') else ''}")
            for name, _, place in found
        }

    @cached_property
    def node(self) -> frozenset[str]:
        """The modules of Node.js that have a page."""
        names = names_in(self._packages.one("debian/nodejs-doc"))
        return frozenset(
            name.removeprefix(_NODE).removesuffix(".html")
            for name in names
            if name.startswith(_NODE) and name.endswith(".html")
        )

    @cached_property
    def web(self) -> Mapping[str, tuple[tuple[str, ...], ...]]:
        """The pages of MDN by the last name in their path, each as all names of its path below `docs/Web`."""
        data = json.loads(file_in(self._packages.one("npm/@mdn/browser-compat-data"), "data.json"))
        pages: dict[str, tuple[tuple[str, ...], ...]] = {}
        for part in ("api", "javascript"):
            for address in sorted(set(_mdn(data[part]))):
                names = tuple(address.partition("/docs/Web/")[2].partition("#")[0].split("/"))
                pages[names[-1]] = (*pages.get(names[-1], ()), names)
        return pages

    @cached_property
    def rust(self) -> frozenset[str]:
        """The pages of std, core and alloc, below their directory: "std/fs/fn.read.html", "std/fs"."""
        names = names_in(self._packages.one("debian/rust-doc"))
        pages = (name.removeprefix(_RUST).removesuffix("index.html").rstrip("/") for name in names)
        return frozenset(page for page in pages if page.partition("/")[0] in ("std", "core", "alloc"))

    @cached_property
    def java(self) -> Mapping[str, str]:
        """The pages of the classes and packages of the JDK."""
        names = names_in(self._packages.one("debian/openjdk-17-doc"))
        pages = (
            name.removeprefix(_JDK) for name in names if name.startswith(_JDK) and name.endswith(".html")
        )
        found = {}
        for page in pages:
            name = page.partition("/")[2].removesuffix(".html").removesuffix("/package-summary")
            if "/" in name and "-" not in name:
                found[name.replace("/", ".")] = f"docs.oracle.com/api/{page}"
        return found

    @cached_property
    def _metadata(self) -> Mapping[tuple[Described, str], bytes]:
        found: dict[tuple[Described, str], bytes] = {}
        for source in self._packages.of():
            kind: Described = "npm" if source.registry.startswith("npm") else "pypi"
            if source.registry in ("pypi-metadata", "npm-metadata"):
                found[kind, source.package.lower()] = source.path.read_bytes()
            elif source.registry == "npm":
                document = file_in(source, "package.json").decode()
                found[kind, source.package.lower()] = canonical("npm", document)
            elif source.registry == "pypi":
                name = next(one for one in names_in(source) if one.endswith(".dist-info/METADATA"))
                found[kind, source.package.lower()] = of_wheel(file_in(source, name).decode())
        return found

    def of_package(self, registry: Described, package: str) -> tuple[str, ...]:
        """Return the places of a package: a host, with the owner and the repository on a host of code.

        Empty for a package that the registries' metadata here does not describe.
        """
        data = self._metadata.get((registry, package.lower()))
        return tuple(dict.fromkeys(map(place, addresses(registry, data)))) if data else ()

    @cached_property
    def modules(self) -> Mapping[str, str]:
        """The wheels by the names of their modules."""
        return {
            name.partition("/")[0].removesuffix(".py"): source.package
            for source in self._packages.of("pypi")
            for name in names_in(source)
            if name.endswith(".py") and not re.search(r"\.(?:dist-info|data)/", name)
        }


def place(address: str) -> str:
    """Return the part of an address below which everything belongs to the same project."""
    bare = plain(address).partition("#")[0].removesuffix(".git")
    host, _, path = bare.partition("/")
    return "/".join([host, *path.split("/")[:2]]).lower() if host in CODE_HOSTS else host.lower()


def _mdn(tree: Mapping[str, Any]) -> Iterator[str]:
    for name, part in tree.items():
        if name == "__compat":
            yield part.get("mdn_url", "")
        elif isinstance(part, dict):
            yield from _mdn(part)
