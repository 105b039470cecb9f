"""What one import statement brings, read from its text: the same with a grammar and without."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from satchel.models.parsing.outline import MAX_NAME_CHARS, Binding

Brought = tuple[str, tuple[Binding, ...]]
"""A module and what is imported of it."""

_MAX_STATEMENT_CHARS: Final = 4_096
_MAX_BINDINGS: Final = 100
_COMMENT: Final = re.compile(r"#[^\n]*|//[^\n]*|/\*[^*]*\*/")
_C_COMMENT: Final = re.compile(r"//[^\n]*|/\*[^*]*\*/")
_QUOTED: Final = re.compile(r"""['"`]([^'"`\n]{1,200})['"`]""")
_INCLUDED: Final = re.compile(r"""[<"]([^<>"\n]{1,200})[>"]""")
_GO: Final = re.compile(r"""^\s*(?:import\s+)?([\w.]+)?\s*["`]([^"`\n]{1,200})["`]""")
_GO_VERSION: Final = re.compile(r"v[0-9]+")
_REQUIRED: Final = re.compile(
    r"""(?:(?:^|\s)([\w$]+|\{[^{}]{0,800}\})\s*(?::[^=]{0,100})?=\s*)?(?:await\s+)?$"""
)
_FIELD: Final = re.compile(r"[\w$]+$")


def brought(language: str, statement: str) -> Iterator[Brought]:
    """Yield what an import statement brings; nothing for a text that is none."""
    reader = _READERS.get(language)
    if reader is None:
        return
    for module, bindings in reader(statement[:_MAX_STATEMENT_CHARS]):
        if module and len(module) <= MAX_NAME_CHARS:
            yield module, bindings[:_MAX_BINDINGS]


def required(before: str, module: str) -> Brought:
    """Return what `require` of JavaScript or Lua brings, by the text before the call: `const { a, b: c } = `."""
    match = _REQUIRED.search(before[-900:].lstrip())
    target = match[1] if match else None
    if not target:
        return module, ()
    if not target.startswith("{"):
        return module, (Binding(module, target),)
    pairs = (part.partition("=")[0].partition(":") for part in target.strip("{}").split(","))
    found = [(name.strip(), (local or name).strip()) for name, _, local in pairs]
    return module, tuple(Binding(*pair) for pair in found if all(pair))


def _python(statement: str) -> Iterator[Brought]:
    text = " ".join(_COMMENT.sub(" ", statement).replace("\\\n", " ").split())
    if text.startswith("from "):
        module, _, names = text[5:].partition(" import ")
        yield module.strip(), _aliased(names.strip("() "), " as ")
    elif text.startswith("import "):
        for part in text[7:].split(","):
            module, _, alias = part.strip().partition(" as ")
            yield module, (Binding(module, alias.strip() or module),)


def _javascript(statement: str) -> Iterator[Brought]:
    text = _C_COMMENT.sub(" ", statement)
    quoted = list(_QUOTED.finditer(text))
    if not quoted:
        return
    head = text[: quoted[-1].start()]
    called = re.search(r"\b(?:require|import)\($", head.rstrip())
    if called:
        yield required(head[: called.start()].rpartition(";")[2], quoted[-1][1])
        return
    is_export = head.lstrip().startswith("export")
    yield quoted[-1][1], () if is_export else _javascript_names(head)


def _javascript_names(head: str) -> tuple[Binding, ...]:
    names = head.strip().removeprefix("import").strip().removeprefix("type ").strip()
    names = names.removesuffix("from").strip()
    outside, _, inside = names.partition("{")
    inside, _, after = inside.partition("}")
    found: list[Binding] = []
    for part in f"{outside},{after}".split(","):
        one = part.strip()
        if one.startswith("*"):
            found.append(Binding("*", one.partition(" as ")[2].strip() or "*"))
        elif one:
            found.append(Binding("default", one))
    return (*found, *_aliased(inside, " as ", "type "))


def _java(statement: str) -> Iterator[Brought]:
    text = (
        statement.strip().removeprefix("import").strip().removeprefix("static ").strip().rstrip(";").strip()
    )
    if text.endswith(".*"):
        yield text[:-2], (Binding("*", "*"),)
    elif text:
        last = text.rpartition(".")[2]
        yield text, (Binding(last, last),)


def _kotlin(statement: str) -> Iterator[Brought]:
    text, _, alias = statement.strip().rstrip(";").partition(" as ")
    for module, bindings in _java(text):
        yield module, (Binding(bindings[0].name, alias.strip()),) if alias else bindings


def _csharp(statement: str) -> Iterator[Brought]:
    text = statement.strip().removeprefix("global ").removeprefix("using").strip().rstrip(";").strip()
    alias, equals, module = text.removeprefix("static ").partition("=")
    if equals:
        yield module.strip(), (Binding(module.strip().rpartition(".")[2], alias.strip()),)
    else:
        yield alias.strip(), (Binding("*", "*"),)


def _c(statement: str) -> Iterator[Brought]:
    match = _INCLUDED.search(statement)
    if match:
        yield match[1], (Binding("*", "*"),)


def _go(statement: str) -> Iterator[Brought]:
    match = _GO.match(statement)
    if match:
        path = match[2]
        parts = path.split("/")
        last = parts[-2] if len(parts) > 1 and _GO_VERSION.fullmatch(parts[-1]) else parts[-1]
        yield path, (Binding(path, match[1] or last.partition(".v")[0].removeprefix("go-")),)


def _rust(statement: str) -> Iterator[Brought]:
    text = _C_COMMENT.sub(" ", statement).strip().rstrip(";")
    text = text[text.find("use ") + 4 :] if "use " in text else text.removeprefix("extern crate ")
    text = "".join(text.replace(" as ", "\0").split())
    head, brace, rest = text.partition("{")
    if brace:
        yield head.strip(":"), tuple(_rust_leaves(rest))
        return
    path, _, alias = text.partition("\0")
    module, separator, name = path.rpartition("::")
    if separator:
        yield module, (Binding(name, alias or name),)
    else:
        yield path, (Binding(path, alias or path),)


def _rust_leaves(text: str) -> Iterator[Binding]:
    """Yield the leaves of a tree of paths: `b,c::{d,e as f},g::*}` has b, c::d, c::e and g::*."""
    prefixes = [""]
    for part in re.split(r"([{},])", text):
        if part == "}":
            prefixes = prefixes[:-1] or [""]
        elif part not in ("", "{", ","):
            path, _, alias = part.partition("\0")
            if path.endswith("::"):
                prefixes.append((prefixes[-1] + path)[:MAX_NAME_CHARS])
            else:
                full = prefixes[-1].removesuffix("::") if path == "self" else prefixes[-1] + path
                yield Binding(full[:MAX_NAME_CHARS], alias or full.rpartition("::")[2])


def _php(statement: str) -> Iterator[Brought]:
    text = statement.strip().rstrip(";")
    if not text.startswith("use "):
        match = _QUOTED.search(text)
        if match:
            yield match[1], ()
        return
    text = text[4:].removeprefix("function ").removeprefix("const ").strip()
    head, brace, inside = text.partition("{")
    if brace:
        yield head.strip("\\ "), _aliased(inside.rstrip("} "), " as ")
        return
    for part in text.split(","):
        module, _, alias = part.strip().partition(" as ")
        last = module.rpartition("\\")[2]
        yield module.strip("\\ "), (Binding(last, alias.strip() or last),)


def _scala(statement: str) -> Iterator[Brought]:
    text = statement.strip().removeprefix("import").strip()
    head, brace, inside = text.partition("{")
    if brace:
        yield head.rstrip(". "), _aliased(inside.rstrip("} ").replace("=>", " as "), " as ")
        return
    for part in text.split(","):
        one = part.strip()
        module, _, name = one.rpartition(".")
        if name in ("_", "*"):
            yield module, (Binding("*", "*"),)
        elif one:
            yield one, (Binding(name, name),)


def _quoted_path(statement: str) -> Iterator[Brought]:
    match = _QUOTED.search(statement)
    if match:
        yield match[1], ()


def _lua(statement: str) -> Iterator[Brought]:
    match = _QUOTED.search(statement)
    if match:
        before = statement[: match.start()].rpartition("require")[0]
        yield required(before, match[1])


def _bash(statement: str) -> Iterator[Brought]:
    parts = statement.split(None, 2)
    if len(parts) > 1:
        yield parts[1].strip("'\""), ()


def _aliased(names: str, separator: str, prefix: str = "") -> tuple[Binding, ...]:
    found: list[Binding] = []
    for part in names.split(",")[:_MAX_BINDINGS]:
        name, _, alias = " ".join(part.split()).removeprefix(prefix).partition(separator.strip().join("  "))
        if name.strip():
            found.append(Binding(name.strip(), alias.strip() or _last(name.strip())))
    return tuple(found)


def _last(name: str) -> str:
    match = _FIELD.search(name)
    return match[0] if match else name


_READERS: Final[dict[str, Callable[[str], Iterator[Brought]]]] = {
    "python": _python,
    "javascript": _javascript,
    "typescript": _javascript,
    "java": _java,
    "c": _c,
    "cpp": _c,
    "csharp": _csharp,
    "go": _go,
    "ruby": _quoted_path,
    "rust": _rust,
    "php": _php,
    "bash": _bash,
    "kotlin": _kotlin,
    "scala": _scala,
    "lua": _lua,
}
