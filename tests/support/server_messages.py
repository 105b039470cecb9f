"""The lines that the window's server says and an owner can see, as the code writes them: `{0}` stands for a value.

`client/window/messages/server` has them in every other language; `tests/unit/window/test_server_messages.py` compares.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

CLIENT: Final = Path(__file__).resolve().parents[2] / "client/satchel"
WINDOW: Final = CLIENT / "window"
# What only a program says that is no page of the window, or `satchel open` before there is a page.
NOT_SHOWN: Final = (
    "application.py",
    "assets.py",
    "guard.py",
    "server.py",
    "times.py",
    "endpoints/__init__.py",
)
# Commands that the window runs, and what they call to take an answer: files, and the functions if not all can be shown.
COMMANDS: Final = {
    "cli/commands/cloud/request.py": (),
    "cli/commands/cloud/requests.py": (),
    "requesting/answer.py": ("open_answer", "_parse", "_malformed"),
    "pieces/fields.py": ("require_storable",),
}


def phases() -> set[str]:
    """Return the phases that a job can show."""
    return {
        template
        for file in CLIENT.rglob("*.py")
        for call in _calls(file)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "phase" and call.args
        for template in templates(call.args[0])
    }


def failures() -> set[str]:
    """Return the messages and hints of failures of the window's own operations, and of requests."""
    shown = [file for file in WINDOW.rglob("*.py") if str(file.relative_to(WINDOW)) not in NOT_SHOWN]
    found = {template for file in shown for template in _failures_of(file)}
    for path, functions in COMMANDS.items():
        found |= set(_failures_of(CLIENT / path, functions))
    return found


def findings() -> set[str]:
    """Return the details and hints of findings that are not fine."""
    tree = ast.parse((CLIENT / "cli/protection/assessment.py").read_text(encoding="utf-8"))
    fine = {
        id(node)
        for call in _calls_of(tree)
        if any(isinstance(each, ast.Constant) and each.value == "ok" for each in call.args)
        for node in ast.walk(call)
    }
    docs = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    inner = {id(part) for each in ast.walk(tree) if isinstance(each, ast.JoinedStr) for part in each.values}
    return {
        template
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant | ast.JoinedStr) and not {id(node)} & (fine | docs | inner)
        for template in templates(node)
        if " " in template and template.strip("{}0123456789:, ")
    }


def reasons() -> set[str]:
    """Return why one Piece goes with another."""
    found: set[str] = set()
    for path in ("index/resembling.py", "index/relatives.py", "models/related/documentation.py"):
        tree = ast.parse((CLIENT / path).read_text(encoding="utf-8"))
        returned = [each for each in ast.walk(tree) if isinstance(each, ast.Return)]
        strings = [
            each.value for each in returned if each.value is not None and path.endswith("resembling.py")
        ]
        strings += [each for each in ast.walk(tree) if isinstance(each, ast.JoinedStr)]
        found |= {line for node in strings for line in templates(node) if _is_reason(line)}
    return found


def is_command(line: str) -> bool:
    """Whether a line is a command alone, which stays as it is in every language."""
    return line.startswith("satchel ") and not {",", ";", ":"} & set(line)


def _is_reason(line: str) -> bool:
    return " " in line and line[0].islower() and "/" not in line and '"' not in line


def _name(call: ast.Call) -> str:
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")


def _failures_of(file: Path, functions: tuple[str, ...] = ()) -> Iterator[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    constants = _constants(tree)
    parts = [part for part in tree.body if not functions or getattr(part, "name", "") in functions]
    for call in _calls_of(ast.Module(parts, [])):
        if _name(call).endswith("Error") or _name(call) == "__init__":
            hints = [each.value for each in call.keywords if each.arg == "hint"]
            for node in (*call.args[:1], *hints):
                yield from (
                    line for line in templates(constants.get(getattr(node, "id", ""), node)) if " " in line
                )


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    """Return the constants of a module by their names."""
    return {
        each.target.id: each.value
        for each in tree.body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name) and each.value is not None
    }


def _calls(file: Path) -> Iterator[ast.Call]:
    yield from _calls_of(ast.parse(file.read_text(encoding="utf-8")))


def _calls_of(tree: ast.AST) -> Iterator[ast.Call]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def templates(node: ast.expr) -> Iterator[str]:
    """Yield the texts of an expression: constants, and f-strings with numbered values."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from templates(node.body)
        yield from templates(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        text, number = "", 0
        for part in node.values:
            if isinstance(part, ast.Constant):
                text += str(part.value)
            else:
                text, number = f"{text}{{{number}}}", number + 1
        yield text
