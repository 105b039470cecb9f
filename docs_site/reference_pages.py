"""Pages that are made from tables: one for each command, each problem and each operation of a cloud."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from docs_site.commands import Entry, Manual, manuals
from docs_site.manual_pages import EXIT_CODES
from docs_site.pages import DOCS
from satchel_wire.problems import PREFIX, ProblemCode

_ROW: Final = re.compile(r"^\| `([a-z-]+)` \| \d+ \| .* \| (.*) \|$", re.MULTILINE)
_PROBLEM: Final = re.compile(r"`([a-z-]+)`:")
_METHODS: Final = ("get", "head", "post", "put", "patch", "delete")


def command_pages() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of the page of each command, and of their list."""
    commands = list(manuals())
    rows = "\n".join(f"| [`{each.name}`]({each.page}.md) | {each.summary} |" for each in commands)
    yield (
        "commands/README.md",
        f"# Commands\n\n| command | what it does |\n|---|---|\n{rows}\n\n{_exit_codes()}",
    )
    for each in commands:
        yield f"commands/{each.page}.md", "\n".join(_command(each, 1))


def _command(manual: Manual, level: int) -> Iterator[str]:
    yield f"{'#' * level} {manual.name}\n"
    yield f"```\n{manual.usage}\n```\n"
    yield from (f"{paragraph}\n" for paragraph in manual.paragraphs)
    yield from _entries("Options", manual.options, level + 1)
    if manual.examples:
        yield f"{'#' * (level + 1)} Examples\n"
        yield from (
            f"{meaning[:1].upper()}{meaning[1:]}:\n\n```\n{line}\n```\n" for line, meaning in manual.examples
        )
    for each in manual.subcommands:
        yield from _command(each, level + 1)
    if level == 1:
        yield from _entries("Global options", manual.global_options, 2)


def _entries(heading: str, entries: Iterable[Entry], level: int) -> Iterator[str]:
    rows = [f"| `{term}` | {_cell(meaning)} |" for term, meaning in entries]
    if rows:
        yield f"{'#' * level} {heading}\n"
        yield "| option | meaning |\n|---|---|\n" + "\n".join(rows) + "\n"


def _exit_codes() -> str:
    rows = "\n".join(f"| {code} | {meaning} |" for code, meaning in EXIT_CODES)
    return f"## Exit codes\n\n| code | meaning |\n|---|---|\n{rows}\n"


def problem_pages() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of the page of each problem, and of their list."""
    advice = dict(_ROW.findall((DOCS / "reference" / "problems.md").read_text()))
    causes = _operations_by_problem()
    for code in ProblemCode:
        lines = [
            f"# {code.title}\n",
            f"`{code.code}`, HTTP status {code.status}, type `{PREFIX}{code.code}`.\n",
            f"**What to do:** {advice[code.code]}.\n",
        ]
        if found := causes.get(code.code):
            lines.append("## Operations that answer it\n")
            lines.append(
                "\n".join(f"- [{summary}](../api/README.md#{name})" for name, summary in found) + "\n"
            )
        yield f"errors/{code.code}.md", "\n".join(lines)
    rows = "\n".join(
        f"| [`{code.code}`]({code.code}.md) | {code.status} | {code.title} |" for code in ProblemCode
    )
    yield (
        "errors/README.md",
        f"# Errors\n\n{_exit_codes()}\n## Problems of a cloud\n\n| problem | status | title |\n|---|---|---|\n{rows}\n",
    )


def api_page() -> tuple[str, str]:
    """Return the name and the text of the page of the interface of a cloud."""
    document = _openapi()
    parts = [f"# The API of a cloud\n\n{document['info']['summary']}\n"]
    for method, path, operation in _operations(document):
        parts.append(
            f"## {operation['summary']} {{#{operation['operationId']}}}\n\n```\n{method.upper()} {path}\n```\n"
        )
        parts += _parameters(operation)
        parts.append(_responses(operation))
    return "api/README.md", "\n".join(parts)


def _parameters(operation: Mapping[str, Any]) -> list[str]:
    rows = [
        f"| `{each['name']}` | {each['in']} | {_cell(each.get('description', ''))} |"
        for each in operation.get("parameters", ())
        if "name" in each
    ]
    return ["| parameter | in | meaning |\n|---|---|---|\n" + "\n".join(rows) + "\n"] if rows else []


def _responses(operation: Mapping[str, Any]) -> str:
    rows = []
    for status, response in operation["responses"].items():
        text = _PROBLEM.sub(
            lambda match: f"[`{match[1]}`](../errors/{match[1]}.md):", response["description"]
        )
        rows.append(f"| {status} | {_cell(text)} |")
    return "| status | answer |\n|---|---|\n" + "\n".join(rows) + "\n"


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                yield method, path, methods[method]


def _operations_by_problem() -> Mapping[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for _, _, operation in _operations(_openapi()):
        for response in operation["responses"].values():
            for code in _PROBLEM.findall(response["description"]):
                found[code].append((operation["operationId"], operation["summary"]))
    return found


def _openapi() -> Any:  # noqa: ANN401  any JSON value
    return json.loads((DOCS / "reference" / "openapi.json").read_text())


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
