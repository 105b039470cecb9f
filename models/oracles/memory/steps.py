"""What a person types for a purpose: the commands around a change, a trouble, an example, a review.

for step in around(chance, change, kit, "/home/eva/src/libevdev"):
    step.text, step.failed, step.seconds, step.pause_s
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final, Literal

from models.oracles.memory.histories import Change

Writer = Literal["shell", "git", "agents", "files"]

PLAIN_WORDS: Final = frozenset(
    re.findall(
        r"\S+",
        "about after again all also and any are avoid before being better both but can check code could "
        "does don't each else ensure even ever feat fix fixed fixes for from get has have handle handling "
        "if improve instead into its just like make makes more move never new not now old one only other "
        "out over properly refactor remove rename same set should since some support test tests than that "
        "the their them then there these they this those through tweak under unused update use used using "
        "very was way well were what when where which while will with within without work would you don "
        "doesn didn isn won couldn shouldn add added adds allow chore correct perf return returns",
    )
)
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z_]{2,}")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is recorded: `pause_s` is before it, `seconds` is how long it takes."""

    text: str
    writer: Writer = "shell"
    failed: bool = False
    seconds: float = 0.5
    pause_s: float = 20.0
    place: str = ""  # of the task, if it is empty
    detail: Mapping[str, str] = field(default_factory=dict)
    is_answer: bool = False


@dataclass(frozen=True, slots=True)
class Kit:
    """How a project is built and tested. {stem} is the name of a file without its suffix."""

    build: tuple[str, ...]
    test: tuple[str, ...]
    folder: str
    suffix: str


KITS: Final = {
    "meson": Kit(
        ("ninja -C build", "meson compile -C build"),
        ("meson test -C build {stem}", "meson test -C build --suite {stem}", "ninja -C build test"),
        "src",
        ".c",
    ),
    "make": Kit(
        ("make -j8", "make"), ("make check TESTS={stem}", "make check", "./tests/{stem}"), "src", ".c"
    ),
    "npm": Kit(
        ("npm run build", "npx tsc --noEmit", "npm run lint"),
        ("npm test -- {stem}", "npx vitest run {stem}", "npx jest {stem}", "npm test"),
        "src",
        ".ts",
    ),
}
EDITORS: Final = ("vim", "vim", "nvim", "code", "emacs -nw")
LOOKS: Final = (
    "rg {word}",
    "rg -n {word} {folder}",
    "git grep -n {word}",
    "git log --oneline -10 -- {file}",
    "git blame {file}",
    "git log -S{word} --oneline",
    "less {file}",
    "grep -rn {word} {folder}",
    "fd {stem}",
    "wc -l {file}",
)
NOISE: Final = (
    "ls",
    "ls -la",
    "git status",
    "git status -sb",
    "clear",
    "git diff",
    "git stash list",
    "pwd",
    "git branch",
    "git log --oneline -5",
    "history | tail",
    "gd",
    "htop",
    "cal",
    "date",
)


def words_of(text: str) -> list[str]:
    """Return the telling words of a subject, in order and without repetitions."""
    found = (word for word in _WORD.findall(text) if word.lower() not in PLAIN_WORDS)
    return list(dict.fromkeys(found))


def files_of(change: Change, kit: Kit) -> tuple[str, ...]:
    """Return the files of a change; one that its words suggest if the record names none."""
    if change.files:
        return tuple(
            name if "/" in name or not name.endswith(kit.suffix) else f"{kit.folder}/{name}"
            for name in change.files
        )
    scope = re.match(r"(?:\w+\()?([\w-]{3,20})\)?: ", change.subject)
    stem = scope[1] if scope and scope[1] not in PLAIN_WORDS else next(iter(words_of(change.subject)), "main")
    return (f"{kit.folder}/{stem.lower()}{kit.suffix}",)


def around(chance: Random, change: Change, kit: Kit, branch: str) -> Iterator[Step]:
    """Yield the steps towards one commit, up to the commit that git's hook records."""
    files = files_of(change, kit)
    words = words_of(change.subject) or ["TODO"]
    editor = chance.choice(EDITORS)
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        yield _filled(
            chance, chance.choice(LOOKS), files, words, kit, pause_s=chance.lognormvariate(3.4, 0.9)
        )
    yield _edit(chance, editor, files)
    for _ in range(chance.choice((0, 0, 1, 1, 2, 3))):
        yield _filled(
            chance,
            chance.choice((*kit.build, *kit.test)),
            files,
            words,
            kit,
            failed=True,
            seconds=chance.uniform(1, 40),
        )
        yield _edit(chance, editor, files)
    for template in (chance.choice(kit.build), chance.choice(kit.test)):
        if chance.random() < 0.75:
            yield _filled(chance, template, files, words, kit, seconds=chance.uniform(2, 90))
    yield from _committed(chance, change, files, branch)


def _edit(chance: Random, editor: str, files: tuple[str, ...]) -> Step:
    seconds = 1.0 if editor == "code" else chance.lognormvariate(5.0, 1.0)
    pause_s = chance.lognormvariate(5.0, 1.0) if editor == "code" else chance.lognormvariate(3.0, 0.8)
    return Step(f"{editor} {chance.choice(files)}", seconds=min(seconds, 2400), pause_s=min(pause_s, 2400))


def _filled(
    chance: Random,
    template: str,
    files: tuple[str, ...],
    words: list[str],
    kit: Kit,
    *,
    failed: bool = False,
    seconds: float = 0.3,
    pause_s: float | None = None,
) -> Step:
    file = chance.choice(files)
    stem = file.rsplit("/", 1)[-1].split(".", 1)[0]
    text = template.format(word=chance.choice(words), file=file, stem=stem, folder=kit.folder)
    return Step(
        text,
        failed=failed,
        seconds=seconds,
        pause_s=chance.lognormvariate(3.0, 0.9) if pause_s is None else pause_s,
    )


def _committed(chance: Random, change: Change, files: tuple[str, ...], branch: str) -> Iterator[Step]:
    if chance.random() < 0.5:
        yield Step("git diff", pause_s=15, seconds=20)
    yield Step(
        chance.choice(("git add -p", "git add -u", f"git add {' '.join(files[:3])}", "git add .")),
        pause_s=8,
        seconds=6,
    )
    in_editor = chance.random() < 0.4 or "'" in change.subject
    yield Step(
        "git commit" if in_editor else f"git commit -m '{change.subject}'",
        pause_s=10,
        seconds=chance.uniform(1, 90),
    )
    message = f"{change.subject}\n\n{change.body}".strip() if in_editor else change.subject
    yield Step(message, "git", pause_s=0, seconds=0, detail={"branch": branch, "files": "\n".join(files)})


def pushed(chance: Random, change: Change, branch: str) -> Iterator[Step]:
    """Yield the steps that publish a branch, with the fixes of a review now and then."""
    if chance.random() < 0.25:
        yield Step("git rebase -i origin/main", pause_s=30, seconds=40)
    if branch == "main":
        if chance.random() < 0.3:
            yield Step("git push", failed=True, seconds=2)
            yield Step("git pull --rebase", seconds=3, pause_s=5)
        yield Step("git push", seconds=3)
        return
    yield Step(f"git push -u origin {branch}", seconds=3)
    if chance.random() < 0.6:
        yield Step(f'gh pr create --title "{change.subject.replace(chr(34), "")}" --fill', seconds=12)
    if chance.random() < 0.35:
        yield Step("git commit --amend --no-edit", pause_s=chance.lognormvariate(6.3, 0.7), seconds=1)
        yield Step("git push --force-with-lease", seconds=3, pause_s=6)


def review(chance: Random, change: Change, kit: Kit, number: int) -> Iterator[Step]:
    """Yield the steps of looking at a colleague's branch."""
    files = files_of(change, kit)
    words = words_of(change.subject) or ["TODO"]
    yield Step(f"gh pr checkout {number}", seconds=3)
    yield Step("git log -p main..", seconds=chance.uniform(30, 400))
    yield _filled(
        chance, chance.choice(kit.test), files, words, kit, failed=chance.random() < 0.3, seconds=20
    )
    yield _filled(chance, chance.choice(LOOKS), files, words, kit)
    verdict = chance.choice(("--approve", "--request-changes -b", "--comment -b"))
    body = "" if verdict == "--approve" else f' "{change.subject.replace(chr(34), "")}: see comments"'
    yield Step(f"gh pr review {number} {verdict}{body}", pause_s=60, seconds=4)
    yield Step("git switch -", pause_s=5)


def slipped(chance: Random, step: Step) -> Step | None:
    """Return the step with a typing error; None if its command cannot be mistyped."""
    name, blank, rest = step.text.partition(" ")
    if len(name) < 3 or not name.isalpha():
        return None
    if rest and len(rest) > 6 and chance.random() < 0.4:
        at = chance.randrange(1, len(rest) - 2)
        return replace(
            step, text=f"{name}{blank}{rest[:at]}{rest[at + 1 :]}", failed=True, seconds=0.2, is_answer=False
        )
    at = chance.randrange(len(name) - 1)
    typed = f"{name[:at]}{name[at + 1]}{name[at]}{name[at + 2 :]}"
    return (
        None
        if typed == name
        else replace(step, text=f"{typed}{blank}{rest}", failed=True, seconds=0.1, is_answer=False)
    )
