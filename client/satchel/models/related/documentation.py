"""The documentation of imports and calls: by tables, and by the patterns of each language's documentation."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from satchel.models.parsing import Outline, outline_of
from satchel.models.related.manuals import COMMANDS, GLOBALS, NODE, WEB, manuals_of
from satchel.models.related.python_pages import (
    PYTHON_PACKAGES,
    PYTHON_PAGES,
    PYTHON_PARTS,
    PYTHON_WITHOUT_PAGE,
)

CALLED: Final = 0.75
IMPORTED: Final = 0.6
MAX_FOUND: Final = 30
_PATH: Final = re.compile(r"[\w./@:+-]{1,150}")
_MDN: Final = "https://developer.mozilla.org/docs/Web/"
_JAVA: Final = "https://docs.oracle.com/en/java/javase/21/docs/api/"
_JAVA_MODULES: Final = {
    "java.sql": "java.sql",
    "javax.sql": "java.sql",
    "java.net.http": "java.net.http",
    "java.util.logging": "java.logging",
    "java.awt": "java.desktop",
    "javax.swing": "java.desktop",
    "javax.xml": "java.xml",
    "java.": "java.base",
}
_STD: Final = frozenset({"std", "core", "alloc"})


@dataclass(frozen=True, slots=True)
class Documentation:
    """An address, why it is suggested, and how likely it helps."""

    address: str
    reason: str
    confidence: float


def documentation_of(text: str, language: str) -> list[Documentation]:
    """Return the documentation of what a text calls and imports, what is called most first."""
    outline = outline_of(text, language)
    found: dict[str, Documentation] = {}
    for one in (*_called(outline), *_imported(outline)):
        if _PATH.fullmatch(one.address.partition("://")[2].partition("#")[0]):
            found.setdefault(one.address, one)
    pages = {one.address.partition("#")[0] for one in found.values() if "#" in one.address}
    kept = [one for one in found.values() if one.address not in pages]
    return sorted(kept, key=lambda one: -one.confidence)[:MAX_FOUND]


def _imported(outline: Outline) -> Iterator[Documentation]:
    for module in _modules(outline):
        address = _address_of(outline.language, module)
        if address:
            yield Documentation(address, f"imports {module}", IMPORTED)


def _modules(outline: Outline) -> Iterator[str]:
    """Yield the imported modules. `use std::io` imports std::io, and a module that the text declares is no crate."""
    if outline.language != "rust":
        yield from (one.module for one in outline.imports)
        return
    own = {one.name for one in outline.declarations if one.kind == "module"}
    for one in outline.imports:
        below = [bound.name.partition("::")[0] for bound in one.bindings]
        if one.module in _STD and any(name[:1].islower() for name in below):
            yield from (f"{one.module}::{name}" for name in dict.fromkeys(below) if name[:1].islower())
        elif one.module.partition("::")[0] not in own:
            yield one.module


def _address_of(language: str, module: str) -> str:
    table = manuals_of(language)
    separator = {"javascript": "/", "typescript": "/", "go": "/", "rust": "::", "php": "\\"}.get(
        language, "."
    )
    name = module
    while name:
        if name in table:
            return table[name]
        name = name.rpartition(separator)[0]
    return _by_pattern(language, module)


def _by_pattern(language: str, module: str) -> str:  # noqa: PLR0911  one a language
    root = module.partition(".")[0]
    if language == "python" and root in sys.stdlib_module_names:
        return _python(module)
    if language in ("javascript", "typescript"):
        name = module.removeprefix("node:").partition("/")[0]
        return f"https://nodejs.org/api/{name}.html" if name in NODE else ""
    if language == "go":
        return f"https://pkg.go.dev/{module}" if not module.startswith(".") else ""
    if language == "rust":
        return _rust(module)
    if language == "java" and module.startswith(("java.", "javax.")):
        return _java(module)
    if language == "csharp" and module.startswith(("System", "Microsoft.")):
        return f"https://learn.microsoft.com/dotnet/api/{module.lower()}"
    if language == "cpp" and "." not in module and "/" not in module:
        return f"https://en.cppreference.com/w/cpp/header/{module}"
    if language in ("c", "cpp") and module.endswith(".h") and "/" not in module and module[:-2] in _HEADERS:
        return f"https://man7.org/linux/man-pages/man0/{module}.0p.html"
    return ""


_HEADERS: Final = frozenset(
    [
        "assert",
        "ctype",
        "errno",
        "fcntl",
        "float",
        "inttypes",
        "limits",
        "locale",
        "math",
        "pthread",
        "regex",
        "semaphore",
        "setjmp",
        "signal",
        "stdarg",
        "stdbool",
        "stddef",
        "stdint",
        "stdio",
        "stdlib",
        "string",
        "strings",
        "time",
        "unistd",
        "wchar",
        "poll",
        "netdb",
        "dirent",
        "dlfcn",
        "getopt",
        "glob",
    ]
)


def _python(module: str) -> str:
    """Return the page of a module of the standard library: most parts of a package stand on the package's page."""
    name = PYTHON_PAGES.get(module, module)
    while "." in name and name not in PYTHON_PARTS:
        name = name.rpartition(".")[0]
        name = PYTHON_PAGES.get(name, name)
    if name in PYTHON_WITHOUT_PAGE or (name.startswith("_") and name != "__future__"):
        return ""
    return f"https://docs.python.org/3/library/{name.lower()}.html"


def _rust(module: str) -> str:
    """Return the page of a module of the standard library, or of a crate. Types have pages of several kinds."""
    parts = module.split("::")
    end = next((at for at, part in enumerate(parts) if at and not part[:1].islower()), len(parts))
    parts = parts[:end]
    if parts[0] in _STD:
        return f"https://doc.rust-lang.org/{parts[0]}/{'/'.join([*parts[1:], '']) if len(parts) > 1 else ''}"
    if parts[0] in ("crate", "self", "super") or not parts[0].islower():
        return ""
    return f"https://docs.rs/{parts[0]}"


def _java(module: str) -> str:
    place = next((name for start, name in _JAVA_MODULES.items() if module.startswith(start)), "")
    last = module.rpartition(".")[2]
    if not place:
        return ""
    page = (
        f"{module.replace('.', '/')}.html"
        if last[:1].isupper()
        else f"{module.replace('.', '/')}/package-summary.html"
    )
    return f"{_JAVA}{place}/{page}"


def _called(outline: Outline) -> Iterator[Documentation]:
    counts: dict[str, int] = {}
    for call in outline.calls:
        counts[call.name] = counts.get(call.name, 0) + 1
    modules = _local_names(outline)
    for name in sorted(counts, key=lambda one: -counts[one]):
        address = _call_address(outline.language, name, modules)
        if address:
            yield Documentation(address, f"calls {name}", min(0.9, CALLED + 0.05 * counts[name]))


def _local_names(outline: Outline) -> dict[str, str]:
    """Return the full names that imports bind: `from os import path as p` binds p to os.path."""
    found: dict[str, str] = {}
    for one in outline.imports:
        for bound in one.bindings:
            is_module = bound.name == one.module or outline.language == "go"
            found[bound.local] = one.module if is_module else f"{one.module}.{bound.name}"
    return found


def _call_address(language: str, name: str, modules: dict[str, str]) -> str:  # noqa: PLR0911  one a language
    head, _, rest = name.partition(".")
    full = f"{modules[head]}.{rest}" if head in modules and rest else modules.get(name, "")
    if language == "python" and full.partition(".")[0] in sys.stdlib_module_names:
        return _python_call(full)
    if language == "go" and head in modules and rest and "." not in rest:
        return f"https://pkg.go.dev/{modules[head]}#{rest}"
    if language in ("javascript", "typescript"):
        if name in WEB:
            return f"{_MDN}API/{WEB[name]}"
        if name in GLOBALS:
            return f"{_MDN}JavaScript/Reference/Global_Objects/{GLOBALS[name]}"
    if language == "bash":
        if name in manuals_of("bash"):
            return manuals_of("bash")[name]
        return f"https://man7.org/linux/man-pages/man1/{name}.1.html" if name in COMMANDS else ""
    if (
        language == "php"
        and name.islower()
        and name.replace("_", "").isalnum()
        and "::" not in name
        and name in _PHP
    ):
        return f"https://www.php.net/manual/function.{name.replace('_', '-')}.php"
    return ""


def _python_call(full: str) -> str:
    """Return the page of a function: `os.environ.get` is on that of os, under os.environ."""
    parts = full.split(".")
    end = len(parts) - 1
    while end > 1 and ".".join(parts[:end]) not in PYTHON_PARTS | PYTHON_PAGES.keys():
        end -= 1
    page = _python(".".join(parts[:end]))
    rest = 2 if parts[end][:1].isupper() else 1  # of a class also a method
    has_parts = ".".join(parts[:end]) in PYTHON_PACKAGES
    kept = len(parts) if has_parts else end + rest
    return f"{page}#{'.'.join(parts[:kept])}" if page and end < len(parts) else ""


_PHP: Final = frozenset(
    [
        "array_filter",
        "array_keys",
        "array_map",
        "array_merge",
        "array_reduce",
        "array_slice",
        "array_values",
        "count",
        "date",
        "explode",
        "file_get_contents",
        "file_put_contents",
        "implode",
        "in_array",
        "is_array",
        "isset",
        "json_decode",
        "json_encode",
        "preg_match",
        "preg_replace",
        "preg_split",
        "sprintf",
        "str_replace",
        "strlen",
        "strpos",
        "strtolower",
        "strtoupper",
        "substr",
        "trim",
        "usort",
        "htmlspecialchars",
        "curl_exec",
        "curl_init",
    ]
)
