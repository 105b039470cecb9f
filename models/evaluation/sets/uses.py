"""What a text really uses, read without the product: imported modules, and the names that it uses of them."""

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

_GO_BLOCK: Final = re.compile(r"(?ms)^import\s*(?:\((.*?)^\)|([^\n]*))")
_GO_ONE: Final = re.compile(r'(?m)^\s*(?:([\w.]+)\s+)?"([^"\n]+)"')
_SCRIPT: Final = re.compile(
    r"""(?m)(?:^\s*import\s*|^(?:import|export)\b[^'"\n]*?\bfrom\s*|^\}[^'"\n]*?\bfrom\s*|\brequire\(\s*|\bimport\(\s*)["']([^"'\n]+)["']"""
)
_JAVA: Final = re.compile(r"(?m)^import\s+(static\s+)?([\w.]+)(\.\*)?\s*;")
_RUST: Final = re.compile(r"(?ms)^\s*(?:pub(?:\([\w:]+\))?\s+)?use\s+([^;]{1,2000});")
_RUST_PATH: Final = re.compile(r"\b(std|core|alloc)((?:::\w+)+)")
_CRATE: Final = re.compile(r"(?m)^\s*extern\s+crate\s+(\w+)")


def python_prefix(text: str) -> str:
    """Return the longest beginning of a text, in whole lines, that Python parses."""
    lines = text.split("\n")
    for end in range(len(lines), 0, -1):
        part = "\n".join(lines[:end]).rstrip() + "\n"
        with suppress(SyntaxError, ValueError):
            ast.parse(part)
            return part
    return ""


def python_names(text: str) -> tuple[set[str], set[str]]:
    """Return the imported modules, and the full names of what is used of them: "os.path", "os.path.join"."""
    tree = ast.parse(text)
    modules: set[str] = set()
    bound: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                modules.add(one.name)
                bound[one.asname or one.name.partition(".")[0]] = (
                    one.name if one.asname else one.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules.add(node.module)
            bound |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    chains = (_chain(node) for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute))
    used = {
        f"{bound[head]}{f'.{rest}' if rest else ''}"
        for head, _, rest in (chain.partition(".") for chain in chains)
        if head in bound
    }
    return modules, {part for name in used | modules | set(bound.values()) for part in _starts(name, ".")}


def _chain(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _starts(name: str, separator: str) -> Iterator[str]:
    parts = name.split(separator)
    yield from (separator.join(parts[:end]) for end in range(1, len(parts) + 1))


def script_modules(text: str) -> set[str]:
    """Return the modules that JavaScript or TypeScript imports, apart from files."""
    return {name for name in _SCRIPT.findall(text) if name[0] not in "./#"}


def package_of(module: str) -> str:
    """Return the package of npm that a module is in."""
    return "/".join(module.split("/")[: 2 if module.startswith("@") else 1])


def go_names(text: str) -> dict[str, set[str]]:
    """Return the imported packages, each with the exported names that the text uses of it."""
    found: dict[str, set[str]] = {}
    for block, line in _GO_BLOCK.findall(text):
        for alias, path in _GO_ONE.findall(block or line):
            known = alias if alias and alias not in "_." else _go_name(path)
            if path != "C":
                found[path] = set(re.findall(rf"\b{re.escape(known)}\.([A-Z]\w*)", text))
    return found


def _go_name(path: str) -> str:
    parts = [part for part in path.split("/") if not re.fullmatch(r"v\d+", part)]
    return re.sub(r"\.v\d+$", "", parts[-1]).rpartition("-")[2]


def java_names(text: str) -> set[str]:
    """Return the imported classes and packages, and the package of each class."""
    found: set[str] = set()
    for static, name, star in _JAVA.findall(text):
        whole = name.rpartition(".")[0] if static and not star else name
        found |= {whole, whole.rpartition(".")[0]} if not star or static else {whole}
    return found


def rust_paths(text: str) -> set[str]:
    """Return the paths that a text imports, and those of std, core and alloc that it names in full."""
    found = {path for tree in _RUST.findall(text) for path in _expanded(re.sub(r"\s+", " ", tree))}
    return found | {f"{root}{rest}" for root, rest in _RUST_PATH.findall(text)} | set(_CRATE.findall(text))


def _expanded(tree: str) -> Iterator[str]:
    """Yield the paths of a tree: `a::{b, c::{d, self}}` is a::b, a::c::d and a::c."""
    head, brace, rest = tree.strip().partition("{")
    if not brace:
        path = head.partition(" as ")[0].strip().removeprefix("::").removesuffix("::*")
        yield path.removesuffix("::self")
        return
    for part in _split(rest.rpartition("}")[0]):
        yield from _expanded(f"{head.strip()}{part.strip()}" if part.strip() != "self" else head.strip()[:-2])


def _split(text: str) -> Iterator[str]:
    depth, start = 0, 0
    for place, char in enumerate(text):
        depth += (char == "{") - (char == "}")
        if char == "," and not depth:
            yield text[start:place]
            start = place + 1
    if text[start:].strip():
        yield text[start:]
