"""Titles and descriptions of commands: shell scripts, one-liners, Makefiles, Dockerfiles, SQL."""

import re
from typing import Final

from satchel.models.parsing.declarations import declarations_in
from satchel.models.titles.comments import early_comment, leading_comment
from satchel.models.titles.lexicon import word_set
from satchel.models.titles.names import noun
from satchel.models.titles.outline import Outline, described, listed, one_line, titled
from satchel.models.titles.program_verbs import PROGRAMS, SUBCOMMANDS
from satchel.models.titles.wording import sentence_for

COMMENTED: Final = 0.8
SAID: Final = 0.6
LISTED: Final = 0.45
_EXAMINED: Final = 16_384
_LINE_CHARS: Final = 400
_ASSIGNMENT: Final = re.compile(
    r"(?:[A-Za-z_]\w{0,60}=(?:\"[^\"\n]{0,200}\"|'[^'\n]{0,200}'|\$\([^()\n]{0,200}\)|[^\s\"'$;|&]{0,200})[ \t]+)+"
)
_WRAPPERS: Final = word_set(
    "sudo time nohup exec nice command env xargs then do else if while until doas builtin"
)
_BUILTINS: Final = word_set(
    "set cd export echo local return exit fi done esac case for function shift trap source read printf true false test unset declare readonly eval wait break continue umask alias [ [[ { } ( ) : . !"
)
_BREAKS: Final = re.compile(r"\|\||&&|[|;]")


def describe_script(text: str, language: str, file_name: str) -> Outline | None:  # noqa: ARG001
    """Describe a script by its comment, a one-liner by its programs, and both by what these do."""
    text = text[:_EXAMINED]
    comment = leading_comment(text) or early_comment(text)
    commands = _commands(text)
    names = list(dict.fromkeys(command.split(" ", 1)[0] for command in commands))
    runs = f"Runs {listed(names, 5)}" if names else ""
    if comment:
        return Outline(titled(comment), described(comment, runs), COMMENTED, "its first comment")
    deeds = list(dict.fromkeys(filter(None, map(_deed, commands))))
    functions = [one for one in declarations_in(text, language) if one.kind == "function"]
    if functions and len(deeds) != 1:
        title = listed([sentence_for(functions[0]), *(sentence_for(one).lower() for one in functions[1:])], 2)
        return Outline(titled(title), described(title, runs), SAID, "the names of its functions")
    if deeds:
        title = deeds[0] if len(deeds) == 1 else f"{deeds[0]} and {deeds[1][:1].lower()}{deeds[1][1:]}"
        return Outline(titled(title), described(_sequence(deeds, 3), runs), SAID, "the programs it runs")
    if not names:
        return None
    is_short = text.strip().count("\n") < 2
    title = one_line(text.strip().removeprefix("$ ")) if is_short else f"Run {listed(names)}"
    return Outline(titled_command(title), described(runs), LISTED, "its commands")


def _sequence(sentences: list[str], most: int) -> str:
    """Join sentences: "Create the table users and create the index by_name"."""
    first, *rest = sentences
    return listed([first, *(one[:1].lower() + one[1:] for one in rest)], most)


def titled_command(text: str) -> str:
    """Return a command as a title: its case stays."""
    cut = titled(text)
    return text[:1] + cut[1:] if cut else cut


def _commands(text: str) -> list[str]:
    """Return the commands of a script with their first words, wrappers and assignments left out."""
    found: list[str] = []
    for line in text.replace("\\\n", " ").splitlines()[:400]:
        short = line[:_LINE_CHARS].strip().removeprefix("$ ").removeprefix("% ").strip()
        if short.startswith("#"):
            continue
        for part in _BREAKS.split(short):
            words = _ASSIGNMENT.sub("", part.strip() + " ", count=1).split()
            while words and (words[0] in _WRAPPERS or words[0].startswith("-")):
                words.pop(0)
            if words and words[0] not in _BUILTINS and re.fullmatch(r"[A-Za-z][\w.+-]{0,40}", words[0]):
                found.append(" ".join(words[:8]))
    return found[:60]


def programs_in(text: str) -> list[str]:
    """Return the programs that a script runs, each once."""
    return list(dict.fromkeys(command.split(" ", 1)[0] for command in _commands(text[:_EXAMINED])))


def _deed(command: str) -> str:
    """Return what a command does, from the table of programs; empty for an unknown program."""
    program, *arguments = command.split()
    words = [word for word in arguments if not word.startswith(("-", "<", ">", "2>"))]
    if program in SUBCOMMANDS:
        for size in (2, 1):
            said = SUBCOMMANDS[program].get(" ".join(words[:size]))
            if said:
                return said
    return PROGRAMS.get(program, "")


_TARGET: Final = re.compile(
    r"^(?P<name>[A-Za-z][\w./-]{0,60})(?:[ ]+[\w./-]{1,60}){0,5}[ ]*:(?!=)", re.MULTILINE
)


def describe_makefile(text: str, language: str, file_name: str) -> Outline | None:  # noqa: ARG001
    """Describe a Makefile by its targets."""
    targets = list(dict.fromkeys(match["name"] for match in _TARGET.finditer(text[:_EXAMINED])))
    comment = leading_comment(text)
    name = file_name or "Makefile"
    if not targets:
        return (
            Outline(titled(comment), described(comment), COMMENTED, "its first comment") if comment else None
        )
    title = comment or f"{name} with {listed(targets)}"
    return Outline(
        titled(title),
        described(comment, f"Has the targets {listed(targets, 6)}"),
        SAID,
        "its first comment" if comment else "its targets",
    )


_FROM: Final = re.compile(
    r"^FROM[ \t]+(?:--\S{1,60}[ \t]+)?(?P<image>\S{1,120})(?:[ \t]+AS[ \t]+(?P<name>\S{1,60}))?",
    re.MULTILINE | re.IGNORECASE,
)
_ENTRY: Final = re.compile(
    r"^(?:CMD|ENTRYPOINT)[ \t]+(?P<command>[^\n]{1,200})", re.MULTILINE | re.IGNORECASE
)
_PORT: Final = re.compile(r"^EXPOSE[ \t]+(?P<port>[\d/a-z ]{1,40})", re.MULTILINE | re.IGNORECASE)


def describe_dockerfile(text: str, language: str, file_name: str) -> Outline | None:  # noqa: ARG001
    """Describe a Dockerfile by its base image and what it runs."""
    text = text[:_EXAMINED]
    stages = {match["name"] for match in _FROM.finditer(text) if match["name"]}
    images = [match["image"] for match in _FROM.finditer(text) if match["image"] not in stages]
    if not images:
        return None
    entry = _ENTRY.search(text)
    port = _PORT.search(text)
    command = " ".join(re.findall(r"[^\s\"\[\],]+", entry["command"])) if entry else ""
    program = _program(command)
    title = f"{file_name or 'Dockerfile'} on {images[-1]}" + (f" that runs {program}" if program else "")
    sentences = (
        f"Builds on {listed(images)}",
        f"Runs {command}" if command else "",
        f"Exposes port {port['port'].strip()}" if port else "",
    )
    return Outline(titled(title), described(*sentences), SAID + 0.15, "its base image")


def _program(command: str) -> str:
    words = [
        word for word in command.split() if not word.startswith("-") and word not in ("sh", "bash", "/bin/sh")
    ]
    if words[:1] in (["python"], ["python3"], ["node"], ["java"], ["npm"], ["dotnet"]) and len(words) > 1:
        return words[-1] if words[0] != "npm" else " ".join(words[:2])
    return words[0].rpartition("/")[2] if words else ""


_SQL_COMMENT: Final = re.compile(r"--[^\n]*|/\*[^*]{0,2000}\*/")
_NAME: Final = r"[\"`\[]?(?P<name>[A-Za-z_][\w.$]{0,80})"
_STATEMENTS: Final = (
    (
        "Create the {kind} {name}",
        re.compile(
            rf"create\s+(?:or\s+replace\s+)?(?:(?:global|temp|temporary|unique|materialized|recursive|virtual)\s+){{0,3}}(?P<kind>table|view|index|function|procedure|trigger|schema|database|type|sequence|role|user|extension)\s+(?:concurrently\s+)?(?:if\s+not\s+exists\s+)?{_NAME}",
            re.IGNORECASE,
        ),
    ),
    (
        "Alter the {kind} {name}",
        re.compile(
            rf"alter\s+(?P<kind>table|view|index|role|user|database|sequence)\s+(?:if\s+exists\s+)?(?:only\s+)?{_NAME}",
            re.IGNORECASE,
        ),
    ),
    (
        "Drop the {kind} {name}",
        re.compile(
            rf"drop\s+(?P<kind>table|view|index|function|schema|database|trigger)\s+(?:if\s+exists\s+)?{_NAME}",
            re.IGNORECASE,
        ),
    ),
    (
        "Insert into {name}",
        re.compile(rf"insert\s+(?:or\s+\w+\s+)?(?:ignore\s+)?into\s+{_NAME}", re.IGNORECASE),
    ),
    (
        "Update {name}",
        re.compile(rf"update\s+(?:only\s+)?{_NAME}\s+(?:as\s+\w+\s+|\w+\s+)?set\b", re.IGNORECASE),
    ),
    ("Delete from {name}", re.compile(rf"delete\s+from\s+{_NAME}", re.IGNORECASE)),
    (
        "Grant rights on {name}",
        re.compile(rf"grant\s+[\w, ]{{1,80}}\s+on\s+(?:table\s+)?{_NAME}", re.IGNORECASE),
    ),
)
_SELECTED: Final = re.compile(r"\bselect\s+(?:distinct\s+)?(?P<columns>[^;]{1,400}?)\s+from\b", re.IGNORECASE)
_TABLES: Final = re.compile(r"\b(?:from|join)\s+[\"`\[]?(?P<name>[A-Za-z_][\w.$]{0,80})", re.IGNORECASE)
_GROUPED: Final = re.compile(r"\bgroup\s+by\s+(?P<by>[\w.]{1,60})", re.IGNORECASE)


def describe_sql(text: str, language: str, file_name: str) -> Outline | None:  # noqa: ARG001
    """Describe SQL by its comment, or by its first statement and its tables."""
    text = text[:_EXAMINED]
    comment = leading_comment(text)
    bare = _SQL_COMMENT.sub(" ", text)
    deeds = _sql_deeds(bare)
    tables = list(dict.fromkeys(match["name"] for match in _TABLES.finditer(bare)))
    uses = f"Reads {listed(tables, 4)}" if tables else ""
    if comment:
        return Outline(titled(comment), described(comment, listed(deeds[:3])), COMMENTED, "its first comment")
    if not deeds:
        return None
    title = _several_of_a_kind(deeds) or _sequence(deeds, 2)
    return Outline(titled(title), described(_sequence(deeds, 4), uses), SAID, "its statements")


def _several_of_a_kind(deeds: list[str]) -> str:
    """Return "Create the tables users and orders" for statements that do the same; empty for others."""
    heads = {deed.rpartition(" ")[0] for deed in deeds}
    head = next(iter(heads))
    if len(deeds) < 2 or len(heads) > 1 or not head.startswith(("Create the ", "Drop the ", "Alter the ")):
        return ""
    plural = f"{head[:-1]}ies" if head.endswith("y") else f"{head}es" if head.endswith("x") else f"{head}s"
    return f"{plural} {listed([deed.rpartition(' ')[2] for deed in deeds])}"


def _sql_deeds(text: str) -> list[str]:
    found: list[tuple[int, str]] = []
    for form, rule in _STATEMENTS:
        for match in rule.finditer(text):
            kind = match.groupdict().get("kind") or ""
            found.append((match.start(), form.format(kind=kind.lower(), name=match["name"])))
    if not found:
        selected = _SELECTED.search(text)
        tables = list(dict.fromkeys(match["name"] for match in _TABLES.finditer(text)))
        if selected and tables:
            found.append((0, _selection(selected["columns"], tables, text)))
    return list(dict.fromkeys(deed for _, deed in sorted(found)[:12]))


def _selection(columns: str, tables: list[str], text: str) -> str:
    names = [
        re.split(r"\s+as\s+|[\s.]+", column.strip(), flags=re.IGNORECASE)[-1].strip('"`[]();')
        for column in columns.split(",")
    ]
    names = [noun(name) for name in names if re.fullmatch(r"\w{1,40}", name)]
    grouped = _GROUPED.search(text)
    verb = "Count" if re.search(r"\bcount\s*\(", columns, re.IGNORECASE) and len(names) <= 2 else "Select"
    what = f"{listed(names, 2)} from " if verb == "Select" and names else ""
    return f"{verb} {what}{listed(tables, 2)}" + (
        f" by {noun(grouped['by'].rpartition('.')[2])}" if grouped else ""
    )
