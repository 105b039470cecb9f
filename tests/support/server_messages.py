"""The lines that the window's server says and an owner can see, as the code writes them: `{0}` stands for a value.

`client/window/messages/server` has them in every other language; `tests/unit/window/test_server_messages.py` compares.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

from satchel.models.secrets import structures
from satchel.models.secrets.formats import table

CLIENT: Final = Path(__file__).resolve().parents[2] / "client/satchel"
# What only a program says that is no page of the window, or `satchel open` before there is a page.
BEFORE_A_PAGE: Final = (
    "cli/environment.py",
    "cli/program.py",
    "cli/root.py",
    "cli/running.py",
    "cli/terminal/",
    "cli/unexpected.py",
    "window/application.py",
    "window/assets.py",
    "window/endpoints/__init__.py",
    "window/guard.py",
    "window/server.py",
    "window/times.py",
)
# Commands that no operation of the window runs, and what only they call.
NOT_RUN: Final = (
    "agents/",
    "asking/",
    "cli/asking/",
    "cli/blending.py",
    "cli/command_values.py",
    "cli/commands/agents/",
    "cli/commands/cloud/answer.py",
    "cli/commands/cloud/audit.py",
    "cli/commands/cloud/disconnect.py",
    "cli/commands/cloud/get.py",
    "cli/commands/cloud/share.py",
    "cli/commands/editors/",
    "cli/commands/home/crash.py",
    "cli/commands/home/init.py",
    "cli/commands/home/ledger.py",
    "cli/commands/home/open_window.py",
    "cli/commands/home/recovery.py",
    "cli/commands/home/status.py",
    "cli/commands/memory/exporting.py",
    "cli/commands/memory/git_hook.py",
    "cli/commands/memory/history.py",
    "cli/commands/models/ask.py",
    "cli/commands/models/discover.py",
    "cli/commands/models/endpoint.py",
    "cli/commands/models/read.py",
    "cli/commands/models/secrets.py",
    "cli/commands/models/suggest.py",
    "cli/commands/models/suggest_save.py",
    "cli/commands/pieces/collection.py",
    "cli/commands/pieces/copy.py",
    "cli/commands/pieces/edit.py",
    "cli/commands/pieces/export.py",
    "cli/commands/pieces/history.py",
    "cli/commands/pieces/list_pieces.py",
    "cli/commands/pieces/save.py",
    "cli/commands/pieces/search.py",
    "cli/commands/pieces/show.py",
    "cli/commands/terminal/",
    "cli/consent_question.py",
    "cli/editor.py",
    "cli/first_steps.py",
    "cli/following.py",
    "cli/image_reading.py",
    "cli/operators_code.py",
    "cli/piece_files.py",
    "cli/recovery_words.py",
    "cli/scheduled_run.py",
    "cli/secret_findings.py",
    "cli/share_prompts.py",
    "cli/share_subject.py",
    "cli/shell_running.py",
    "cli/suggesting.py",
    "editor/",
    "endpoints/",
    "index/search_index.py",
    "keys/phrase.py",
    "memory/notes.py",
    "memory/recording.py",
    "placeholders/",
    "processing/",
    "requesting/link.py",
    "requesting/sending.py",
    "requesting/sheet.py",
    "sharing/container.py",
    "sharing/decoration.py",
    "sharing/link.py",
    "sharing/recipient.py",
    "telemetry/crash_files.py",
    "telemetry/sending.py",
)
# Rules about options and about terminals, which the page never breaks.
NOT_BROKEN: Final = (
    "cli/app.py",
    "cli/arguments.py",
    "cli/commands/backups/approval.py",
    "cli/commands/backups/choosing.py",
    "cli/commands/backups/reading.py",
    "cli/commands/backups/restore.py",
    "cli/commands/memory/contents.py",
)
# Which bytes of something damaged are wrong. The failure around it says what is damaged, and what to do.
DETAILS_OF_DAMAGE: Final = (
    "age/",
    "archive/",
    "keys/__init__.py",
    "keys/devicetoken.py",
    "keys/secret.py",
    "ledger/records.py",
    "memory/event_tables.py",
    "models/embedding/",
    "models/ngrams/",
    "models/saving/",
    "models/similarity/",
    "outgoing/connections.py",
    "pieces/ulid.py",
    "sharing/body.py",
    "sharing/identity.py",
    "store/__init__.py",
    "store/revision_ids.py",
    "store/rows.py",
)
# Modules whose every sentence is the cause of a failure or a hint.
CAUSES: Final = (
    "backup/restore/inspection.py",
    "backup/restore/memory_inspection.py",
    "backup/reading/sampling.py",
    "cloud/foreign_answers.py",
    "cloud/problems.py",
    "exchange/cheatsheets/commands.py",
    "exchange/cheatsheets/pet.py",
    "exchange/folder/tree.py",
    "exchange/gists/api.py",
    "exchange/items.py",
    "exchange/masscode/sqlite_child.py",
    "exchange/masscode/sqlite.py",
    "exchange/reading.py",
    "local_files.py",
    "merging/incoming.py",
    "outgoing/failures.py",
    "outgoing/reach.py",
    "signin/authorization.py",
    "signin/id_token.py",
)
# Lines whose first value is a kind of server: the window asks clouds.
OF_THE_CLOUD: Final = {
    "the {0} at {1}": "the cloud at {0}",
    "check the address and the port; the {0} may be stopped": "check the address and the port; the cloud may be stopped",
}
# SQL and commands of a shell, which are no sentences.
CODE: Final = re.compile(r"\b(?:SELECT|FROM|JOIN|PRAGMA|CASE WHEN)\b|\w\(\{|^gh |^for ")
# What libraries say, by which a cause is recognized.
OF_LIBRARIES: Final = {"Tunnel connection failed", "record layer failure", "input/output error"}
UNSEEN: Final = (*BEFORE_A_PAGE, *NOT_RUN, *NOT_BROKEN, *DETAILS_OF_DAMAGE)


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
    """Return the messages and hints of failures of operations, and of the commands that they run."""
    return (
        {
            template
            for file in _seen()
            for call in _calls(file)
            if _name(call).endswith("Error") or _name(call) == "__init__"
            for node in (*call.args[:1], *(each.value for each in call.keywords if each.arg == "hint"))
            for value in _values(node, file)
            for template in templates(value)
            if _is_sentence(template)
        }
        | _of_functions("backup/restore/guard.py", "_if_older", "_fork")
        | _of_functions("cli/piece_files.py", "make_folder", "_unwritable")
        | _rejected_values()
        | _causes()
    )


def _causes() -> set[str]:
    """Return the causes and hints that modules choose from tables or put together."""
    found = {
        OF_THE_CLOUD.get(template, template).replace("{origin}", "{0}")
        for path in CAUSES
        for template in _sentences(_parsed(CLIENT / path).body)
        if _count(template) > 1 and template.strip() == template and not CODE.search(template)
    }
    return found - OF_LIBRARIES


def _rejected_values() -> set[str]:
    """Return why a value of an option or a setting is refused."""
    return {
        template
        for call in _calls(CLIENT / "cli/arguments.py")
        if isinstance(call.func, ast.Attribute) and call.func.attr == "fail"
        for template in templates(call.args[0])
    }


def notices() -> set[str]:
    """Return what the commands that the window runs tell while they run."""
    found = {
        template
        for file in _seen()
        for call in _calls(file)
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"notice", "show", "warn"} and call.args
        for value in _values(call.args[0], file)
        for template in templates(value)
        if _is_sentence(template)
    }
    return (
        found
        | _of_functions("cli/signing_in.py", "describe")
        | _of_functions("cli/provisioning.py", "_what_is_made", "_who_learns_what")
    )


def secrets() -> set[str]:
    """Return the kinds of secrets as findings name them; `{0}` stands for a provider."""
    folder = CLIENT / "models/secrets"
    made = {
        template
        for file in folder.glob("*.py")
        for call in _calls(file)
        if _name(call) in {"Candidate", "_candidate"}
        for node in call.args[1:2]
        for value in _values(node, file)
        for template in templates(value)
    }
    tables = {row[3] for row in structures._PASSWORDS} | set(structures._WEBHOOKS.values())
    return made | tables | {f"{{0}} {each.kind}" for each in table()} | {"private key"}


def summaries() -> set[str]:
    """Return the words that the memory adds to the owner's own."""
    return _of_functions("memory/formation/description.py", "_title", "_lines") | _of_functions(
        "memory/formation/summaries.py", "_line"
    )


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


def _seen() -> Iterator[Path]:
    yield from (file for file in CLIENT.rglob("*.py") if not str(file.relative_to(CLIENT)).startswith(UNSEEN))


def _values(node: ast.expr, file: Path) -> Iterator[ast.expr]:
    """Yield an expression, or what its name stands for in the file; and the same for what it puts together."""
    for each in _named(node, file):
        yield each
        for part in each.values if isinstance(each, ast.JoinedStr) else ():
            if isinstance(part, ast.FormattedValue):
                yield from (value for value in _named(part.value, file) if _has_words(value))


def _named(node: ast.expr, file: Path) -> Iterator[ast.expr]:
    if not isinstance(node, ast.Name):
        yield node
        return
    for each in ast.walk(_parsed(file)):
        if isinstance(each, ast.Assign | ast.AnnAssign) and each.value is not None:
            targets = each.targets if isinstance(each, ast.Assign) else [each.target]
            if any(isinstance(target, ast.Name) and target.id == node.id for target in targets):
                yield each.value


def _has_words(node: ast.expr) -> bool:
    """Whether a part of a message says something by itself: at least two words."""
    texts = list(templates(node))
    return bool(texts) and all(text == text.strip("# ") and _count(text) > 1 for text in texts)


def _of_functions(path: str, *names: str) -> set[str]:
    """Return the sentences in the bodies of functions of a module."""
    file = CLIENT / path
    functions = [
        each for each in ast.walk(_parsed(file)) if isinstance(each, ast.FunctionDef) and each.name in names
    ]
    assert {each.name for each in functions} == set(names), path
    found = [node for function in functions for node in ast.walk(function)]
    names_used = {each.id for each in found if isinstance(each, ast.Name) and each.id.isupper()}
    constants = {
        name: template
        for name in names_used
        for value in _values(ast.Name(name), file)
        for template in templates(value)
    }
    return {*_sentences(functions), *(text for text in constants.values() if _is_sentence(text))}


def _sentences(roots: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the sentences below some nodes, except docstrings."""
    found = [node for root in roots for node in ast.walk(root)]
    docs = {id(each.value) for each in found if isinstance(each, ast.Expr)}
    inner = {id(part) for each in found if isinstance(each, ast.JoinedStr) for part in each.values}
    for node in found:
        if isinstance(node, ast.Constant | ast.JoinedStr) and not {id(node)} & (docs | inner):
            yield from (template for template in templates(node) if _is_sentence(template))


def _count(text: str) -> int:
    """Return how many words a template has besides its values."""
    return len(re.findall("[a-z]{2,}", re.sub(r"\{\d\}", "", text)))


def _is_sentence(template: str) -> bool:
    """Whether a template has words of its own besides its values, and is not about a terminal."""
    if "no terminal" in template or template.startswith("cancelled;") or "\n" in template:
        return False
    return " " in template and bool(re.search("[A-Za-z]{2}", re.sub(r"\{\d\}", "", template)))


def is_command(line: str) -> bool:
    """Whether a line is a command alone, which stays as it is in every language."""
    return line.startswith(("satchel ", "chmod ")) and not {",", ";", ":"} & set(line)


def _is_reason(line: str) -> bool:
    return " " in line and line[0].islower() and "/" not in line and '"' not in line


def _name(call: ast.Call) -> str:
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")


@cache
def _parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def _calls(file: Path) -> Iterator[ast.Call]:
    yield from _calls_of(_parsed(file))


def _calls_of(tree: ast.AST) -> Iterator[ast.Call]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def templates(node: ast.expr) -> Iterator[str]:
    """Yield the texts of an expression: constants, and f-strings with numbered values."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from templates(node.body)
        yield from templates(node.orelse)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "strip":
        yield from templates(node.func.value)
    elif isinstance(node, ast.JoinedStr):
        text, number = "", 0
        for part in node.values:
            if isinstance(part, ast.Constant):
                text += str(part.value)
            else:
                text, number = f"{text}{{{number}}}", number + 1
        yield text
